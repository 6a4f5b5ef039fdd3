"""The live tallies: the numbers of every poll, updated with each durable ballot.

The store passes each durable step on, in order, so a tally never contains what a crash could take
back. A results document costs the same with ten ballots and with a million.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from voting.methods import Answer, Method, Threshold, count_valid, mark_votes
from voting.model.ballots import Ballot
from voting.model.polls import Poll, Quorum, State
from voting.model.workers import Worker
from voting.record import RoundDocument
from voting.store import Step, Store
from voting.verdicts import Verdict


@dataclass
class Tally:
    """One poll's durable numbers: `votes` by candidate; `ballots` includes the `blank` ones."""

    poll: Poll
    version: int
    votes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    ballots: int = 0
    blank: int = 0

    def add(self, ballot: Ballot, count: int) -> None:
        """Add a ballot, or with a `count` of -1 remove it."""
        self.ballots += count
        if not ballot.marks:
            self.blank += count
        for candidate, votes in mark_votes(self.poll.method, ballot.marks):
            self.votes[candidate] += count * votes

    def take(self, counts: Mapping[str, int]) -> None:
        """Take over what the poll's ballots count together (`marks_counts`)."""
        lead = "first " if self.poll.method == "ranked" else ""
        self.ballots, self.blank = counts.get("ballots", 0), counts.get("blank", 0)
        for each in self.poll.candidates:
            if votes := counts.get(f"{lead}{each.id}"):
                self.votes[each.id] = votes

    def apply(self, step: Step) -> bool:
        """Apply a step of a ballot; return whether it changes what somebody can see of the poll."""
        before, after = step
        if isinstance(before, Ballot):
            self.add(before, -1)
        if isinstance(after, Ballot):
            self.add(after, 1)
            if isinstance(before, Ballot):  # the number of ballots is the same
                return before.marks != after.marks and not results_hidden(self.poll, host=True)
        return True


class Tallies:
    """Tallies by poll.

    notify: called with the ids of the polls whose results documents have changed

    A poll's version begins at the store's sequence number and grows by one with each change. Each
    change takes at least one step of the store, so the version also grows over restarts, although
    it is not stored. Only what somebody can see counts as a change: while a tally is hidden from
    everybody, a voter who votes again does not change the version.

    Where processes share a store, the version is the number of the batch that has changed the poll,
    and is the same for all of them: when one more begins, all raise older ones to that batch.
    """

    def __init__(self, store: Store, notify: Callable[[set[int]], None]) -> None:
        self.epoch = store.epoch
        self._store, self._shared = store, store.worker is not None
        self._floor = store.sequence
        self._polls: dict[int, Tally] = {}
        self._notify, self._loaded = notify, False
        store.subscribe(self._apply, Ballot, Poll, Worker)

    def of(self, poll_id: int) -> Tally | None:
        """Return a poll's tally; None if there is no such durable poll."""
        return self._polls.get(poll_id)

    @staticmethod
    def eligible(poll: Poll) -> int | None:
        """Return how many may vote in an opened poll; None if nobody knows."""
        if poll.outcome is not None:
            ended: int | None = poll.outcome["eligible"]
            return ended
        count = poll.electorate
        return None if count is None else count["size"] + count["admitted"]

    def _load(self, steps: Collection[Step]) -> None:
        """Take the polls that are stored at first, with the counts of their ballots."""
        self._loaded = True
        for step in steps:
            if isinstance(step.after, Poll):
                version = self._floor + (not self._shared)
                tally = self._polls[step.after.id] = Tally(step.after, version)
                tally.take(self._store.counts(step.after.id))

    def _apply(self, steps: Collection[Step]) -> None:
        if not self._loaded:
            self._load(steps)
            return
        changed: set[int] = set()
        for step in steps:
            match step.after or step.before:
                case Ballot(poll=poll_id):
                    tally = self._polls.get(poll_id)
                    if tally is not None and tally.apply(step):
                        changed.add(poll_id)
                case Poll() as poll:
                    self._apply_poll(poll, gone=step.after is None)
                    changed.add(poll.id)
                case Worker() if step.after is not None:
                    self._raise_all()
        changed &= self._polls.keys()
        number = self._store.sequence
        for poll_id in changed:
            tally = self._polls[poll_id]
            tally.version = number if self._shared else tally.version + 1
        self._notify(changed)

    def _raise_all(self) -> None:
        for tally in self._polls.values():
            tally.version = max(tally.version, self._store.sequence)

    def _apply_poll(self, poll: Poll, *, gone: bool) -> None:
        if gone:
            self._polls.pop(poll.id, None)
        else:
            self._polls.setdefault(poll.id, Tally(poll, self._floor)).poll = poll


def results_hidden(poll: Poll, *, host: bool = False) -> bool:
    """Return whether a poll's tally is hidden. Before the close it is hidden from hosts, too."""
    if poll.state in ("draft", "void"):
        return True
    if poll.results == "live":
        return False
    return poll.state != "closed" or (poll.results == "host" and not (host or poll.published))


class TallyRow(TypedDict):
    """A candidate's votes: marks, points or first preferences.

    `passed` is null until the close decides whether they pass the threshold. `answer` is what a
    motion's candidate says; abstentions have no `share`.
    """

    candidate: int
    name: str
    votes: int
    share: float | None
    passed: bool | None
    answer: Answer | None


class ResultsFrame(TypedDict):
    """A poll's results, without the time at which they were sent."""

    poll: int
    state: State
    epoch: int
    version: int
    method: Method
    ballots: int
    blank: int | None
    eligible: int | None
    turnout: float | None
    tally: list[TallyRow] | None
    winners: list[int] | None
    tied: list[int] | None
    rounds: list[RoundDocument] | None
    verdict: Verdict | None
    quorum: Quorum | None
    threshold: Threshold | None
    digest: str | None


class Results(ResultsFrame):
    """A poll's results. Keep the one with the greatest (`epoch`, `version`). Hidden is null."""

    server_time: datetime


def results_document(tallies: Tallies, tally: Tally, *, hidden: bool) -> ResultsFrame:
    """Return the results document of a poll, all but `server_time`."""
    poll = tally.poll
    ended, eligible = poll.outcome or {}, tallies.eligible(poll)
    document: ResultsFrame = {
        "poll": poll.id,
        "state": poll.state,
        "epoch": tallies.epoch,
        "version": tally.version,
        "method": poll.method,
        "ballots": tally.ballots,
        "blank": tally.blank,
        "eligible": eligible,
        "turnout": round(tally.ballots / eligible, 4) if eligible else None,
        "tally": tally_rows(tally),
        "winners": ended.get("winners"),
        "tied": ended.get("tied"),
        "rounds": ended.get("rounds"),
        "verdict": poll.verdict,
        "quorum": poll.quorum,
        "threshold": poll.threshold,
        "digest": ended.get("digest"),
    }
    if hidden:
        document |= {"blank": None, "tally": None, "winners": None, "tied": None}
        document |= {"rounds": None, "quorum": None, "threshold": None, "digest": None}
        document["verdict"] = "void" if poll.state == "void" else None
    return document


def tally_rows(tally: Tally) -> list[TallyRow]:
    """Return the votes by candidate, in the candidates' order."""
    poll, marked = tally.poll, tally.ballots - tally.blank
    valid = count_valid(poll.method, [each.id for each in poll.candidates], tally.votes, marked)
    full = valid * (poll.score_max if poll.method == "score" else 1)
    passed = (poll.outcome or {}).get("passed", {})
    return [
        {
            "candidate": each.id,
            "name": each.name,
            "votes": (votes := tally.votes.get(each.id, 0)),
            "share": None if each.answer == "abstain" else round(votes / full, 4) if full else 0.0,
            "passed": passed.get(str(each.id), None if poll.threshold else True),
            "answer": each.answer,
        }
        for each in poll.candidates
    ]
