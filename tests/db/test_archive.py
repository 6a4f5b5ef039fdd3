"""Journals that stay beside the backups: a restore brings back a moment between two of them."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.backups import BackupRules, Backups
from db.__main__ import main
from db.archive import archive_of
from db.backups import find_backups
from db.journal import JournaledStorage
from db.journal.contents import read
from db.journal.keeping import CLOCK, mark_at, replay
from db.tinydb_store import TinyDBStore
from tests.db.journal.calls import wait_until
from tests.records import public_record
from tests.server import Server as RealServer
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from tests.voting.secrecy import find_leaks, read_files
from tests.voting.test_secrecy import Meeting
from voting.accounts import delete_account
from voting.casting import Vote
from voting.ending import close_poll
from voting.leaves import digest
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.people import find_room
from voting.rooms import delete_room

MINUTE = timedelta(minutes=1)


class Server:
    """A store, its backups and its clock, as a server has them."""

    def __init__(self, folder: Path) -> None:
        self.path, self.backups_folder = folder / "data" / "rollcall.json", folder / "backups"
        self.now = NOW
        self.start()

    def start(self) -> None:
        self.store = TinyDBStore(self.path, NOW, keep_journals=True)
        archive = archive_of(self.store, self.backups_folder)
        rules = BackupRules(self.backups_folder, 60 * MINUTE, 28, timedelta(days=9))
        self.backups = Backups(self.store, rules, lambda: self.now, archive)

    def at(self, minute: float) -> TinyDBStore:
        """Let the clock be so many minutes after the beginning, and the loop look."""
        self.now = NOW + minute * MINUTE
        self.backups.look()
        return self.store

    def stop(self) -> None:
        self.store.close()

    def restart(self) -> None:
        """Stop and start, which puts a new journal in the place of the old one."""
        self.store.close()
        self.start()

    def newest(self) -> Path:
        return find_backups(self.backups_folder, self.now)[-1].path

    def restore(self, minute: float, source: Path | None = None) -> int:
        """Restore a backup, the newest if none is given, up to a minute."""
        until = (NOW + minute * MINUTE).isoformat()
        given = ["--data", str(self.path), str(source or self.newest()), "--until", until]
        return main(["restore", *given])

    def names(self) -> list[str]:
        store = TinyDBStore(self.path, NOW)
        found = sorted(account.name for account in store.each(Account))
        store.close()
        return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.store.close()


def test_restore_brings_back_a_moment_between_two_backups(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for minute, name in enumerate(("ann", "ben", "kim", "lee", "max")):
        add_account(server.at(10 * minute), name)
        if name in ("ben", "lee"):
            server.at(10 * minute + 1)
            server.restart()
    first = find_backups(server.backups_folder, server.now)[0].path
    add_account(server.at(70), "new")
    server.stop()

    code = server.restore(32, first)
    printed = capsys.readouterr().out
    early = server.names()

    assert code == 0
    assert "It is as it was at 2026-11-20 09:31:00 UTC." in printed
    assert early == ["ann", "ben", "kim", "lee"]


def test_journal_that_a_kill_left_counts(server: Server, tmp_path: Path) -> None:
    add_account(server.at(0), "ann")
    add_account(server.at(1), "ben")
    server.at(2)
    add_account(server.at(3), "kim")
    server.at(4)
    left = {each.name: each.read_bytes() for each in server.path.parent.iterdir()}
    server.stop()
    for name, content in left.items():
        (server.path.parent / name).write_bytes(content)
    for each in server.path.parent.glob("*.journal.*"):
        each.unlink()

    assert server.restore(2.5) == 0
    assert server.names() == ["ann", "ben"]


def test_moment_that_no_journal_leads_to_is_refused(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for minute, name in enumerate(("ann", "ben", "kim")):
        add_account(server.at(10 * minute), name)
        server.restart()
    server.at(30)
    server.stop()
    before = server.names()

    later = server.restore(99)
    earlier = server.restore(-5)
    gone = sorted(server.backups_folder.glob("rollcall-journal-*"))[1]
    gone.unlink()
    gap = server.restore(25)

    assert (later, earlier, gap) == (2, 2, 2)
    said = capsys.readouterr().err
    assert "no journal leads" in said
    assert re.search(r"they end at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said), said
    assert server.names() == before


def test_moment_of_an_open_poll_is_refused_and_after_its_end_there_is_a_backup(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    store = server.at(0)
    first = server.newest()
    poll = add_poll(store, opened_at=NOW, secrecy="named")
    cast_ballot(store, poll.id, add_account(store, "ann"), Vote(()), fresh())
    server.at(1)
    close_poll(store, poll.id, NOW + MINUTE, "u1")
    add_account(server.at(2), "ben")
    add_account(server.at(3), "kim")
    server.at(4)
    server.stop()

    during, after = server.restore(1.5, first), server.restore(3.5, first)
    refused = capsys.readouterr().err
    done = server.restore(3.5)
    store = TinyDBStore(server.path, NOW)
    ballots, found = store.ballots(poll.id), store.get(Poll, poll.id)
    store.close()

    assert (during, after, done) == (2, 2, 0)
    assert f"poll {poll.id} was open" in refused
    assert f"poll {poll.id} was closed" in refused
    assert (len(ballots), found and found.state) == (1, "closed")
    assert server.names() == ["ann", "ben"]


def test_moment_after_a_deletion_has_no_name_that_went_with_it(server: Server) -> None:
    store = server.at(0)
    polls = [add_poll(store, opened_at=NOW, secrecy="named", room=room) for room in ("A", "B")]
    ann, ben = add_account(store, "ann"), add_account(store, "ben")
    for poll in polls:
        for voter in (ann, ben):
            cast_ballot(store, poll.id, voter, Vote(()), fresh())
        close_poll(store, poll.id, NOW, "u1")
    server.at(61)
    source = server.newest()
    delete_account(store, ann, NOW)
    delete_room(store, find_room(store, "B"))
    server.at(62)
    server.at(63)
    server.stop()
    assert b'"name":"ann"' in source.read_bytes()

    assert server.restore(62, source) == 0
    store = TinyDBStore(server.path, NOW)
    names = [(each.poll, each.name) for each in store.each(RecordName)]
    record = public_record(store, polls[0].id)
    store.close()

    assert sorted(names, key=str) == [(polls[0].id, "ben"), (polls[0].id, None)]
    assert digest(record) == record["digest"]
    assert server.names() == ["ben"]


def test_journals_go_with_the_backups_that_they_continue(server: Server) -> None:
    for hour in range(40):
        server.at(60 * hour)
        server.restart()
    backups = find_backups(server.backups_folder, server.now)

    assert len(backups) == 28
    assert 0 < len([*server.backups_folder.glob("rollcall-journal-*")]) <= 40


def test_every_batch_is_in_a_journal_that_stays_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "store.json"
    storage = JournaledStorage(path, keep_journals=True)
    copy, done = tmp_path / "copy.json", threading.Event()
    copy.write_bytes(b"".join(storage.backup()))

    def put(table: str, key: int, document: dict[str, Any]) -> None:
        with storage.transaction():
            storage.put(table, key, document)

    def write(writer: int) -> None:
        number = 0
        while not done.is_set():
            number += 1
            put("rows", 1_000_000 * (writer + 1) + number, {"by": [writer, number]})

    writers = [threading.Thread(target=write, args=(each,)) for each in range(3)]
    for each in writers:
        each.start()
    for _ in range(5):
        storage.compact()
    done.set()
    for each in writers:
        each.join()
    put(CLOCK, 1, dict(mark_at(NOW)))
    wanted = dict(storage.documents("rows"))
    put("rows", 999_999, {"after": True})
    put(CLOCK, 1, dict(mark_at(NOW + MINUTE)))
    kept = [*storage.kept_journals(), path.with_name("store.json.journal")]
    contents = read(copy)
    states = contents.merge()

    replay(states, contents.found.sequence, kept, NOW)
    storage.close()

    assert len(kept) > 3
    assert dict(states["rows"].documents) == wanted


def test_journals_that_stay_lead_from_no_voter_to_a_ballot(tmp_path: Path) -> None:
    backups = tmp_path / "data" / "backups"
    backups.parent.mkdir()
    running = RealServer(tmp_path / "data", BACKUP_DIR=str(backups), BACKUP_JOURNALS="on").start()
    meeting = Meeting(running, "secret")
    running.stop()
    earlier = {*backups.glob("*-open.json")}
    running.start()

    wait_until(lambda: {*backups.glob("*-open.json")} - earlier)
    unsealed = [*backups.glob("*-open.json")]
    meeting.do("close")
    running.stop()
    running.start()
    wait_until(lambda: not any(each.exists() for each in unsealed))
    running.stop()

    kept = [name for name in read_files(backups.parent) if ".lines" in name or ".journal." in name]
    assert len(kept) >= 2
    assert find_leaks(backups.parent, meeting.known) == []
