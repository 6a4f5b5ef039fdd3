"""Polls and their candidates."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, cast

from voting.methods import Answer, Method, Rule, Threshold
from voting.model.electorates import ElectorateCount
from voting.model.rooms import PRIVATE
from voting.verdicts import QuorumRule, Verdict, decide_election

State = Literal["draft", "open", "paused", "closed", "void"]
ONGOING = ("open", "paused")
ENDED = ("closed", "void")


@dataclass(frozen=True)
class Candidate:
    """A candidate. Its id is unique in the whole store, so it names the poll too.

    answer: the answer to a motion, which clients word; None in other polls
    picture: the key of a picture of the room, None without one
    """

    id: int
    name: str
    description: str = ""
    answer: Answer | None = None
    picture: str | None = None
    poll: int = field(default=0, metadata=PRIVATE)


@dataclass(frozen=True)
class Quorum:
    """How many people had to be present, and how many were; None if there is no quorum or it is not
    known yet.
    """

    required: int | None = None
    present_at_open: int | None = None
    present_at_close: int | None = None
    met: bool | None = None
    present: int | None = None
    """The base of shares of those present: the greater of the two, or all who have voted."""


@dataclass(frozen=True)
class Poll:
    """A question, its candidates and its rules. Times are aware UTC."""

    id: int
    room: str
    title: str
    candidates: tuple[Candidate, ...]
    description: str = ""
    follows: int | None = None
    method: Method = "plurality"
    seats: int = 1
    max_choices: int | None = None
    score_max: int = 5
    eligibility: Literal["roll", "accounts", "anyone"] = "accounts"
    require_presence: bool = False
    secrecy: Literal["named", "secret"] = "secret"
    results: Literal["live", "closed", "host"] = "live"
    published: bool = False
    allow_change: bool = True
    threshold: Threshold | None = None
    rule: Rule | None = None
    """How ranked ballots are counted; None in a poll that isn't ranked."""
    quorum_rule: QuorumRule = "record"
    """The room's quorum at the opening."""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    state: State = "draft"
    reason: str | None = None
    missed_opening: bool = False
    """Whether the server was off, or late, at `opens_at`; then a host decides."""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    """When its close began. While it is still open or paused, its ballots are being counted."""
    closed_by: str | None = field(default=None, metadata=PRIVATE)
    """Who began its close, until it is counted."""
    place: int | None = None
    """Sorts the drafts of a room, the next first; None stands for the id."""
    meeting: int | None = None
    """The meeting in which it was first opened; None outside of meetings."""
    quorum: Quorum = field(default_factory=Quorum)
    electorate: ElectorateCount | None = None
    """Who has a vote, fixed at the opening; only polls for the roll have one."""
    tally_shown: bool = field(default=False, metadata=PRIVATE)
    """Whether its tally was live for a while before it was hidden."""
    key_fingerprint: str | None = field(default=None, metadata=PRIVATE)
    """The fingerprint of the key under which its voters are pseudonyms."""
    outcome: dict[str, Any] | None = field(default=None, metadata=PRIVATE)
    """What the close decided, once and for all: `Outcome`'s members, the bases, the digest."""

    @cached_property
    def candidate_ids(self) -> frozenset[int]:
        """The ids of its candidates."""
        return frozenset(candidate.id for candidate in self.candidates)

    @property
    def ongoing(self) -> bool:
        """Whether it has opened and its end has not begun."""
        return self.state in ONGOING and self.closed_at is None

    @property
    def closing(self) -> bool:
        """Whether its close has begun and it is not counted yet. No ballot can come any more, and
        nothing can change but by its close or its void.
        """
        return self.state in ONGOING and self.closed_at is not None

    @property
    def verdict(self) -> Verdict | None:
        """What the poll has come to; None before it has ended."""
        if self.state == "void":
            return "void"
        if self.state != "closed" or self.outcome is None:
            return None
        if verdict := self.outcome.get("verdict"):
            return cast(Verdict, verdict)
        return decide_election(self.outcome["winners"], self.outcome["tied"])  # closed earlier on
