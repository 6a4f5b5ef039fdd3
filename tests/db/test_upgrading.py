"""Stores of earlier versions open, and have what they lacked."""

import errno
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db import ballots, entity_store, tinydb_store, upgrading
from db.journal import Mismatch, StorageFull, files, opening
from db.names import TableNames
from db.tinydb_store import TinyDBStore
from db.upgrading import FORMAT
from tests.db.journal.calls import end_upkeep
from tests.records import public_record
from tests.unit.lobby import NOW, add_account, add_poll, begin, cast_ballot, fresh
from voting.accounts import delete_account
from voting.attendance import arrive, check_in, count_present, end_connections
from voting.casting import Vote
from voting.electorate import digest_members, fix_missing
from voting.ending import close_poll, void_poll
from voting.log import CLOCK
from voting.meetings import keep_meetings
from voting.model.accounts import Account
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.model.rooms import Attendance, Room, Row
from voting.people import find_room, standing_in
from voting.refusals import CameLater, NotPresent

LATER = NOW + timedelta(minutes=20)


def test_start_that_moves_many_documents_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, copy = tmp_path / "rollcall.json", tmp_path / "copy.json"
    store = TinyDBStore(path, NOW)
    poll = add_poll(store)
    for name in ("ann", "ben"):
        vote = Vote((poll.candidates[0].id,))
        cast_ballot(store, poll.id, add_account(store, name), vote, fresh())
    close_poll(store, poll.id, NOW, CLOCK)
    copy.write_bytes(b"".join(store.backup()))
    store.close()
    monkeypatch.setattr(opening, "MANY", 2)
    caplog.set_level("INFO", "db.journal")

    for data in (copy, path):
        TinyDBStore(data, NOW).close()

    assert [line for line in caplog.messages if "get files of their own" in line] == [
        f"{copy}: 2 documents get files of their own; a million take half a minute"
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The files of an earlier version: Ann is connected in the lobby, and Kim is checked in."""
    path = tmp_path / "rollcall.json"
    store = TinyDBStore(path, NOW)
    add_poll(store, state="closed", opened_at=NOW - timedelta(hours=1), closed_at=NOW)
    add_poll(store)
    begin(store)
    with store.transaction():
        row = store.add(Row(0, "lobby", "Kim"))
        store.add(Room(0, "QU1ET0", "Nobody was here", "public"))
    room = find_room(store, "lobby")
    arrive(store, room, standing_in(store, room, add_account(store, "ann")), NOW)
    check_in(store, room, row, LATER, "u1", present=True)
    store.close()
    _take_meetings_away(path)
    return path


def _take_meetings_away(path: Path) -> None:
    tables: dict[str, dict[str, Any]] = json.loads(path.read_bytes())
    del tables["meetings"], tables["meta"]
    for table in ("rooms", "polls", "attendance"):
        for row in tables[table].values():
            del row["meeting"]
    for row in tables["attendance"].values():
        row["who_key"] = f"{row['room']}/{row['who']}"
    path.write_bytes(json.dumps(tables).encode())


def copies(path: Path) -> list[Path]:
    """Return the copies that were made before upgrades."""
    return sorted(path.parent.glob("rollcall.json.before-upgrade-*Z"))


def test_older_store_is_copied_before_it_is_upgraded_and_only_then(data: Path) -> None:
    before = data.read_bytes()

    for _ in range(2):
        TinyDBStore(data, LATER).close()

    (copy,) = copies(data)
    assert copy.read_bytes() == before
    assert json.loads(data.read_bytes())["meta"]["1"]["format"] == FORMAT


def test_copy_has_the_journal_too_and_is_a_store_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rollcall.json"
    for module in (upgrading, entity_store):
        monkeypatch.setattr(module, "FORMAT", 0)
    store = TinyDBStore(path, NOW)
    ann = add_account(store, "ann")
    killed = {each: each.read_bytes() for each in tmp_path.iterdir()}
    store.close()
    monkeypatch.undo()
    for each, content in killed.items():
        each.write_bytes(content)

    TinyDBStore(path, LATER).close()
    (copy,) = copies(path)
    reopened = TinyDBStore(copy, LATER)
    found = reopened.get(Account, ann.id)
    reopened.close()

    assert found == ann


def test_copy_stays_when_a_named_poll_ends_and_goes_with_the_first_secret_one(data: Path) -> None:
    store = TinyDBStore(data, LATER)
    named, secret = (add_poll(store, secrecy=each) for each in ("named", "secret"))

    close_poll(store, named.id, LATER, CLOCK)
    kept = copies(data)
    void_poll(store, secret.id, LATER, CLOCK, "a test")
    store.close()

    assert len(kept) == 1
    assert copies(data) == []


def test_new_store_is_not_copied(tmp_path: Path) -> None:
    TinyDBStore(tmp_path / "rollcall.json", NOW).close()
    TinyDBStore(tmp_path / "rollcall.json", NOW).close()

    assert copies(tmp_path / "rollcall.json") == []


def test_newer_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rollcall.json"
    TinyDBStore(path, NOW).close()
    tables: dict[str, dict[str, Any]] = json.loads(path.read_bytes())
    tables["meta"]["1"]["format"] = FORMAT + 1
    path.write_text(json.dumps(tables))
    before = {each: each.read_bytes() for each in tmp_path.iterdir() if each.suffix != ".lock"}

    with pytest.raises(Mismatch, match=f"the store is of format {FORMAT + 1}"):
        TinyDBStore(path, NOW)

    assert {each: each.read_bytes() for each in before} == before
    assert copies(path) == []


def test_store_is_not_upgraded_if_it_can_not_be_copied(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = data.read_bytes()

    def fill(_descriptor: int, _data: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "write_all", fill)
    with pytest.raises(StorageFull):
        TinyDBStore(data, LATER)

    assert data.read_bytes() == before


def test_copy_that_does_not_fit_is_not_left_in_part(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, room, before = files.write_all, [data.stat().st_size], {*data.parent.iterdir()}

    def fill(descriptor: int, given: Any) -> None:
        room[0] -= len(given)
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(descriptor, given)

    monkeypatch.setattr(files, "write_all", fill)
    with pytest.raises(StorageFull):
        TinyDBStore(data, LATER)

    assert {*data.parent.iterdir()} == before


@pytest.mark.parametrize("killed", [True, False])
def test_names_of_an_earlier_version_are_filed_by_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, killed: bool
) -> None:
    path = tmp_path / "rollcall.json"
    with monkeypatch.context() as earlier:
        earlier.setattr(tinydb_store, "FILED", ballots.FILED)
        earlier.setattr(tinydb_store, "FiledNames", TableNames)
        for module in (upgrading, entity_store):
            earlier.setattr(module, "FORMAT", 2)
        store = TinyDBStore(path, NOW)
        polls = [add_poll(store, secrecy="named") for _ in range(2)]
        ann, ben = add_account(store, "ann"), add_account(store, "ben")
        for poll in polls:
            for voter in (ann, ben):
                cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh())
            close_poll(store, poll.id, NOW, CLOCK)
        records = [public_record(store, poll.id) for poll in polls]
        end_upkeep()
        files = {each: each.read_bytes() for each in tmp_path.iterdir()}
        store.close()
    if killed:
        for each in tmp_path.iterdir():
            each.unlink()
        for each, content in files.items():
            each.write_bytes(content)

    for _ in range(2):
        store = TinyDBStore(path, LATER)
        assert [public_record(store, poll.id) for poll in polls] == records
        assert [each.poll for each in store.group(RecordName, ann.person, "person")] == [1, 2]
        store.close()
    assert json.loads(path.read_bytes())["record_names"] == {}
    assert len(copies(path)) == 1
    store = TinyDBStore(path, LATER)
    delete_account(store, ann, LATER)
    left = [[*public_record(store, poll.id)["names"].values()] for poll in polls]
    store.close()
    assert left == [["ben"], ["ben"]]


def test_attendance_of_an_earlier_version_becomes_one_meeting_that_has_ended(data: Path) -> None:
    store = TinyDBStore(data, LATER)
    keep_meetings(store, LATER)
    end_connections(store, LATER)
    (meeting,) = store.each(Meeting)
    room = find_room(store, "lobby")
    people = store.group(Attendance, ("lobby", meeting.id), "meeting")
    present, rows = count_present(store, room, LATER), store.each(Row)
    polls = [poll.meeting for poll in store.each(Poll)]
    store.close()

    assert (meeting.number, meeting.title) == (1, "2026-11-20")
    assert (meeting.starts_at, meeting.ended_at) == (NOW - timedelta(hours=1), LATER)
    assert {each.name: (each.since_at, each.seconds) for each in people} == {
        "ann": (None, 20 * 60),
        "Kim": (None, 0),
    }
    assert (room.meeting, present, [row.checked_in for row in rows]) == (None, 0, [False])
    assert polls == [meeting.id, None]


def test_open_roll_poll_of_an_earlier_version_gets_its_electorate_at_the_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rollcall.json"
    store = TinyDBStore(path, NOW)
    with store.transaction():
        store.add(Room(0, "QU1ET0", "Club", "public"))
        kim, lee = (store.add(Row(0, "QU1ET0", name)) for name in ("Kim", "Lee"))
    roll = {"room": "QU1ET0", "eligibility": "roll", "results": "closed"}
    poll, draft = add_poll(store, **roll), add_poll(store, state="draft", **roll)
    cast_ballot(store, poll.id, kim, Vote(()), fresh(NOW))
    store.close()
    _take_electorates_away(path)

    store = TinyDBStore(path, LATER)
    fix_missing(store, LATER)
    fix_missing(store, LATER)
    with store.transaction():
        new = store.add(Row(0, "QU1ET0", "Mina"))
    opened, untouched = store.get(Poll, poll.id), store.get(Poll, draft.id)
    log = store.group(LogEntry, "QU1ET0")
    with pytest.raises(CameLater):
        cast_ballot(store, poll.id, new, Vote(()), fresh(LATER))
    later = cast_ballot(store, poll.id, lee, Vote(()), fresh(LATER))
    close_poll(store, poll.id, LATER, "u1")
    record = public_record(store, poll.id)
    store.close()

    assert opened is not None
    assert untouched is not None
    digest = digest_members(poll.id, [(kim.id, 1), (lee.id, 1)])
    assert opened.electorate == {"digest": digest, "size": 2, "admitted": 0}
    assert untouched.electorate is None
    assert [(each.kind, each.actor, each.data) for each in log] == [
        ("electorate_fixed", "operator", {"poll": poll.id, "electorate": digest})
    ]
    assert later.first
    assert (record["bases"]["eligible"], len(record["ballots"])) == (2, 2)


def _take_electorates_away(path: Path) -> None:
    tables: dict[str, dict[str, Any]] = json.loads(path.read_bytes())
    for name in ("electorates", "log"):
        tables.pop(name, None)
    for row in tables["polls"].values():
        row.pop("electorate", None)
    path.write_bytes(json.dumps(tables).encode())


def test_store_is_upgraded_once(data: Path) -> None:
    TinyDBStore(data, LATER).close()
    store = TinyDBStore(data, LATER)
    room = find_room(store, "lobby")
    arrive(store, room, standing_in(store, room, add_account(store, "ben")), LATER)
    store.close()

    store = TinyDBStore(data, LATER)
    meetings, online = store.each(Meeting), store.group(Attendance, ("lobby", None), "meeting")
    begun = begin(store, now=LATER)
    store.close()

    assert (len(meetings), [each.name for each in online]) == (1, ["ben"])
    assert begun.number == 2


def test_open_poll_of_an_earlier_version_is_voted_in_at_the_next_meeting(data: Path) -> None:
    store = TinyDBStore(data, LATER)
    (poll,) = (each for each in store.each(Poll) if each.state == "open")
    ben, room = add_account(store, "ben"), find_room(store, "lobby")
    with store.transaction():
        store.save(replace(poll, require_presence=True))
    arrive(store, room, standing_in(store, room, ben), LATER)

    with pytest.raises(NotPresent):
        cast_ballot(store, poll.id, ben, Vote(()), fresh(LATER))
    begin(store, now=LATER)
    cast = cast_ballot(store, poll.id, ben, Vote(()), fresh(LATER))
    store.close()

    assert cast.first
