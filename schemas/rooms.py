"""Rooms, their rolls, guests and who was there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypedDict, final

from schemas.accounts import EMAIL, LINE, NAME
from schemas.ballots import ID
from schemas.strings import read_line
from schemas.validation import Schema
from schemas.zones import ZONES

Role = Literal["host", "voter", "observer"]
REF_LENGTH = 64
COLUMNS, COLUMN_LETTERS, CELL_LETTERS = 20, 40, 200
"""Free columns of a row, the letters of a column's name and of a cell."""
ROLL_COLUMNS = 50
"""Free columns of all rows of a roll."""
ROLL_ROWS = 20_000

PRIVATE: Any = {"private": True}
"""Metadata of a field that no client is told."""


@final
class QuorumCount(TypedDict):
    """How many have to be present."""

    count: int


@final
class QuorumShare(TypedDict):
    """What share of those who may vote has to be present: `num` / `den`."""

    num: int
    den: int


@dataclass(frozen=True)
class Room:
    """A place where people meet and vote; `current_poll` is what phones and the screen show.

    `generation` grows when the tokens of its screens end.
    """

    id: int = field(metadata=PRIVATE)
    code: str
    name: str
    visibility: Literal["public", "members"]
    current_poll: int | None = None
    quorum: QuorumCount | QuorumShare | None = None
    trust_email: bool = False
    hold_minutes: int = 30
    timezone: str = "Asia/Seoul"
    generation: int = field(default=0, metadata=PRIVATE)


@dataclass(frozen=True)
class Row:
    """One of a room's roll: a voter, whatever account or device claims it.

    `columns` are free columns of the host's file: what each is called, and the cell.
    `code` is the SHA-256 of its one-time claim code; `generation` grows when its room sessions
    end.
    """

    id: int
    room: str = field(metadata=PRIVATE)
    name: str
    email: str | None = None
    ref: str | None = None
    role: Role = "voter"
    columns: dict[str, str] = field(default_factory=dict)
    account: int | None = field(default=None, metadata=PRIVATE)
    claimed: bool = False
    checked_in: bool = False
    code: str | None = field(default=None, metadata=PRIVATE)
    generation: int = field(default=0, metadata=PRIVATE)


@dataclass(frozen=True)
class RemovedRow:
    """A row that was removed, all of it in `kept`: added again it is the same voter."""

    id: int
    room: str
    kept: dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """An account or a guest that may not vote in a room; `who` is what they are known by."""

    id: int = field(metadata=PRIVATE)
    room: str = field(metadata=PRIVATE)
    who: str = field(metadata=PRIVATE)
    person: str
    barred_at: datetime


@dataclass(frozen=True)
class Guest:
    """Somebody without account or row, in one room."""

    id: int
    room: str = field(metadata=PRIVATE)
    nickname: str
    made_at: datetime = field(metadata=PRIVATE)


@dataclass(frozen=True)
class Attendance:
    """When somebody was in a room. `who` is `r3` for a row whatever device, else the person.

    `since_at` is when the present connections began; `left` that they went for good, or were
    checked out; `checked_in` that a host saw them.
    """

    id: int
    room: str
    who: str
    name: str
    first_at: datetime
    last_at: datetime
    seconds: int = 0
    since_at: datetime | None = None
    left: bool = False
    checked_in: bool = False


@dataclass(frozen=True)
class Message:
    """One line of a room's chat; `author` is a person, `name` what they were called then.

    `move` is "arrived" or "left" where the room says itself that they did, `online` how many
    were here after that. `key` tells a line that is sent again from a new one.
    """

    id: int
    room: str
    author: str
    name: str
    text: str
    sent_at: datetime
    move: str | None = None
    online: int | None = None
    key: str | None = field(default=None, metadata=PRIVATE)

    @property
    def sent_key(self) -> str | None:
        return None if self.key is None else sent_key_of(self.room, self.author, self.key)


def sent_key_of(room: str, author: str, key: str) -> str:
    """Return what the key of a line is kept under: it is its author's, in one room."""
    return f"{room}/{author}/{key}"


def _check_zone(fail_at: str, zone: Any, fail: Any) -> None:
    if isinstance(zone, str) and zone not in ZONES:
        fail(fail_at, "not_allowed")


def _check_quorum(fail_at: str, quorum: Any, fail: Any) -> None:
    if quorum is None:
        return
    num, den = quorum.get("num", 0), quorum.get("den", 1)
    more_than_all = isinstance(num, int) and isinstance(den, int) and num > den
    if more_than_all or set(quorum) not in ({"count"}, {"num", "den"}):
        fail(fail_at, "format")


_SETTINGS: dict[str, Any] = {
    "name": {**NAME, "required": False},
    "visibility": {"type": "string", "allowed": ["public", "members"]},
    "quorum": {
        "type": "dict",
        "nullable": True,
        "check_with": _check_quorum,
        "meta": {
            "anyOf": [
                {"required": ["count"], "maxProperties": 1},
                {"required": ["num", "den"], "maxProperties": 2},
            ]
        },
        "schema": {
            "count": {"type": "integer", "min": 1, "max": 1_000_000},
            "num": {"type": "integer", "min": 1, "max": 10_000},
            "den": {"type": "integer", "min": 1, "max": 10_000},
        },
    },
    "trust_email": {"type": "boolean"},
    "hold_minutes": {"type": "integer", "min": 0, "max": 24 * 60},
    "timezone": {"type": "string", "check_with": _check_zone, "meta": {"format": "time-zone"}},
}
ROOM = Schema({**_SETTINGS, "name": NAME})
ROOM_CHANGE = Schema({**_SETTINGS, "current_poll": {**ID, "nullable": True}})

_ROW: dict[str, Any] = {
    "name": NAME,
    "email": {**EMAIL, "required": False, "nullable": True},
    "ref": {**LINE, "nullable": True, "maxlength": REF_LENGTH},
    "role": {"type": "string", "allowed": ["host", "voter", "observer"]},
    "columns": {
        "type": "dict",
        "maxlength": COLUMNS,
        "keysrules": {**LINE, "maxlength": COLUMN_LETTERS},
        "valuesrules": {**LINE, "maxlength": CELL_LETTERS},
    },
}
ROLL_ROW = Schema(_ROW)
ROLL = Schema(
    {
        "rows": {
            "type": "list",
            "required": True,
            "maxlength": ROLL_ROWS,
            "schema": {"type": "dict", "schema": _ROW},
        }
    },
)
ROW_CHANGE = Schema(
    {**_ROW, "name": {**NAME, "required": False}, "checked_in": {"type": "boolean"}}
)
ROLL_CODES = Schema({"ids": {"type": "list", "maxlength": ROLL_ROWS, "schema": ID}})
CLAIM = Schema(
    {"code": {"type": "string", "coerce": read_line, "required": True, "maxlength": 64}},
)
GUEST = Schema({"nickname": {**NAME, "maxlength": 40}})
