"""`python -m db drill FILE` finds a backup sound, or says what is wrong with it."""

import json
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.__main__ import main
from db.drilling import Drill, drill
from db.journal import Corrupt
from db.tinydb_store import TinyDBStore
from db.work_folder import find_left, work_folder
from tests.records import public_record
from tests.unit.lobby import NOW, add_account, add_poll, begin, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.polls import open_poll
from voting.recording import whole_record

Tables = dict[str, dict[str, Any]]


def follow(chunks: Any, _slices: int) -> Any:
    return chunks


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup with a closed secret poll, a closed named one, and an open secret one."""
    store = TinyDBStore(tmp_path / "live" / "rollcall.json", NOW)
    with store.transaction():
        store.add(Room(0, "lobby", "Room", "public"))
    begin(store)
    people = [add_account(store, name) for name in ("ann", "ben", "kim")]
    secrecies = ("secret", "named", "secret")
    polls = [add_poll(store, state="draft", secrecy=each) for each in secrecies]
    for poll in polls:
        opened = open_poll(store, poll.id, NOW, "u1")
        for person, candidate in zip(people, opened.candidates, strict=True):
            vote = Vote((candidate.id if person is not people[2] else opened.candidates[0].id,))
            cast_ballot(store, poll.id, person, vote, fresh())
    for poll in polls[:2]:
        close_poll(store, poll.id, NOW + timedelta(minutes=5), "u1")
        closed = store.get(Poll, poll.id)
        assert closed is not None
        assert json.loads(json.dumps(whole_record(store, closed))) == public_record(store, poll.id)
    path = tmp_path / "backup.json"
    path.write_bytes(b"".join(store.backup()))
    store.close()
    return path


def run(path: Path) -> Drill:
    return drill(path, datetime.now(UTC), follow)


@pytest.mark.parametrize("word", ["_journal", "sequence", "folds", "clean", "next_ids", "crc"])
def test_backup_whose_seal_is_damaged_is_found(backup: Path, word: str) -> None:
    whole = backup.read_bytes()
    at = whole.rindex(b'"%b"' % word.encode()) + 1
    backup.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

    with pytest.raises(Corrupt, match="was damaged or edited"):
        run(backup)


def test_drill_counts_every_closed_poll_again(backup: Path, tmp_path: Path) -> None:
    before = {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*")}

    done = run(backup)

    assert (done.logs, done.polls, done.ballots, done.faults) == (1, 3, 9, ())
    assert done.closed == (3,)
    assert {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*")} == before


def test_drill_is_a_command(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["drill", str(backup)])
    printed = capsys.readouterr().out

    assert code == 0
    assert "3 closed polls with 9 ballots were counted again, and 1 logs were checked." in printed
    assert "which were open in it: 3." in printed
    assert printed.endswith("Everything agrees.\n")


def test_copy_of_a_killed_drill_goes_at_the_next_one(
    backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    gone = scratch / "rollcall-drill-killed"
    gone.mkdir()
    (gone / "rollcall.json").write_text("{}")
    other = scratch / "rollcall-other"
    other.mkdir()

    with work_folder("rollcall-drill-") as running:
        run(backup)
        still_there = running.exists()

    assert still_there
    assert [*scratch.iterdir()] == [other]


def change_ballot(tables: Tables) -> None:
    ballot = next(each for each in tables["ballots"].values() if each["poll"] == 1)
    ballot["choices"] = [tables["polls"]["1"]["candidates"][2]]


def drop_ballot(tables: Tables) -> None:
    key = next(key for key, each in tables["ballots"].items() if each["poll"] == 2)
    del tables["ballots"][key]


def change_result(tables: Tables) -> None:
    tables["polls"]["1"]["outcome"]["ballots"] += 1


def change_log(tables: Tables) -> None:
    tables["log"]["1"]["actor"] = "u3"


def swap_names(tables: Tables) -> None:
    one, two, *_ = tables["record_names"].values()
    one["name"], two["name"] = two["name"], one["name"]


def drop_poll(tables: Tables) -> None:
    del tables["polls"]["2"]
    tables["ballots"] = {key: each for key, each in tables["ballots"].items() if each["poll"] != 2}


def void_poll(tables: Tables) -> None:
    tables["polls"]["1"]["state"] = "void"


def change_quorum(tables: Tables) -> None:
    tables["polls"]["1"]["quorum"]["present_at_close"] = 2


def change_person(tables: Tables) -> None:
    next(each for each in tables["ballots"].values() if each["poll"] == 2)["person"] = "u9"


def unseal(tables: Tables) -> None:
    next(each for each in tables["ballots"].values() if each["poll"] == 1)["voter"] = "ab" * 32


def lose_poll_of_ballot(tables: Tables) -> None:
    next(each for each in tables["ballots"].values() if each["poll"] == 3)["poll"] = 9


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (change_quorum, "poll 1: present_at_close is 2"),
        (change_person, "poll 2: ballot "),
        (unseal, "poll 1: 1 ballots of a secret poll are not sealed"),
        (lose_poll_of_ballot, "1 ballots belong to no poll"),
        (drop_poll, "log of room lobby: poll 2 is missing"),
        (void_poll, "log of room lobby: poll 1 is void, and closed"),
        (change_ballot, "poll 1: digest"),
        (drop_ballot, "poll 2: digest"),
        (change_result, "poll 1: "),
        (change_log, "log of room lobby: chain"),
        (swap_names, "poll 2: names"),
    ],
)
def test_drill_finds_what_was_changed_though_the_file_is_sealed(
    backup: Path, change: Callable[[Tables], None], found: str
) -> None:
    tables: Tables = json.loads(backup.read_bytes())
    del tables["_journal"]
    change(tables)
    backup.write_text(json.dumps(tables))

    done = run(backup)

    assert any(fault.startswith(found) for fault in done.faults), done.faults


def test_drill_refuses_a_backup_whose_checksum_does_not_hold(
    backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(backup.read_bytes())
    place = data.index(b'"choices":[1') + len('"choices":[')
    data[place : place + 1] = b"2"
    backup.write_bytes(data)

    code = main(["drill", str(backup)])

    assert code == 1
    assert "damaged or edited" in capsys.readouterr().err


def test_drill_fails_with_one_for_a_backup_that_does_not_agree(
    backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables: Tables = json.loads(backup.read_bytes())
    del tables["_journal"]
    change_ballot(tables)
    backup.write_text(json.dumps(tables))

    code = main(["drill", str(backup)])

    assert code == 1
    assert "WRONG: poll 1: digest" in capsys.readouterr().out


def test_drill_fails_with_one_for_a_document_that_can_not_be_read(
    backup: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables: Tables = json.loads(backup.read_bytes())
    del tables["_journal"]
    tables["polls"]["2"]["closed_at"] = 1.5
    backup.write_text(json.dumps(tables))
    restored = backup.with_name("rollcall.json")
    assert main(["restore", "--force", "--data", str(restored), str(backup)]) == 0

    code = main(["drill", str(restored)])

    assert code == 1
    assert "documents that can't be read" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_that_ends_a_drill_leaves_no_copy(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    former = signal.signal(number, signal.SIG_DFL)

    try:
        with pytest.raises(SystemExit) as ended, work_folder("rollcall-drill-"):
            os.kill(os.getpid(), number)
        handler = signal.getsignal(number)
    finally:
        signal.signal(number, former)

    assert ended.value.code == 128 + number
    assert handler is signal.SIG_DFL
    assert [*tmp_path.iterdir()] == []


def test_what_killed_drills_left_is_found_and_running_ones_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with work_folder("rollcall-drill-"):
        left = tmp_path / "rollcall-drill-killed"
        left.mkdir()
        found = find_left("rollcall-drill-")

    assert found == [left]
