"""Backups in a folder: names, which is due, which go; and taking them while the disk fails."""

import errno
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.backups import RETRY, BackupRules, Backups
from db.backups import Backup, find_backups, find_surplus, is_due, write_backup
from db.journal import files
from db.tinydb_store import TinyDBStore
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=1_000)
RULES = {"interval": 6 * HOUR, "count": 3, "age": timedelta(days=2)}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TinyDBStore]:
    opened = TinyDBStore(tmp_path / "data" / "rollcall.json", NOW)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def backups(store: TinyDBStore, folder: Path, clock: Clock) -> Backups:
    return Backups(store, BackupRules(folder, **RULES), clock)  # type: ignore[arg-type]


def hours_of(folder: Path) -> list[tuple[float, bool]]:
    """Return how many hours after `NOW` each backup was taken, and whether it is unsealed."""
    return [((each.at - NOW) / HOUR, each.unsealed) for each in find_backups(folder, LATER)]


def test_backup_is_taken_at_each_interval_and_only_its_owner_reads_it(
    backups: Backups, folder: Path, clock: Clock
) -> None:
    for clock.now in (NOW, NOW + 5 * HOUR, NOW + 6 * HOUR):
        backups.look()

    modes = [stat.S_IMODE(each.path.stat().st_mode) for each in find_backups(folder, LATER)]
    assert hours_of(folder) == [(0, False), (6, False)]
    assert modes == [0o600, 0o600]
    assert backups.size == find_backups(folder, LATER)[-1].path.stat().st_size
    assert json.loads(find_backups(folder, LATER)[-1].path.read_bytes())["_journal"]


def test_backups_are_kept_by_count_and_by_age_and_the_newest_always(
    store: TinyDBStore, folder: Path, clock: Clock
) -> None:
    backups = Backups(store, BackupRules(folder, 6 * HOUR, 5, timedelta(days=2)), clock)
    for hour in range(0, 42, 6):
        clock.now = NOW + hour * HOUR
        backups.look()
    by_count = hours_of(folder)
    for hour in range(400, 430, 6):
        clock.now = NOW + hour * HOUR
        backups.look()
    alone = find_surplus(find_backups(folder, LATER)[-1:], LATER, 3, HOUR, NOW)

    assert by_count == [(hour, False) for hour in (12, 18, 24, 30, 36)]
    assert hours_of(folder) == [(hour, False) for hour in (400, 406, 412, 418, 424)]
    assert alone == []


def test_clock_that_is_far_ahead_removes_no_backup_until_several_say_so(
    store: TinyDBStore, folder: Path, clock: Clock
) -> None:
    backups = Backups(store, BackupRules(folder, 6 * HOUR, 28, timedelta(days=2)), clock)
    ahead = NOW + 30_000 * HOUR
    for hour in (0, 6, 12):
        clock.now = NOW + hour * HOUR
        backups.look()

    left = []
    for clock.now in (ahead, ahead + 6 * HOUR, ahead + 12 * HOUR, ahead + 18 * HOUR):
        backups.look()
        left.append([hour for hour, _ in hours_of(folder) if hour < 100])

    assert left == [[0, 6, 12]] * 3 + [[]]


def test_files_that_are_no_backups_stay(backups: Backups, folder: Path, clock: Clock) -> None:
    folder.mkdir()
    others = [folder / name for name in ("notes.txt", "rollcall-2020.json", "rollcall.json")]
    for each in others:
        each.write_text("mine")

    for hour in (0, 6, 12, 18, 24):
        clock.now = NOW + hour * HOUR
        backups.look()

    assert [each.read_text() for each in others] == ["mine"] * 3


def test_backup_of_an_open_secret_poll_goes_once_the_poll_has_ended(
    store: TinyDBStore, backups: Backups, folder: Path, clock: Clock
) -> None:
    poll = add_poll(store, opened_at=NOW)
    cast_ballot(store, poll.id, add_account(store, "ann"), Vote(()), fresh())
    pseudonym = store.ballots(poll.id)[0].voter or ""
    backups.look()
    taken = find_backups(folder, LATER)[0].path.read_text()
    clock.now = NOW + HOUR
    backups.look()
    while_open = hours_of(folder)
    close_poll(store, poll.id, clock.now, "u1")
    backups.look()
    left = "".join(each.read_text() for each in folder.glob("*.json"))

    assert pseudonym in taken
    assert while_open == [(0, True)]
    assert hours_of(folder) == [(1, False)]
    assert pseudonym not in left


def test_backup_goes_though_the_server_was_stopped_and_started_within_its_second(
    store: TinyDBStore, folder: Path, clock: Clock
) -> None:
    add_poll(store, opened_at=NOW)  # goes on, so that each backup has the same name
    ends = add_poll(store, opened_at=NOW)
    cast_ballot(store, ends.id, add_account(store, "ann"), Vote(()), fresh())
    pseudonym = store.ballots(ends.id)[0].voter or ""
    rules = BackupRules(folder, **RULES)  # type: ignore[arg-type]
    Backups(store, rules, clock).look()
    close_poll(store, ends.id, clock.now, "u1")
    again = Backups(store, rules, clock)
    for clock.now in (NOW, NOW + timedelta(seconds=5)):
        again.look()

    assert pseudonym not in "".join(each.read_text() for each in folder.glob("*.json"))


def test_backup_goes_once_one_of_its_secret_polls_has_ended_though_an_older_one_goes_on(
    store: TinyDBStore, backups: Backups, folder: Path, clock: Clock
) -> None:
    add_poll(store, opened_at=NOW)
    clock.now = NOW + HOUR
    ends = add_poll(store, opened_at=clock.now)
    cast_ballot(store, ends.id, add_account(store, "ann"), Vote(()), fresh())
    pseudonym = store.ballots(ends.id)[0].voter or ""
    backups.look()
    taken = find_backups(folder, LATER)[0].path.read_text()
    clock.now = NOW + 2 * HOUR
    close_poll(store, ends.id, clock.now, "u1")
    for _ in range(2):
        backups.look()
        clock.now += timedelta(minutes=1)
    left = "".join(each.read_text() for each in folder.glob("*.json"))

    assert pseudonym in taken
    assert hours_of(folder) == [(2, True)]
    assert pseudonym not in left


def test_unsealed_backup_of_before_a_start_is_taken_again(
    store: TinyDBStore, backups: Backups, folder: Path, clock: Clock
) -> None:
    ends = add_poll(store, opened_at=NOW)
    add_poll(store, opened_at=NOW)
    backups.look()
    close_poll(store, ends.id, NOW, "u1")
    clock.now = NOW + HOUR

    Backups(store, BackupRules(folder, **RULES), clock).look()  # type: ignore[arg-type]

    assert hours_of(folder) == [(1, True)]


def test_poll_that_opens_as_a_backup_is_taken_and_ends_before_the_next_look_is_seen(
    store: TinyDBStore, backups: Backups, folder: Path, clock: Clock, monkeypatch: Any
) -> None:
    polls = []
    take = store.backup

    def open_first() -> Any:
        if not polls:
            polls.append(add_poll(store, opened_at=NOW))
        return take()

    monkeypatch.setattr(store, "backup", open_first)
    backups.look()
    close_poll(store, polls[0].id, NOW, "u1")
    taken = hours_of(folder)
    clock.now = NOW + HOUR
    backups.look()

    assert taken == [(0, True)]
    assert hours_of(folder) == [(1, False)]


def test_named_polls_and_drafts_leave_a_backup_as_it_is(
    store: TinyDBStore, backups: Backups, folder: Path
) -> None:
    add_poll(store, opened_at=NOW, secrecy="named")
    draft = add_poll(store, state="draft")
    store.prepare_poll_keys([draft.id])

    backups.look()

    assert hours_of(folder) == [(0, False)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_failing_disk_of_backups_is_reported_and_voting_goes_on(
    number: int,
    store: TinyDBStore,
    backups: Backups,
    folder: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    poll = add_poll(store, opened_at=NOW, secrecy="named")
    write_all = files.write_all

    def fail(descriptor: int, data: Any) -> None:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")).parent == folder:
            raise OSError(number, os.strerror(number))
        write_all(descriptor, data)

    monkeypatch.setattr(files, "write_all", fail)
    backups.look()
    left = [each.name for each in folder.iterdir() if not each.name.startswith(".")]
    cast = cast_ballot(store, poll.id, add_account(store, "ann"), Vote(()), fresh())
    clock.now += RETRY / 2
    backups.look()
    failures = backups.failures
    monkeypatch.undo()
    clock.now += RETRY
    backups.look()

    assert left == []
    assert (failures, backups.taken_at) == (1, clock.now)
    assert cast.first
    assert store.failure is None
    assert os.strerror(number) in caplog.text


def test_half_a_backup_that_a_crash_left_is_removed(folder: Path) -> None:
    folder.mkdir()
    half = folder / "rollcall-20260101T000000Z.json.tmp"
    half.write_bytes(b"{")

    made = write_backup(folder, NOW, [b"{}"], unsealed=False)

    assert [*folder.iterdir()] == [made.path]


def test_one_of_two_processes_takes_the_backup(
    store: TinyDBStore, backups: Backups, folder: Path, clock: Clock
) -> None:
    lock = files.lock(folder / ".rollcall.lock")
    backups.look()
    meanwhile, failures = hours_of(folder), backups.failures
    os.close(lock)
    backups.look()

    assert (meanwhile, failures) == ([], 0)
    assert hours_of(folder) == [(0, False)]


def test_clock_that_was_set_back_does_not_stop_backups() -> None:
    newest = Backup(Path("rollcall-x.json"), NOW + timedelta(days=900), unsealed=False)

    assert is_due([newest], NOW, HOUR, NOW)
    assert not is_due([replace(newest, at=NOW)], NOW, HOUR, NOW)


def test_backups_of_a_clock_that_was_ahead_count_as_the_oldest(
    backups: Backups, folder: Path, clock: Clock
) -> None:
    clock.now = NOW + 30_000 * HOUR
    backups.look()
    for clock.now in (
        NOW,
        NOW + 6 * HOUR,
        *(NOW + 6 * HOUR + timedelta(seconds=n) for n in (5, 9)),
    ):
        backups.look()
    known, taken_at = len(hours_of(folder)), backups.taken_at
    for clock.now in (NOW + 12 * HOUR, NOW + 18 * HOUR):
        backups.look()

    assert (known, taken_at) == (3, NOW + 6 * HOUR)
    assert hours_of(folder) == [(6, False), (12, False), (18, False)]


def test_unsealed_backup_of_a_clock_that_was_ahead_goes(
    store: TinyDBStore, backups: Backups, folder: Path, clock: Clock
) -> None:
    poll = add_poll(store, opened_at=NOW)
    clock.now = NOW + 30_000 * HOUR
    backups.look()
    clock.now = NOW
    backups.look()
    meanwhile = hours_of(folder)
    close_poll(store, poll.id, NOW, "u1")
    clock.now += timedelta(seconds=5)
    backups.look()

    assert meanwhile == [(0, True)]
    assert [unsealed for _, unsealed in hours_of(folder)] == [False]


def test_name_whose_digits_are_no_time_is_no_backup(backups: Backups, folder: Path) -> None:
    folder.mkdir()
    strange = folder / "rollcall-20261332T000000Z.json"
    strange.write_text("{}")

    backups.look()

    assert hours_of(folder) == [(0, False)]
    assert strange.exists()
