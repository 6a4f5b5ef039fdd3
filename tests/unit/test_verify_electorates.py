"""An electorate is verified against the digest in records and logs."""

from typing import Any

import pytest

from tests.unit.records import Verify, make_record, seal
from tests.unit.test_verify_mutations import changes, found
from voting.chain import hash_entry, start_of
from voting.electorate import digest_members

MEMBERS = [(3, 1), (4, 1), (9, 1)]
LATER = {"row": 12, "weight": 1, "at": "2026-11-20T09:00:00.000Z"}


@pytest.fixture
def electorate() -> dict[str, Any]:
    """An electorate of three and one who was admitted, as the server gives it."""
    return {
        "poll": 7,
        "digest": digest_members(7, MEMBERS),
        "size": 3,
        "eligible": 4,
        "admissions": [LATER],
        "members": [*map(list, MEMBERS), [12, 1]],
        "names": {"3": "Ada", "4": "Ben", "9": "Kim", "12": "Lee"},
    }


def test_every_change_of_an_electorate_is_found_but_of_its_names(
    verify: Verify, electorate: dict[str, Any]
) -> None:
    missed = [
        where
        for where, changed in changes(electorate)
        if not where.startswith("names") and not found(verify, electorate, changed)
    ]

    code, printed, _ = verify(electorate)
    assert code == 0
    assert "not checked: the names" in printed
    assert "not checked: that this is the electorate of poll 7" in printed
    assert [each for each in missed if not each.startswith("admissions.0.at")] == []


def test_electorate_of_a_record_is_found_to_be_another(
    verify: Verify, electorate: dict[str, Any]
) -> None:
    fixed = {key: electorate[key] for key in ("digest", "size", "admissions")}
    record = make_record(threshold=None)
    ours = seal({**record, "electorate": fixed})
    swapped = {**electorate, "members": [[3, 1], [4, 1], [8, 1], [12, 1]]}
    swapped |= {"digest": digest_members(7, [(3, 1), (4, 1), (8, 1)]), "names": None}

    wrong = verify(swapped, ours)[2]

    assert "electorate" not in verify(electorate, ours)[2]
    assert verify(swapped)[0] == 0
    assert "electorate" in wrong


def test_electorate_is_held_against_the_log(verify: Verify, electorate: dict[str, Any]) -> None:
    def log_of(digest: str) -> dict[str, Any]:
        data = {"poll": 7, "electorate": digest}
        entry = {"n": 1, "at": "2026-11-20T09:00:00.000Z", "kind": "poll_opened", "actor": "u1"}
        entry |= {"data": data, "previous": start_of("K7M2QX")["hash"]}
        entry["hash"] = hash_entry(entry)
        return {"room": "K7M2QX", "entries": [entry], "head": {"n": 1, "hash": entry["hash"]}}

    assert verify(electorate, log_of(electorate["digest"]))[0] == 0
    assert verify(electorate, log_of("0" * 64))[::2] == (1, ["electorate"])
