"""Polls that were closed before records were trees: served and checked as they are."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.records import Records
from db.tinydb_store import TinyDBStore
from tests.records import public_record
from tests.unit.lobby import NOW
from tests.unit.records import Verify
from voting.model.polls import Poll
from voting.refusals import NoProof

KEPT = Path(__file__).parent / "record_v1"
RECORDS: dict[str, Any] = json.loads((KEPT / "records.json").read_text("utf-8"))
"""Records by method, as the earlier version made them."""


@pytest.fixture
def closed_store(tmp_path: Path) -> Iterator[TinyDBStore]:
    """A store of the earlier version with a secret and a named poll, both closed."""
    for name in ("rollcall.json", "rollcall.json.keys"):
        shutil.copy(KEPT / name, tmp_path / name)
    opened = TinyDBStore(tmp_path / "rollcall.json", NOW)
    yield opened
    opened.close()


def test_records_of_an_earlier_store_stay_as_they_were(closed_store: TinyDBStore) -> None:
    expected = json.loads((KEPT / "store_records.json").read_text("utf-8"))

    assert [public_record(closed_store, poll) for poll in (1, 2)] == expected


def test_proof_is_refused_where_the_record_has_none(closed_store: TinyDBStore) -> None:
    poll = closed_store.get(Poll, 1)
    assert poll is not None
    receipt = closed_store.ballots(1)[0].receipt

    with pytest.raises(NoProof):
        Records(closed_store).prove(poll, receipt, "u1")


@pytest.mark.parametrize("method", RECORDS)
def test_verify_checks_records_of_the_earlier_version(verify: Verify, method: str) -> None:
    record = RECORDS[method]
    code, seen, wrong = verify(record)

    assert (code, wrong) == (0, [])
    assert "not checked: the names: this version's digest doesn't cover them" in seen
    assert verify({**record, "poll": 8})[::2] == (1, ["digest"])
    assert verify({**record, "record_version": 2})[0] != 0
