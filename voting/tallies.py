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
        if not ballot.choices:
            self.blank += count
        for choice in ballot.choices:
            self.votes[choice] = self.votes.get(choice, 0) + count


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


def results_hidden(poll: Poll) -> bool:
    """Tell whether a poll's tally may not be shown yet to people in general."""
    if poll.results == "live" or poll.published:
        return False
    return poll.results == "host" or poll.state != "closed"


def results_document(tallies: Tallies, tally: Tally) -> dict[str, Any]:
    """Return the results document of a poll, all but `server_time`, as anyone may see it."""
    poll, hidden = tally.poll, results_hidden(tally.poll)
    valid = tally.ballots - tally.blank
    eligible = tallies.accounts if poll.eligibility == "accounts" else None
    return {
        "poll": poll.id,
        "state": poll.state,
        "epoch": tallies.epoch,
        "version": tally.version,
        "method": poll.method,
        "ballots": tally.ballots,
        "blank": None if hidden else tally.blank,
        "eligible": eligible,
        "turnout": round(tally.ballots / eligible, 4) if eligible else None,
        "tally": None
        if hidden
        else [
            {
                "candidate": candidate.id,
                "name": candidate.name,
                "votes": tally.votes.get(candidate.id, 0),
                "share": round(tally.votes.get(candidate.id, 0) / valid, 4) if valid else 0.0,
                "passed": True,
            }
            for candidate in poll.candidates
        ],
        "winners": None,
        "tied": None,
        "rounds": None,
        "threshold": None,
        "digest": None,
    }
