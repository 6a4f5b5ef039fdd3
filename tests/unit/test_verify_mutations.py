"""Every single change of a record, a proof or a log is found, alone or beside the others."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.server import ROOT
from tests.unit.records import BALLOTS, Verify, make_record
from voting.leaves import record_leaves
from voting.merkle import hash_leaf, path_to
from voting.methods import Method

Json = dict[str, Any]
HOST = "r1"


def changes(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield each way to change one thing in a document: where, and the document changed so."""
    for path, value in places(document):
        for changed in other_values(value):
            copy = deepcopy(document)
            *way, last = path
            parent = copy
            for step in way:
                parent = parent[step]
            if changed is GONE:
                del parent[last]
            else:
                parent[last] = changed
            yield f"{'.'.join(map(str, path))} → {changed}", copy


GONE = object()


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    inner: Any = ()
    if isinstance(document, dict):
        inner = document.items()
    elif isinstance(document, list):
        inner = enumerate(document)
    for step, value in inner:
        yield (*path, step), value
        yield from places(value, (*path, step))


def other_values(value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value, int(value), None, GONE]
        case int():
            return [value + 1, value - 1, str(value), None, GONE]
        case str():
            turned = value[:-1] + ("0" if value[-1:] != "0" else "1")
            return [turned, value + " ", value.upper(), None, GONE] if value else ["x", GONE]
        case None:
            return [0, "x", GONE]
        case list():
            return (
                [value[:-1], [*value, 0], [*value, *value[-1:]], None, GONE]
                if value
                else [[0], GONE]
            )
        case dict():
            return [{**value, "extra": 1}, {}, None, GONE]
    raise TypeError(value)


def found(verify: Verify, original: Json, changed: Json, *beside: Json) -> bool:
    if json.dumps(changed, sort_keys=True) == json.dumps(original, sort_keys=True):
        return True  # nothing was changed: capitals of digits
    return verify(changed, *beside)[0] != 0


@pytest.mark.parametrize("method", BALLOTS)
def test_every_change_of_a_record_is_found(verify: Verify, method: Method) -> None:
    record = make_record(method)
    missed = [where for where, changed in changes(record) if not found(verify, record, changed)]

    assert verify(record)[0] == 0
    assert missed == []


def test_every_change_of_a_secret_record_is_found(verify: Verify) -> None:
    record = make_record(secrecy="secret")
    missed = [where for where, changed in changes(record) if not found(verify, record, changed)]

    assert missed == []


def make_proof(record: Json, place: int) -> Json:
    leaves = [*record_leaves(record)]
    hashes = [hash_leaf(leaf) for leaf in leaves]
    return {
        "leaf": leaves[place].decode(),
        "index": place,
        "size": len(leaves),
        "path": [node.hex() for node in path_to(hashes, place)],
        "root": record["digest"],
    }


@pytest.mark.parametrize("place", range(3, 8))
def test_every_change_of_a_proof_is_found(verify: Verify, place: int) -> None:
    proof = make_proof(make_record(), place)
    leaf = json.loads(proof["leaf"])
    within = [
        (where, {**proof, "leaf": json.dumps(each, ensure_ascii=False, separators=(",", ":"))})
        for where, each in changes(leaf)
    ]
    missed = [
        where for where, changed in [*changes(proof), *within] if not found(verify, proof, changed)
    ]

    assert verify(proof)[0] == 0
    assert missed == []


def test_proofs_that_the_web_app_is_tested_with_hold(verify: Verify) -> None:
    for proof in json.loads((ROOT / "web/src/lib/proof.test.json").read_text("utf-8")):
        assert verify(proof)[0] == 0


def test_proof_of_another_record_is_found_beside_the_record(verify: Verify) -> None:
    record = make_record()
    other = make_record(max_choices=2)

    assert verify(record, make_proof(record, 4))[0] == 0
    assert verify(record, make_proof(other, 4))[::2] == (1, ["proof"])
