"""The leaves of a record's tree (`voting/merkle.py`). The record's digest is the root.

The leaves are canonical JSON, in this order: the rules, the electorate, the bases, each ballot by
its receipt, the result. Names and their salts stand outside the tree. The leaf of a named ballot
has a hash of both, so deleting a name changes no digest, and swapping two is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from voting.canonical import canonical
from voting.merkle import block_roots, hash_leaf, root_of
from voting.record import RecordBallot, RulesLeaf

BEFORE_BALLOTS = 3
"""How many leaves come before the first ballot."""
BESIDE_BALLOTS = BEFORE_BALLOTS + 1
"""How many leaves are not ballots: those, and the result at the end."""


def head_leaves(head: Mapping[str, Any]) -> list[bytes]:
    """Return the leaves before the ballots, of a whole record or of its head."""
    rules = {key: head[key] for key in RulesLeaf.__annotations__}
    parts = ({key: head[key]} for key in ("electorate", "bases"))
    return [canonical(rules), *map(canonical, parts)]


encode_ascii_keys = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode
"""The same as `canonical` if all keys are ASCII, in a quarter of the time."""


def ballot_leaf(poll_id: int, ballots: int, ballot: RecordBallot) -> bytes:
    """Return a ballot's leaf. It holds the poll and the number of ballots, because a path alone
    doesn't show the size of its tree.
    """
    return encode_ascii_keys({**ballot, "poll": poll_id, "ballots": ballots}).encode()


def result_leaf(result: Mapping[str, Any], salt: str) -> bytes:
    """Return the last leaf."""
    return encode_ascii_keys({"result": result, "salt": salt}).encode()


def salt_of(receipts: Iterable[str]) -> str:
    """Return the salt of a result. Only somebody who knows every receipt can compute it.

    A voter's path may hold the hash of the result's leaf. Without a salt, a voter could find a
    hidden result by trying all that are possible.
    """
    return salt_in_order(sorted(receipts))


def salt_in_order(receipts: Iterable[str]) -> str:
    """Return the salt of receipts that come in order."""
    hashed, lead = sha256(b'{"receipts":['), b""
    for receipt in receipts:
        hashed.update(lead + canonical(receipt))
        lead = b","
    hashed.update(b"]}")
    return hashed.hexdigest()[:32]


def name_hash(name: str, salt: str) -> str:
    """Return what a named ballot's leaf holds of its voter: SHA-256 of the salt's bytes, then the
    name in UTF-8, in hex. Raises `ValueError` for a salt that is no hex.
    """
    return sha256(bytes.fromhex(salt) + name.encode()).hexdigest()


def record_leaves(record: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the leaves of a whole record of version 2, checking each for its canonical form."""
    yield from head_leaves(record)
    total = len(record["ballots"])
    for ballot in record["ballots"]:
        yield canonical({**ballot, "poll": record["poll"], "ballots": total})
    yield canonical({"result": record["result"], "salt": record["salt"]})


def digest(record: Mapping[str, Any]) -> str:
    """Return the root of a record's tree, in hex."""
    return root_of([*block_roots(map(hash_leaf, record_leaves(record)))]).hex()
