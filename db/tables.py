"""In which table each type is stored, and by what its entities are found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from db.rows import Json
from voting.confusables import looks_of
from voting.model.accounts import Account, Invitation, Revocation
from voting.model.ballots import Ballot
from voting.model.electorates import Admission, Electorate
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Candidate, Poll
from voting.model.records import RecordName, RecordTree
from voting.model.rooms import Attendance, Bar, Guest, Message, Mute, Picture, RemovedRow, Room, Row
from voting.model.workers import Lease, Worker
from voting.text import name_key, normalise, normalise_email


@dataclass(frozen=True)
class Table:
    """How a type is stored.

    name: the table in the file
    unique: computed fields that must be unique, made of the entity
    groups: the groups of `voting.store.Store.group`, made of the document
    """

    name: str
    unique: dict[str, Callable[[Any], str | None]]
    groups: dict[str, Callable[[Json], Any]] = field(default_factory=dict)


def _in_room(field: str) -> Callable[[Any], str | None]:
    compared = normalise_email if field == "email" else normalise

    def scoped(entity: Any) -> str | None:
        value = getattr(entity, field)
        return None if value is None else f"{entity.room}/{compared(str(value))}"

    return scoped


def _looks_in_room(field: str) -> dict[str, Callable[[Json], Any]]:
    return {
        "look": lambda row: (row["room"], looks_of(row[field])["look"]),
        "name": lambda row: (row["room"], looks_of(row[field])["name"]),
    }


def _open_place(row: Json) -> tuple[str, int | None] | None:
    """Return where an attendance is open: see `voting.moving.is_open`."""
    is_open = row["since_at"] is not None or (row.get("checked_in") and not row["left"])
    return (row["room"], row.get("meeting")) if is_open else None


def _email_of(row: Json) -> str | None:
    return None if row["email"] is None else normalise_email(row["email"])


def _mark(row: Json, room: str, kind: str) -> Any:
    """Return by what a removed row is recognised: ref, email, or without both its name."""
    value = row.get(kind)
    if not value or (kind == "name" and (row.get("ref") or row.get("email"))):
        return None
    return room, kind, MARKS[kind](value)


MARKS: dict[str, Callable[[str], str]] = {
    "ref": normalise,
    "email": normalise_email,
    "name": name_key,
}


def _all(_row: Json) -> bool:
    return True


IN_ROOM: dict[str, Callable[[Json], Any]] = {"room": itemgetter("room")}


TABLES: dict[type[Any], Table] = {  # polls before their ballots, as listeners get them
    Worker: Table("workers", {"name": lambda worker: worker.name}),
    Lease: Table(
        "leases",
        {"place": lambda lease: lease.place},
        {"worker": itemgetter("worker"), "who": itemgetter("room", "who")},
    ),
    Account: Table(
        "users",
        {
            "email_key": lambda account: account.email_key,
            "voting_key": lambda account: account.voter_key or account.email_key,
            "reset_code": lambda account: account.reset_code,
        },
        {"all": _all},
    ),
    Revocation: Table(
        "revocations",
        {"token_id": lambda revocation: revocation.token_id},
        {"all": _all, "day": lambda row: row["expires_at"][:10]},
    ),
    Invitation: Table("invitations", {"code": lambda invitation: invitation.code}, {"all": _all}),
    Room: Table(
        "rooms",
        {"code": lambda room: room.code},
        {
            "all": _all,
            "visibility": itemgetter("visibility"),
            "expires": lambda row: row.get("expires_at") is not None,
        },
    ),
    Row: Table(
        "roll",
        {
            "email_key": _in_room("email"),
            "ref_key": _in_room("ref"),
            "account_key": _in_room("account"),
            "code": lambda row: row.code,
        },
        {
            **IN_ROOM,
            **_looks_in_room("name"),
            "seat": lambda row: (row["room"], row["role"], row["account"] is not None),
            "account": itemgetter("account"),
            "email": _email_of,
            "name_mark": lambda row: _mark(row, row["room"], "name"),
            "checked_in": lambda row: row["room"] if row["checked_in"] else None,
        },
    ),
    Bar: Table("bars", {"who_key": _in_room("who")}, {**IN_ROOM, "barred": itemgetter("who")}),
    Mute: Table(
        "mutes",
        {"who_key": _in_room("who")},
        {
            **IN_ROOM,
            "person": itemgetter("room", "person"),
            "muted": itemgetter("who"),
        },
    ),
    RemovedRow: Table(
        "roll_removed",
        {},
        {
            **IN_ROOM,
            "account": lambda row: row["kept"].get("account"),
            "ref_mark": lambda row: _mark(row["kept"], row["room"], "ref"),
            "email_mark": lambda row: _mark(row["kept"], row["room"], "email"),
        },
    ),
    Guest: Table("guests", {}, {**IN_ROOM, **_looks_in_room("nickname")}),
    Message: Table(
        "messages",
        {"sent_key": lambda message: message.sent_key},
        {
            **IN_ROOM,
            "author": itemgetter("author"),
            "shown": lambda row: (row["room"], row.get("removed_at") is None),
        },
    ),
    Attendance: Table(
        "attendance",
        {"who_key": lambda attendance: attendance.who_key},
        {
            **IN_ROOM,
            **_looks_in_room("name"),
            "who": itemgetter("who"),
            "meeting": lambda row: (row["room"], row.get("meeting")),
            "open": _open_place,
        },
    ),
    LogEntry: Table(
        "log",
        {"place": lambda entry: f"{entry.room}/{entry.n}"},
        {**IN_ROOM, "kind": lambda entry: (entry["room"], entry["kind"])},
    ),
    Picture: Table("pictures", {"key": lambda picture: picture.key}, IN_ROOM),
    Meeting: Table("meetings", {}, {**IN_ROOM, "ended": lambda row: row["ended_at"] is not None}),
    Candidate: Table("candidates", {}),
    Poll: Table(
        "polls",
        {},
        {
            **IN_ROOM,
            "shown": lambda row: (row["room"], row["state"] != "draft"),
            "state": itemgetter("room", "state"),
            "meeting": lambda row: row.get("meeting"),
        },
    ),
    Electorate: Table("electorates", {}, IN_ROOM),
    Admission: Table(
        "admissions",
        {"row_key": lambda admission: admission.key},
        {**IN_ROOM, "poll": itemgetter("poll")},
    ),
    RecordName: Table(
        "record_names",
        {"receipt_key": lambda name: name.receipt_key},
        {"poll": itemgetter("poll"), "person": itemgetter("person")},
    ),
    RecordTree: Table(
        "record_trees", {"poll_key": lambda tree: tree.poll_key}, {"poll": itemgetter("poll")}
    ),
    Ballot: Table("ballots", {"voter": lambda ballot: ballot.voter}, {"poll": itemgetter("poll")}),
}
BALLOTS, NAMES, POLLS = (TABLES[kind].name for kind in (Ballot, RecordName, Poll))
KINDS = {table.name: kind for kind, table in TABLES.items()}
UNIQUE = {table.name: tuple(table.unique) for table in TABLES.values()}
STORED = ("meta", *UNIQUE)
PASSING = tuple(TABLES[kind].name for kind in (Worker, Lease))
"""The tables that no backup has: they are of processes that run."""
LASTING = tuple(name for name in STORED if name not in PASSING)
GROUPS = {table.name: table.groups for table in TABLES.values()}


def _part_of(ballot: Json) -> int | None:
    """Return the poll of a ballot that must leave nothing behind when the poll ends; None for a
    ballot of a named poll, and for a sealed one.
    """
    poll: int = ballot["poll"]
    return poll if ballot["voter"] is not None and ballot["person"] is None else None


PARTS = {BALLOTS: _part_of}
"""In PostgreSQL the ballots of each open secret poll are in a table of their own."""
