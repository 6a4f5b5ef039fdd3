"""The public record: what it holds, its leaves and its digest."""

import json
import random
from hashlib import sha256

import pytest

from tests.unit.records import BALLOTS, HEAD, THRESHOLD, Record, make_record, seal
from voting.canonical import canonical
from voting.leaves import ballot_leaf, digest, name_hash, record_leaves, salt_of
from voting.merkle import hash_leaf, root_of
from voting.methods import Method


def test_record_holds_all_that_the_contract_names() -> None:
    record = make_record("score")

    assert set(record) == {
        *(
            "record_version",
            "room",
            "meeting",
            "poll",
            "question",
            "method",
            "rules",
            "candidates",
            "log",
        ),
        *("electorate", "bases", "ballots", "result", "salt", "digest", "names", "salts"),
    }
    assert record["question"] == {"title": "누구?", "description": "설명"}
    assert record["rules"]["threshold"] == THRESHOLD
    assert record["log"] == HEAD
    assert all(set(each) == {"receipt", "scores", "name_hash"} for each in record["ballots"])
    assert record["ballots"][-1]["scores"] == {"1": 5, "2": 3}
    assert record["result"]["votes"] == {"1": 10, "2": 7, "3": 0}


def test_record_has_the_rules_of_its_poll() -> None:
    rules = {
        "eligibility": "accounts",
        "secrecy": "secret",
        "require_presence": True,
        "allow_change": False,
        "seats": 2,
        "max_choices": 2,
        "score_max": 7,
        "threshold": {"num": 2, "den": 5, "of": "present", "rule": "more_than"},
        "rule": None,
        "quorum_rule": "require",
    }

    record = make_record("approval", **rules)

    assert record["rules"] == rules
    assert make_record("ranked", rule="schulze")["rules"]["rule"] == "schulze"


def test_secret_record_has_neither_names_nor_hashes_of_them() -> None:
    record = make_record(secrecy="secret")

    assert (record["names"], record["salts"]) == (None, None)
    assert all(set(each) == {"receipt", "choices"} for each in record["ballots"])


def test_digest_is_the_root_of_leaves_that_anybody_can_make() -> None:
    record = make_record()
    form = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
    rules = "record_version room meeting poll question method rules candidates log"

    leaves = [
        {key: record[key] for key in rules.split()},
        {"electorate": record["electorate"]},
        {"bases": record["bases"]},
        *({**each, "poll": 7, "ballots": 5} for each in record["ballots"]),
        {"result": record["result"], "salt": record["salt"]},
    ]

    encoded = [json.dumps(leaf, **form).encode() for leaf in leaves]  # type: ignore[arg-type]
    assert [*record_leaves(record)] == encoded
    assert root_of([hash_leaf(leaf) for leaf in encoded]).hex() == record["digest"]


@pytest.mark.parametrize("method", BALLOTS)
def test_ballots_leaf_is_canonical(method: Method) -> None:
    record = make_record(method)
    for ballot in record["ballots"]:
        assert ballot_leaf(7, 5, ballot) == canonical({**ballot, "poll": 7, "ballots": 5})


def test_digest_stays_when_a_name_is_deleted() -> None:
    record = make_record()

    assert digest({**record, "names": {}, "salts": {}}) == record["digest"]


@pytest.mark.parametrize(
    "key", [each for each in make_record() if each not in ("digest", "names", "salts")]
)
def test_digest_changes_when_anything_else_does(key: str) -> None:
    record = make_record()
    changed: Record = {**record, key: record[key][1:] if key == "ballots" else None}

    assert digest(changed) != record["digest"]


def test_name_hash_is_that_of_salt_and_name() -> None:
    expected = sha256(bytes.fromhex("00ff") + "김하나".encode()).hexdigest()

    assert name_hash("김하나", "00ff") == expected


def test_salt_is_the_same_in_whatever_order_receipts_come() -> None:
    receipts = [f"{each:032x}" for each in range(20)]

    assert salt_of(random.Random(1).sample(receipts, 20)) == salt_of(receipts)
    assert salt_of(receipts) != salt_of(receipts[1:])


def test_sealed_record_is_the_same_again() -> None:
    assert seal(make_record()) == make_record()
