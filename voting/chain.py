"""The chain of a room's log: each entry's hash covers the hash of the entry before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, TypedDict

from voting.canonical import canonical

NO_HASH = "0" * 64
"""What the first entry has as the hash before it."""


class Head(TypedDict):
    """How long a log is, and the hash of its last entry."""

    n: int
    hash: str


EMPTY: Head = {"n": 0, "hash": NO_HASH}


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


def digest_of(value: Any) -> str:
    """Return the SHA-256, in hex, of the canonical form of a value."""
    return sha256(canonical(value)).hexdigest()
