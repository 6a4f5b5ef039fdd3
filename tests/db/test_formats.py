"""A store of every format that ever landed opens, is kept as it was, and counts as it did.

`formats/` has a small store of each shape that the documents have had: one of the first version
that had it, whose commit is in the name. Each was made by that version's server, which was asked
over HTTP for what it could do by then: accounts, a room with a roll, named and secret polls of
each method, closed, void, open and drafts, ballots, a check-in, a guest and a message. The last is
the one before it, upgraded, with some more ballots, as a kill left it.
"""

import json
import tarfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.__main__ import main
from db.drilling import drill
from db.tinydb_store import TinyDBStore
from tests.db.test_pruning import contents_of
from voting.electorate import fix_missing
from voting.ending import finish_endings
from voting.model.accounts import Account
from voting.model.polls import Poll

FORMATS = sorted((Path(__file__).parent / "formats").glob("*.tar.xz"))
NEWEST = FORMATS[-1].name.split(".")[0]
OTHER_RECORDS = ("14-27e2837", "15-451889b", "16-568cc14", "17-54841e4")
"""Formats of the commits with which records of version 2 and the log were being made. What these
recorded has digests of rules that no later version knows. It is kept, and a
drill says that it can't be proved.
"""
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture(params=FORMATS, ids=lambda path: path.name.split(".")[0])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The store's JSON file."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "rollcall.json"


def test_store_of_every_format_opens_and_is_kept_as_it_was(
    data: Path, request: pytest.FixtureRequest
) -> None:
    before = data.read_bytes()
    tables = json.loads(before)

    store = TinyDBStore(data, NOW)
    fix_missing(store, NOW)
    finish_endings(store, NOW)
    found = Counter(poll.state for poll in store.each(Poll))
    ballots = Counter({poll.id: len(store.ballots(poll.id)) for poll in store.each(Poll)})
    emails = sorted(str(account.email) for account in store.each(Account))
    store.close()
    TinyDBStore(data, NOW).close()
    copies = [*data.parent.glob("rollcall.json.before-upgrade-*Z")]

    outdated = f"[{NEWEST}]" not in request.node.name
    assert [copy.read_bytes() for copy in copies] == [before] * outdated
    assert found == Counter(row["state"] for row in tables["polls"].values())
    for poll, count in Counter(row["poll"] for row in tables["ballots"].values()).items():
        assert ballots[poll] >= count  # those of an open secret poll may be in its own file
    assert emails == sorted(str(row["email"]) for row in tables["users"].values())


def test_closed_polls_of_every_format_are_counted_again(
    data: Path, request: pytest.FixtureRequest
) -> None:
    polls = json.loads(data.read_bytes())["polls"].values()
    count = sum(row["state"] == "closed" for row in polls)

    done = drill(data, NOW, lambda chunks, _slices: chunks)

    known = any(f"[{each}]" in request.node.name for each in OTHER_RECORDS)
    assert bool(done.faults) == known, done.faults
    assert done.polls == count + len(done.closed)


def test_dry_run_of_prune_leaves_a_store_of_every_format_as_it_was(data: Path) -> None:
    before = contents_of(data.parent)

    code = main(["prune", "--data", str(data), "--older-than", "1d", "--dry-run"])

    assert code == 0
    assert contents_of(data.parent) == before
