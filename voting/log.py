"""A room's log: an entry for each act that can decide an outcome, chained by hashes.

An entry is written in the transaction of its act, so there is no act without it. It is never
changed or removed while its room exists. Each hash covers the hash before, so whoever knows the
head of a log knows whether a later log continues it.

No vote is logged: the log must not show who voted, or when ballots came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voting.chain import Head, hash_entry, start_of
from voting.model.log import LogEntry, LogKind
from voting.store import READ_AT_ONCE, Within

if TYPE_CHECKING:
    from voting.store import Store

CLOCK, OPERATOR = "clock", "operator"
"""The actors that are no persons."""
LAST = Within(limit=-1)


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
    return {"n": last[0].n, "hash": last[0].hash} if last else start_of(room)


def read_entries(
    store: Store, room: str, after: int = 0, limit: int | None = None
) -> list[LogEntry]:
    """Return a room's entries after one of them, oldest first, in O(them)."""
    before = store.find(LogEntry, "place", f"{room}/{after}") if after else None
    if after and before is None:
        return []
    start = -1 if before is None else before.id
    return store.group(LogEntry, room, within=Within(after=start, limit=limit))


def each_entry(store: Store, room: str, size: int) -> Iterator[LogEntry]:
    """Yield a room's entries up to a number of them, oldest first, read in parts."""
    n = 0
    while n < size and (found := read_entries(store, room, n, min(READ_AT_ONCE, size - n))):
        yield from found
        n = found[-1].n


def time_text(time: datetime) -> str:
    """Return a time as clients read it: RFC 3339 in UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat("T", "milliseconds")[:-6] + "Z"
