"""Rooms, polls and their candidates."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Method = Literal["plurality", "approval", "score", "ranked"]
State = Literal["draft", "open", "paused", "closed", "void"]


@dataclass(frozen=True)
class Room:
    """A place where people meet and vote; `current_poll` is what phones and the screen show."""

    code: str
    name: str
    visibility: Literal["public", "members"]
    current_poll: int | None


@dataclass(frozen=True)
class Candidate:
    """Something to vote for. Its id is its own in the whole store: it names the poll too."""

    id: int
    name: str
    description: str = ""


@dataclass(frozen=True)
class Quorum:
    """How many had to be present, and were; None where not asked or not yet known."""

    required: int | None = None
    present_at_open: int | None = None
    present_at_close: int | None = None
    met: bool | None = None


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
    threshold: dict[str, Any] | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    state: State = "draft"
    reason: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    quorum: Quorum = field(default_factory=Quorum)
