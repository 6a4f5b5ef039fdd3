"""Disks that are full, failing or read-only: waiting calls get the error; memory is as the disk."""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from db.journal import (
    JournaledTinyDB,
    JournalError,
    Locked,
    OutcomeUnknown,
    StorageFull,
    Unavailable,
    files,
    upkeep,
)
from tests.db.journal.calls import (
    Calls,
    Gate,
    Rule,
    failing,
    failing_nth,
    failing_short,
    full_beyond,
    journal_size,
    short,
    wait_until,
)

ROOT = Path(__file__).parents[3]
JOURNAL = "store.json.journal"
UNIQUE = {"users": ("email",)}


class Odd(BaseException):
    """What a writer's thread may be ended with."""


def oserror(number: int) -> OSError:
    return OSError(number, os.strerror(number))


FAULTS: dict[str, tuple[str, Callable[[], Rule], type[OutcomeUnknown]]] = {
    "no space after a short write": (
        "write",
        lambda: failing_short(oserror(errno.ENOSPC)),
        StorageFull,
    ),
    "no space": ("write", lambda: failing(oserror(errno.ENOSPC)), StorageFull),
    "quota reached": ("write", lambda: failing(oserror(errno.EDQUOT)), StorageFull),
    "write fails": ("write", lambda: failing(oserror(errno.EIO)), Unavailable),
    "fsync fails": ("fsync", lambda: failing(oserror(errno.EIO)), Unavailable),
    "fsync finds no space": ("fsync", lambda: failing(oserror(errno.ENOSPC)), StorageFull),
    "out of memory": ("write", lambda: failing(MemoryError()), Unavailable),
    "no Exception": ("fsync", lambda: failing(Odd()), Unavailable),
}
every_fault = pytest.mark.parametrize("fault", FAULTS)


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "store.json"


@pytest.fixture
def db(path: Path, calls: Calls) -> Iterator[JournaledTinyDB]:
    """A store of one user, whose email is unique, and of what it tells of commits."""
    opened = JournaledTinyDB(path, unique=UNIQUE)
    opened.table("users").insert({"email": "ada", "seen": 1})
    yield opened
    calls.rules.clear()
    opened.close()


def contents(db: JournaledTinyDB) -> dict[str, Any]:
    return db.storage.read() or {}


def reopened(path: Path) -> dict[str, Any]:
    with JournaledTinyDB(path, unique=UNIQUE) as again:
        return contents(again)


def assert_stopped(db: JournaledTinyDB, refusal: type[OutcomeUnknown]) -> None:
    """It refuses writes of every kind, and still reads."""
    users, before = db.table("users"), contents(db)
    assert isinstance(db.storage.failure, refusal)
    writes: list[Callable[[], Any]] = [
        lambda: users.insert({"email": "late"}),
        lambda: users.update({"seen": 9}),
        lambda: users.remove(where("email") == "ada"),
        lambda: db.drop_table("users"),
        db.compact,
    ]
    for write in writes:
        with pytest.raises(refusal):
            write()
    assert contents(db) == before
    assert users.get(where("email") == "ada") == {"email": "ada", "seen": 1}
    assert users.get(where("email") == "late") is None


@every_fault
def test_write_is_refused_and_taken_back_when_the_disk_fails(
    db: JournaledTinyDB, calls: Calls, path: Path, fault: str
) -> None:
    call, rule, refusal = FAULTS[fault]
    calls.rules[call, JOURNAL] = rule()
    before = contents(db)

    wanted: dict[str, Any] = {}

    def write() -> None:
        with db.transaction():
            db.table("users").update({"email": "ada2", "seen": 2}, where("email") == "ada")
            db.table("users").insert({"email": "bob"})
            db.table("log").insert({"event": "signup"})
            wanted.update(contents(db))

    with pytest.raises(refusal):
        write()

    assert contents(db) == before
    assert db.tables() == {"users"}
    for gone in ("ada2", "bob"):
        assert db.storage.find("users", "email", gone) is None
    assert_stopped(db, refusal)
    calls.rules.clear()
    db.close()
    assert reopened(path) in (before, wanted)


@every_fault
@pytest.mark.parametrize("flight", ["first", "second"])
def test_all_who_wait_get_the_error_when_a_group_commit_fails(
    db: JournaledTinyDB, calls: Calls, gate: Gate, path: Path, fault: str, flight: str
) -> None:
    call, rule, refusal = FAULTS[fault]
    outcomes: dict[int, BaseException | None] = {}

    def write(number: int) -> None:
        try:
            db.table("users").insert({"email": f"user{number}"})
            outcomes[number] = None
        except OutcomeUnknown as error:
            outcomes[number] = error

    calls.rules[call, JOURNAL] = gate.rule
    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
        wait_until(lambda: gate.waiting)
    wait_until(lambda: len(db.table("users")) == 13)
    calls.rules[call, JOURNAL] = rule()

    gate.open(rule() if flight == "first" else None)

    for thread in threads:
        thread.join()
    succeeded = [number for number, error in outcomes.items() if error is None]
    assert succeeded == ([] if flight == "first" else [0])
    assert all(
        isinstance(outcomes[number], refusal) for number in range(12) if number not in succeeded
    )
    assert len({id(error) for error in outcomes.values()}) == 12, "each has its own traceback"
    emails = {"ada", *(f"user{number}" for number in succeeded)}
    assert {user["email"] for user in db.table("users")} == emails
    assert_stopped(db, refusal)
    calls.rules.clear()
    db.close()
    kept = {user["email"] for user in reopened(path)["users"].values()}
    assert emails <= kept <= {"ada", *(f"user{number}" for number in range(12))}


def test_lines_are_whole_when_every_write_is_short(
    path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROOM_BYTES", 200)
    for most in (1, 10, 100, 210, 300):
        calls.rules["write", JOURNAL] = short(most)
        with JournaledTinyDB(path) as db:
            for number in range(20):
                db.table("log").insert({"number": number, "most": most})
            expected = contents(db)
            left = path.read_bytes(), path.with_name(JOURNAL).read_bytes()
        path.write_bytes(left[0])
        path.with_name(JOURNAL).write_bytes(left[1])

        assert reopened(path) == expected


@pytest.mark.parametrize("lines", [0, 1, 4])
@pytest.mark.parametrize("more", [0, 1, 20])
def test_nearly_full_disk_refuses_only_the_line_that_does_not_fit(
    db: JournaledTinyDB, calls: Calls, path: Path, lines: int, more: int
) -> None:
    users, before = db.table("users"), journal_size(path)
    users.insert({"email": "user0"})
    line = journal_size(path) - before
    db.compact()
    free = journal_size(path) + lines * line + more
    calls.rules["write", JOURNAL] = full_beyond(free, oserror(errno.ENOSPC))

    for number in range(1, lines + 1):
        users.insert({"email": f"user{number}"})
    expected = contents(db)
    with pytest.raises(StorageFull):
        users.insert({"email": "late"})

    assert_stopped(db, StorageFull)
    calls.rules.clear()
    db.close()
    assert reopened(path) == expected


def test_open_transaction_is_taken_back_when_an_earlier_commit_fails(
    db: JournaledTinyDB, calls: Calls, gate: Gate
) -> None:
    calls.rules["fsync", JOURNAL] = gate.rule
    refused: list[OutcomeUnknown] = []

    def write() -> None:
        try:
            db.table("users").insert({"email": "first"})
        except OutcomeUnknown as error:
            refused.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    wait_until(lambda: gate.waiting)

    def write_beside() -> None:
        with db.transaction():
            db.table("users").insert({"email": "second"})
            gate.open(failing(oserror(errno.EIO)))

    with pytest.raises(Unavailable):
        write_beside()

    thread.join()
    assert len(refused) == 1
    assert [user["email"] for user in db.table("users")] == ["ada"]


def test_those_on_their_way_to_the_disk_are_kept_when_the_store_gives_up(
    db: JournaledTinyDB, calls: Calls, gate: Gate, path: Path
) -> None:
    calls.rules["fsync", JOURNAL] = gate.rule
    insert = lambda name: db.table("users").insert({"email": name})  # noqa: E731
    threads = [threading.Thread(target=insert, args=(name,)) for name in ("flying", "boarding")]
    for thread in threads:
        thread.start()
        wait_until(lambda: gate.waiting)
    wait_until(lambda: len(db.table("users")) == 3)

    refusal = db.storage.give_up(oserror(errno.ENOSPC))
    gate.open()

    for thread in threads:
        thread.join()
    assert isinstance(refusal, StorageFull)
    assert_stopped(db, StorageFull)
    calls.rules.clear()
    db.close()
    kept = {user["email"] for user in reopened(path)["users"].values()}
    assert kept == {"ada", "flying", "boarding"}


def test_answer_that_rests_on_a_lost_write_is_refused(
    db: JournaledTinyDB, calls: Calls, gate: Gate
) -> None:
    """Neither a duplicate of it, nor a look at it, may be told as a fact."""
    calls.rules["fsync", JOURNAL] = gate.rule
    outcomes: list[type[BaseException]] = []

    def attempt(step: Callable[[], Any]) -> None:
        try:
            step()
        except JournalError as error:
            outcomes.append(type(error))

    def look() -> None:
        with db.transaction():
            assert db.table("users").contains(where("email") == "bob")

    insert = lambda: db.table("users").insert({"email": "bob"})  # noqa: E731
    steps: list[Callable[[], Any]] = [insert, insert, look, db.storage.barrier]
    threads = [threading.Thread(target=attempt, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
        wait_until(lambda: gate.waiting)
    gate.open(failing(oserror(errno.EIO)))

    for thread in threads:
        thread.join()
    assert outcomes == [Unavailable] * 4


SNAPSHOT_PHASE: dict[str, tuple[tuple[str, str], Callable[[], Rule], type[OutcomeUnknown]]] = {
    "open fails": (
        ("open", "store.json.tmp"),
        lambda: failing(oserror(errno.EMFILE)),
        Unavailable,
    ),
    "no space": (
        ("write", "store.json.tmp"),
        lambda: failing_short(oserror(errno.ENOSPC)),
        StorageFull,
    ),
    "fsync fails": (
        ("fsync", "store.json.tmp"),
        lambda: failing(oserror(errno.EIO)),
        Unavailable,
    ),
    "rename fails": (("replace", "store.json"), lambda: failing(oserror(errno.EIO)), Unavailable),
    "folder's fsync fails": (
        ("fsync", "folder"),
        lambda: failing(oserror(errno.EIO)),
        Unavailable,
    ),
}


@pytest.mark.parametrize("fault", SNAPSHOT_PHASE)
def test_store_goes_on_when_a_snapshot_can_not_be_written(
    db: JournaledTinyDB, calls: Calls, path: Path, fault: str
) -> None:
    call, rule, refusal = SNAPSHOT_PHASE[fault]
    calls.rules[call] = rule()

    with pytest.raises(refusal):
        db.compact()

    assert db.storage.failure is None
    assert not path.with_name("store.json.tmp").exists(), "it would take the room that is short"
    db.table("users").insert({"email": "bob"})
    calls.rules.clear()
    db.compact()
    db.table("users").insert({"email": "eve"})
    expected = contents(db)
    db.close()
    assert reopened(path) == expected


SWITCH_PHASE: dict[str, tuple[tuple[str, str], int]] = {
    "open fails": (("open", JOURNAL + ".tmp"), errno.EMFILE),
    "no space": (("write", JOURNAL + ".tmp"), errno.ENOSPC),
    "fsync fails": (("fsync", JOURNAL + ".tmp"), errno.EIO),
    "rename fails": (("replace", JOURNAL), errno.EIO),
    "folder's fsync fails": (("fsync", "folder"), errno.EIO),
}


@pytest.mark.parametrize("fault", SWITCH_PHASE)
def test_store_stops_when_a_journal_can_not_be_switched(
    db: JournaledTinyDB, calls: Calls, path: Path, fault: str
) -> None:
    call, number = SWITCH_PHASE[fault]
    refusal = StorageFull if number == errno.ENOSPC else Unavailable

    def renamed(real: Rule, *arguments: Any) -> None:
        real(*arguments)
        calls.rules = {call: failing(oserror(number))}

    calls.rules["replace", "store.json"] = renamed
    if call == ("fsync", "folder"):  # not the snapshot's, the journal's
        calls.rules = {("replace", JOURNAL): renamed}

    with pytest.raises(refusal):
        db.compact()

    assert_stopped(db, refusal)
    expected = contents(db)
    calls.rules.clear()
    db.close()
    assert reopened(path) == expected


def test_compaction_is_refused_when_a_commit_fails_beside_it(
    db: JournaledTinyDB, calls: Calls, gate: Gate, path: Path
) -> None:
    calls.rules["write", "store.json.tmp"] = gate.rule
    refused: list[OutcomeUnknown] = []

    def compact() -> None:
        try:
            db.compact()
        except OutcomeUnknown as error:
            refused.append(error)

    thread = threading.Thread(target=compact)
    thread.start()
    wait_until(lambda: gate.waiting)
    calls.rules["fsync", JOURNAL] = failing(oserror(errno.EIO))
    with pytest.raises(Unavailable):
        db.table("users").insert({"email": "bob"})
    calls.rules.clear()

    gate.open()

    thread.join()
    assert [type(error) for error in refused] == [Unavailable]
    assert calls.counts["replace", JOURNAL] == 1, "nothing is written after a failure"
    assert_stopped(db, Unavailable)
    db.close()
    assert {user["email"] for user in reopened(path)["users"].values()} in (
        {"ada"},
        {"ada", "bob"},
    )


def test_compaction_by_size_is_tried_again_at_twice_the_size_when_it_fails(
    path: Path, calls: Calls
) -> None:
    db = JournaledTinyDB(path, compact_bytes=2_000)
    calls.rules["replace", "store.json"] = failing(oserror(errno.EIO))

    def size_at_next_attempt() -> int:
        before = calls.counts["replace", "store.json"]
        while calls.counts["replace", "store.json"] == before:
            size = journal_size(path)
            db.table("log").insert({"text": "x" * 10})
            wait_until(
                lambda: "compaction" not in {thread.name for thread in threading.enumerate()}
            )
        return size

    first, second = size_at_next_attempt(), size_at_next_attempt()
    calls.rules.clear()
    third, small = size_at_next_attempt(), journal_size(path)
    fourth = size_at_next_attempt()

    assert 2_000 - 100 < first <= 2_000
    assert 2 * first < second < 2 * first + 200
    assert 2 * second < third < 2 * second + 200
    assert small < 200
    assert fourth < third, "it is measured by the snapshot again"
    expected = contents(db)
    db.close()
    assert reopened(path) == expected


def test_close_lets_go_when_the_journal_can_not_be_compacted(
    db: JournaledTinyDB, calls: Calls, path: Path
) -> None:
    db.table("users").insert({"email": "bob"})
    expected = contents(db)
    calls.rules["write", "store.json.tmp"] = failing(oserror(errno.ENOSPC))

    db.close()

    calls.rules.clear()
    assert reopened(path) == expected


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("left", ["nothing", "clean", "torn"])
def test_opening_is_refused_and_harmless_when_any_of_its_calls_fails(
    path: Path, calls: Calls, left: str, number: int
) -> None:
    expected: dict[str, Any] = {}
    if left != "nothing":
        with JournaledTinyDB(path) as made:
            made.table("users").insert({"email": "ada"})
            expected = contents(made)
            journal = path.with_name(JOURNAL)
            killed = path.read_bytes(), journal.read_bytes() + b"0badc0de [2,"
        if left == "torn":
            path.write_bytes(killed[0])
            journal.write_bytes(killed[1])
    refusals: list[type[OutcomeUnknown]] = []
    for nth in range(100):
        rule = failing_nth(nth, oserror(number))
        calls.rules = dict.fromkeys(("open", "write", "fsync", "replace"), rule)
        try:
            JournaledTinyDB(path).close()
        except OutcomeUnknown as error:
            refusals.append(type(error))
        assert not open_files(path.parent)
        assert not list(path.parent.glob("*.tmp"))
        if len(refusals) == nth:
            break

    assert len(refusals) >= 8
    assert set(refusals) == {StorageFull if number == errno.ENOSPC else Unavailable}
    calls.rules.clear()
    assert reopened(path) == expected


def open_files(folder: Path) -> list[str]:
    """Return the files in a folder that this process has open."""
    links = [f"/proc/self/fd/{descriptor}" for descriptor in os.listdir("/proc/self/fd")]
    targets = [os.readlink(link) for link in links if os.path.lexists(link)]
    return [target for target in targets if target.startswith(f"{folder}/")]


READ_ONLY = """
import os, sys
from pathlib import Path
from db.journal import JournaledTinyDB, JournalError
path = Path(sys.argv[1])
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    JournaledTinyDB(path).table("users").insert({"email": "eve"})
except JournalError as error:
    print(type(error).__name__)
else:
    print("opened")
"""


def open_unprivileged(path: Path) -> str:
    command = [sys.executable, "-c", READ_ONLY, str(path)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("read_only", ["empty folder", "folder", "store.json", JOURNAL])
def test_opening_is_refused_and_changes_nothing_when_it_may_not_write(
    folder: Path, read_only: str
) -> None:
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    path = data / "store.json"
    if read_only != "empty folder":
        with JournaledTinyDB(path) as db:
            db.table("users").insert({"email": "ada"})
    protected = data if "folder" in read_only else data / read_only
    if os.getuid() == 0:
        for file in (data, *data.iterdir()):
            os.chown(file, 65534, 65534)
    before = {file.name: file.read_bytes() for file in data.iterdir() if file.suffix != ".lock"}
    protected.chmod(0o555 if protected == data else 0o444)

    answer = open_unprivileged(path)

    assert answer == "Unavailable\n"
    protected.chmod(0o700)
    files = {file.name: file.read_bytes() for file in data.iterdir() if file.suffix != ".lock"}
    assert files == before
    assert open_unprivileged(path) == "opened\n"


HOLD = """
import sys
from db.journal import JournaledTinyDB

with JournaledTinyDB(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_second_process_is_refused_with_the_first_ones_number(folder: Path) -> None:
    path = folder / "store.json"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"

        with pytest.raises(Locked, match=f"{path} is in use by process {holder.pid}:"):
            JournaledTinyDB(path)

        holder.kill()
    with JournaledTinyDB(path) as db, pytest.raises(Locked, match=str(os.getpid())):
        JournaledTinyDB(db.storage.path)


def test_snapshot_stays_valid_json_when_compaction_stops_half_way(
    db: JournaledTinyDB, calls: Calls, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PAUSE_SECONDS", 0)
    before = path.read_bytes()
    calls.rules["write", "store.json.tmp"] = failing_short(oserror(errno.ENOSPC))

    with pytest.raises(StorageFull):
        db.compact()

    assert path.read_bytes() == before
    assert json.loads(before)
