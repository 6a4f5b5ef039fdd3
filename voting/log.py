"""A room's log: an entry for each act that can decide an outcome, chained by hashes.

An entry is written in the transaction of its act, so there is no act without it. It is never
changed or removed while its room exists. Each hash covers the hash before, so whoever knows the
head of a log knows whether a later log continues it.

No vote is logged: the log must not tell who voted, or when ballots came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict

from voting.model.log import LogEntry, LogKind
from voting.record import canonical
from voting.store import Within

if TYPE_CHECKING:
    from voting.store import Store

CLOCK, OPERATOR = "clock", "operator"
"""The actors that are no persons."""
NO_HASH = "0" * 64
"""What the first entry has as the hash before it."""
LAST = Within(limit=-1)


class Head(TypedDict):
    """How long a log is, and the hash of its last entry."""

    n: int
    hash: str


EMPTY: Head = {"n": 0, "hash": NO_HASH}


class LogEntryDocument(TypedDict):
    """An entry as clients read it."""

    n: int
    at: str
    kind: LogKind
    actor: str
    data: dict[str, Any]
    previous: str
    hash: str


def append(  # noqa: PLR0917 (what an entry holds, in its order)
    store: Store, room: str, kind: LogKind, actor: str, data: Mapping[str, Any], now: datetime
) -> LogEntry:
    """Add an entry to a room's log, in the transaction of the act; return it.

    room: its code
    actor: the person who acts, `CLOCK` or `OPERATOR`
    data: JSON without fractions and without names

    Raises `ValueError` for data that has no canonical form.
    """
    with store.transaction():
        before = head(store, room)
        entry: dict[str, Any] = {
            "n": before["n"] + 1,
            "at": time_text(now),
            "kind": kind,
            "actor": actor,
            "data": {**data},
            "previous": before["hash"],
        }
        return store.add(LogEntry(0, room, hash=hash_entry(entry), **entry))


def head(store: Store, room: str) -> Head:
    """Return the head of a room's log, in O(1). An empty log has one too."""
    last = store.group(LogEntry, room, within=LAST)
    return {"n": last[0].n, "hash": last[0].hash} if last else EMPTY


def read_entries(
    store: Store, room: str, after: int = 0, limit: int | None = None
) -> list[LogEntry]:
    """Return a room's entries after one of them, oldest first, in O(them)."""
    before = store.find(LogEntry, "place", f"{room}/{after}") if after else None
    if after and before is None:
        return []
    start = -1 if before is None else before.id
    return store.group(LogEntry, room, within=Within(after=start, limit=limit))


def hash_entry(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry, whatever it claims: SHA-256, in hex, of the canonical form of
    all of it but its hash.
    """
    return digest_of({key: value for key, value in entry.items() if key != "hash"})


def check_chain(entries: Iterable[Mapping[str, Any]], after: Head = EMPTY) -> int | None:
    """Return the place of the first entry that doesn't continue the log; None if all do.

    entries: as clients read them, in order
    after: the head that they have to continue
    """
    n, previous = after["n"], after["hash"]
    for entry in entries:
        n += 1
        linked = entry["n"] == n and entry["previous"] == previous
        if not linked or entry["hash"] != hash_entry(entry):
            return n
        previous = entry["hash"]
    return None


def entry_document(entry: LogEntry) -> LogEntryDocument:
    """Return an entry as clients read it."""
    return {
        "n": entry.n,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "data": entry.data,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def digest_of(value: Any) -> str:
    """Return the SHA-256, in hex, of the canonical form of a value."""
    return sha256(canonical(value)).hexdigest()


def time_text(time: datetime) -> str:
    """Return a time as clients read it: RFC 3339 in UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat("T", "milliseconds")[:-6] + "Z"
