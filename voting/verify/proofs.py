"""Checks a proof: does the path lead from the ballot to the root?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from voting.canonical import canonical
from voting.leaves import BEFORE_BALLOTS, BESIDE_BALLOTS
from voting.merkle import hash_leaf, root_by_path
from voting.verify.reading import Check, check_keys, read_hex, read_json, unchecked

HASH_BYTES = 32
KEYS = {"index", "leaf", "path", "root", "size"}


@dataclass(frozen=True)
class ProofReading:
    """A proof as it was read, not checked yet; `ballot` is its leaf as a document."""

    proof: dict[str, Any]
    ballot: dict[str, Any]
    path: list[bytes]


def read_proof(proof: dict[str, Any]) -> ProofReading:
    """Return a proof's reading. Raises one of `MISSHAPEN` for any other document."""
    ballot = read_json(proof["leaf"].encode())
    path = [read_hex(each, HASH_BYTES) for each in proof["path"]]
    if not isinstance(ballot, dict):
        raise TypeError("a leaf is an object")
    return ProofReading(proof, ballot, path)


def check_proof(reading: ProofReading, receipt: str | None) -> Iterator[Check]:
    """Yield a sentence for all that a proof claims, and whether it agrees with the rest."""
    proof, ballot = reading.proof, reading.ballot
    yield check_keys(KEYS ^ proof.keys())
    held = json.dumps(ballot, ensure_ascii=False)
    yield Check(proof["leaf"].encode() == canonical(ballot), f"leaf: the canonical form of {held}")
    yield Check(receipt in (None, ballot["receipt"]), f"receipt: {ballot['receipt']}")
    ballots, index, size = ballot["ballots"], proof["index"], proof["size"]
    yield Check(
        type(index) is type(size) is int and size == ballots + BESIDE_BALLOTS,
        f"size: {size} leaves, of which {ballots} are ballots",
    )
    yield Check(
        BEFORE_BALLOTS <= index < BEFORE_BALLOTS + ballots, f"index: leaf {index} is a ballot"
    )
    try:
        leaf_hash = hash_leaf(proof["leaf"].encode())
        root = root_by_path(leaf_hash, index, size, reading.path).hex()
    except ValueError as error:
        root = str(error)
    yield Check(root == proof["root"], f"root: the proof says {proof['root']}, its path: {root}")
    yield unchecked("the other ballots, and the count: the record shows these")
