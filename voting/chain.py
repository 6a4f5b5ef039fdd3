"""The chain of a room's log: each entry's hash covers the hash of the entry before, and that of the
first covers the room. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, TypedDict

from voting.canonical import canonical

NO_HASH = "0" * 64
"""The hash before the first entry of logs that an earlier version began; it names no room."""


class Head(TypedDict):
    """How long a log is, and the hash of its last entry."""

    n: int
    hash: str


def start_of(room: str) -> Head:
    """Return the head of a room's empty log: of no entry, and the hash that the first one covers.

    room: its code
    """
    return {"n": 0, "hash": digest_of({"room": room})}


def hash_entry(entry: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of the canonical form of an entry without the hash it claims."""
    return digest_of({key: value for key, value in entry.items() if key != "hash"})


def check_chain(entries: Iterable[Mapping[str, Any]], after: Head) -> int | None:
    """Return the place of the first entry that doesn't continue the log; None if all do.

    entries: as clients read them, in order
    after: the head that they have to continue; of a whole log `start_of` its room
    """
    n, previous = after["n"], after["hash"]
    for entry in entries:
        n += 1
        linked = entry["n"] == n and entry["previous"] == previous
        if not linked or entry["hash"] != hash_entry(entry):
            return n
        previous = entry["hash"]
    return None


def digest_of(value: Any) -> str:
    """Return the SHA-256, in hex, of the canonical form of a value."""
    return sha256(canonical(value)).hexdigest()
