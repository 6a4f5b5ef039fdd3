"""The running tallies: what is durable of every poll, kept as ballots come, for all to be told.

The store tells it of each durable step, in order; nothing that could still be lost gets in.
A results document costs the same at ten ballots and at a million.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from db import Step, Store
from schemas.accounts import Account
from schemas.ballots import Ballot
from schemas.polls import Poll
from voting.methods import mark_votes


HIDDEN = ("blank", "tally", "winners", "tied", "rounds", "threshold", "digest")


@dataclass
class Tally:
    """One poll's durable state: `votes` by candidate, and how many ballots, blank ones too."""

    poll: Poll
    version: int
    votes: dict[int, int] = field(default_factory=dict)
    ballots: int = 0
    blank: int = 0

    def add(self, ballot: Ballot, count: int) -> None:
        """Count a ballot, or with -1 take it out again."""
        self.ballots += count
        if not ballot.marks:
            self.blank += count
        for candidate, votes in mark_votes(self.poll.method, ballot.marks):
            self.votes[candidate] = self.votes.get(candidate, 0) + count * votes


class Tallies:
    """Tallies by poll, and the number of accounts.

    `tell` is called with the ids of the polls whose results document has changed.

    A version begins at the store's sequence number and grows by one a change: a change takes
    at least one step of the store, so it grows over restarts too, with nothing stored for it.
    """

    def __init__(self, store: Store, tell: Callable[[set[int]], None]) -> None:
        self.epoch = store.epoch
        self.accounts = 0
        self._floor = store.sequence
        self._polls: dict[int, Tally] = {}
        self._tell: Callable[[set[int]], None] = lambda _changed: None
        store.subscribe(self._fold)
        self._tell = tell

    def of(self, poll_id: int) -> Tally | None:
        """Return a poll's tally; None where there is no such durable poll."""
        return self._polls.get(poll_id)

    def _fold(self, steps: Iterable[Step]) -> None:
        changed: set[int] = set()
        for step in steps:
            match step.after or step.before:
                case Ballot(poll=poll_id):
                    self._fold_ballot(self._polls[poll_id], step)
                    changed.add(poll_id)
                case Poll() as poll:
                    self._polls.setdefault(poll.id, Tally(poll, self._floor)).poll = poll
                    changed.add(poll.id)
                case Account():
                    self.accounts += (step.after is not None) - (step.before is not None)
                    changed |= {
                        tally.poll.id
                        for tally in self._polls.values()
                        if tally.poll.eligibility == "accounts" and tally.poll.state == "open"
                    }
        for poll_id in changed:
            self._polls[poll_id].version += 1
        self._tell(changed)

    @staticmethod
    def _fold_ballot(tally: Tally, step: Step) -> None:
        if isinstance(step.before, Ballot):
            tally.add(step.before, -1)
        if isinstance(step.after, Ballot):
            tally.add(step.after, 1)


def results_hidden(poll: Poll, *, host: bool = False) -> bool:
    """Tell whether a poll's tally may not be shown yet: before the close nobody sees more."""
    if poll.state in ("draft", "void"):
        return True
    if poll.results == "live":
        return False
    return poll.state != "closed" or (poll.results == "host" and not (host or poll.published))


def results_document(tallies: Tallies, tally: Tally, *, hidden: bool) -> dict[str, Any]:
    """Return the results document of a poll, all but `server_time`."""
    poll, valid = tally.poll, tally.ballots - tally.blank
    ended = poll.outcome or {}
    eligible = ended.get("eligible", tallies.accounts)
    full = valid * (poll.score_max if poll.method == "score" else 1)
    document: dict[str, Any] = {
        "poll": poll.id,
        "state": poll.state,
        "epoch": tallies.epoch,
        "version": tally.version,
        "method": poll.method,
        "ballots": tally.ballots,
        "blank": tally.blank,
        "eligible": eligible,
        "turnout": round(tally.ballots / eligible, 4) if eligible else None,
        "tally": [
            {
                "candidate": candidate.id,
                "name": candidate.name,
                "votes": (votes := tally.votes.get(candidate.id, 0)),
                "share": round(votes / full, 4) if full else 0.0,
                "passed": ended.get("passed", {}).get(str(candidate.id), poll.threshold is None),
            }
            for candidate in poll.candidates
        ],
        "winners": ended.get("winners"),
        "tied": ended.get("tied"),
        "rounds": ended.get("rounds"),
        "threshold": poll.threshold,
        "digest": ended.get("digest"),
    }
    return {**document, **dict.fromkeys(HIDDEN if hidden else ())}
