"""`python -m db`: check, compact, backup, restore, on whole and on damaged stores."""

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from db.__main__ import main
from db.journal import Corrupt, JournaledTinyDB, JournalError, Mismatch, files, offline

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CLOCK = int(NOW.timestamp())

Rows = dict[str, dict[str, Any]]


def plain(chunks: Iterable[bytes], slices: int) -> Iterable[bytes]:
    return chunks


def restore(path: Path, source: Path, *, force: bool = False) -> offline.Restored:
    return offline.restore(path, source, NOW, plain, force=force)


def write(path: Path, rows: Iterable[int], *, table: str = "_default", crash: bool = False) -> int:
    """Write a batch a row; return the sequence. `crash`: as a process leaves it that is killed."""
    database = JournaledTinyDB(path)
    for row in rows:
        database.table(table).insert({"row": row})
    sequence = database.storage.sequence
    left = contents(path.parent)
    database.close()
    if crash:
        put_back(path.parent, left)
    return sequence


def rows(path: Path) -> list[int]:
    with JournaledTinyDB(path) as database:
        return [row["row"] for row in database]


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".lock"}


def put_back(folder: Path, contents: dict[str, bytes]) -> None:
    """Have just these files, and no lock: a dead process holds none."""
    for file in folder.iterdir():
        file.unlink()
    for name, data in contents.items():
        (folder / name).write_bytes(data)


def journal_of(path: Path) -> Path:
    return path.with_name(path.name + ".journal")


def tear(path: Path, data: bytes) -> None:
    """Put after the journal's lines what a crash left of another, in the room for it."""
    written = journal_of(path).read_bytes()
    lines = written.rstrip(b"\0")
    assert len(written) > len(lines) + len(data)
    journal_of(path).write_bytes((lines + data).ljust(len(written), b"\0"))


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of rows 0 to 5, the last three in its journal alone."""
    path = tmp_path / "data" / "rollcall.json"
    write(path, range(3))
    write(path, range(3, 6), crash=True)
    return path


@pytest.fixture
def copy(path: Path, tmp_path: Path) -> Path:
    """A backup of rows 0 to 5, after which the store went on to row 7."""
    copy = tmp_path / "copy.json"
    write(path, [0], table="rooms", crash=True)  # only what has a table of ours is restored
    offline.backup(path, copy, plain)
    write(path, [6, 7], crash=True)
    return copy


def damage_line(path: Path, number: int) -> None:
    lines = journal_of(path).read_bytes().splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace(b"row", b"rot")
    journal_of(path).write_bytes(b"".join(lines))


# -- check ----------------------------------------------------------------------------


def test_check_counts_and_changes_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tear(path, b"0badc0de [7,[{")
    before = contents(path.parent)

    code, printed = run(capsys, "check", "--data", path)

    assert code == 0
    for words in ("6 documents", "batch 6", "3 of them in the journal", "14 bytes", "checksum"):
        assert words in printed
    assert contents(path.parent) == before


def test_check_names_the_damaged_line_and_the_remedy(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage_line(path, 3)

    code, printed = run(capsys, "check", "--data", path)

    assert code == 1
    assert "line 3" in printed
    assert "restore" in printed


def test_check_shows_a_file_that_is_no_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(path.read_bytes()[:-40])

    code, printed = run(capsys, "check", "--data", path)

    assert code == 1
    assert "not a TinyDB JSON file" in printed


def test_check_shows_a_changed_byte_in_a_closed_file(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offline.compact(path, plain)
    path.write_bytes(path.read_bytes().replace(b'"row":5', b'"row":4'))

    code, printed = run(capsys, "check", "--data", path)

    assert code == 1
    assert "checksum does not hold" in printed


@pytest.mark.parametrize("command", ["check", "compact", "backup", "restore", "prune"])
def test_a_command_refuses_while_a_process_has_the_file(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    source = tmp_path / "file.json"
    if command == "restore":
        source.write_text("{}")
    script = (
        "import sys; from db.journal import JournaledTinyDB\n"
        "db = JournaledTinyDB(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"

        given = {"backup": [source], "restore": [source], "prune": ["--older-than", "1d"]}
        file = given.get(command, [])
        code, printed = run(capsys, command, "--data", path, *file)
        holder.communicate()

    assert code == 2
    assert f"in use by process {holder.pid}" in printed
    assert rows(path) == list(range(6))


def test_a_missing_store_is_refused_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["check"], ["compact"], ["prune", "--older-than", "1d"]):
        assert run(capsys, *command, "--data", tmp_path / "none.json")[0] == 2

    assert list(tmp_path.iterdir()) == []


# -- compact --------------------------------------------------------------------------


def test_compact_rewrites_the_file_and_removes_torn_tails(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tear(path, b"torn")
    path.with_name(path.name + ".journal.torn").write_bytes(b"older")

    code, _ = run(capsys, "compact", "--data", path)

    assert code == 0
    assert {file.name for file in path.parent.iterdir()} == {path.name, path.name + ".lock"}
    with TinyDB(path) as stock:
        assert [row["row"] for row in stock] == list(range(6))
    assert rows(path) == list(range(6))


# -- backup ---------------------------------------------------------------------------


def test_backup_writes_a_tinydb_file_that_only_its_owner_reads(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "copy.json"
    before = contents(path.parent)

    code, _ = run(capsys, "backup", target, "--data", path)

    assert code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with TinyDB(target) as stock:
        assert [row["row"] for row in stock] == list(range(6))
    assert contents(path.parent) == before
    assert rows(target) == list(range(6))


def test_backup_overwrites_only_when_forced(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "copy.json"
    target.write_text("precious")
    target.chmod(0o644)

    assert run(capsys, "backup", target, "--data", path)[0] == 2
    assert target.read_text() == "precious"

    assert run(capsys, "backup", target, "--data", path, "--force")[0] == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert rows(target) == list(range(6))


def test_backup_never_overwrites_the_store_itself(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(path.parent)

    for target in (path, journal_of(path), path.parent / "." / path.name):
        assert run(capsys, "backup", target, "--data", path, "--force")[0] == 2

    assert contents(path.parent) == before


# -- restore --------------------------------------------------------------------------


def test_restore_puts_the_backup_in_place_and_keeps_what_was_there(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed = run(capsys, "restore", copy, "--data", path)

    assert code == 0
    assert rows(path) == list(range(6))
    (aside,) = path.parent.glob("*.before-restore-*Z")
    assert str(aside) in printed
    assert rows(aside) == list(range(8))


def test_restore_goes_on_from_the_highest_numbers_sent(path: Path, copy: Path) -> None:
    printed = write(path, [8, 9], table="later", crash=True)

    done = restore(path, copy)

    assert (done.report.sequence, done.epoch, done.lost) == (printed + 1, 2, None)
    with JournaledTinyDB(path) as database:
        assert database.storage.sequence == printed + 1
        assert database.table("meta").get(doc_id=1) == {"epoch": 2, "restored": True}
        assert database.insert({}) == 9  # 7 and 8 were given after the backup
        assert database.table("later").insert({}) == 3


def test_restore_raises_the_higher_epoch_and_keeps_its_document(path: Path, copy: Path) -> None:
    with JournaledTinyDB(path) as database:
        database.table("meta").insert({"epoch": 7, "name": "hall"})

    assert restore(path, copy).epoch == 8
    assert restore(path, path).epoch == 9

    with JournaledTinyDB(path) as database:
        assert database.table("meta").get(doc_id=1) == {"epoch": 9, "restored": True}


def test_restore_undoes_a_restore(path: Path, copy: Path) -> None:
    aside = restore(path, copy).aside
    assert aside is not None

    assert restore(path, aside).lost is None

    assert rows(path) == list(range(8))


def test_restore_makes_a_store_where_there_was_none(tmp_path: Path, copy: Path) -> None:
    done = restore(tmp_path / "new" / "rollcall.json", copy)

    assert done.aside is None
    assert rows(tmp_path / "new" / "rollcall.json") == list(range(6))


def test_restore_takes_a_file_of_stock_tinydb(path: Path, tmp_path: Path) -> None:
    (tmp_path / "stock.json").write_text('{"_default": {"4": {"row": 40}}}')

    restore(path, tmp_path / "stock.json")

    assert rows(path) == [40]


def test_restore_refuses_what_it_cannot_trust_and_changes_nothing(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = copy.read_bytes()
    before = contents(path.parent)

    for damaged, code in ((whole[:-30], 1), (whole.replace(b'"row":1', b'"row":2'), 1), (b"", 2)):
        copy.write_bytes(damaged)
        assert run(capsys, "restore", copy, "--data", path)[0] == code
        assert contents(path.parent) == before

    copy.write_bytes(whole.replace(b'"row":1', b'"row":2'))
    assert run(capsys, "restore", copy, "--data", path, "--force")[0] == 0
    assert rows(path) == [0, 2, 2, 3, 4, 5]


# -- restore of a store onto itself accepts a loss ------------------------------------


def lose_journal(path: Path) -> None:
    with JournaledTinyDB(path) as database:
        database.compact()
        database.insert({"row": 9})
        left = contents(path.parent)
    put_back(path.parent, left)
    journal_of(path).unlink()


def edit_file(path: Path) -> None:
    rows = json.loads(path.read_bytes())
    rows["_default"]["1"]["row"] = 100
    path.write_text(json.dumps(rows))


def lose_file(path: Path) -> None:
    path.unlink()


def cut_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-60])


def damage_journal(path: Path) -> None:
    damage_line(path, 3)


def damage_header(path: Path) -> None:
    damage = journal_of(path).read_bytes()
    journal_of(path).write_bytes(b"x" + damage[1:])


@pytest.mark.parametrize(
    ("harm", "error", "kept"),
    [
        (lose_journal, Mismatch, list(range(6))),
        (edit_file, Mismatch, [100, 1, 2]),
        (damage_journal, Corrupt, [0, 1, 2, 3]),
        (damage_header, Corrupt, [0, 1, 2]),
    ],
)
def test_restore_onto_itself_accepts_the_loss_that_a_refusal_named(
    path: Path, harm: Callable[[Path], None], error: type[JournalError], kept: list[int]
) -> None:
    harm(path)
    with pytest.raises(error, match="restore") as refusal:
        rows(path)

    done = restore(path, path, force=harm is edit_file)

    assert done.lost == str(refusal.value)
    assert rows(path) == kept
    assert done.epoch == 2
    assert done.report.sequence > CLOCK
    with JournaledTinyDB(path) as database:
        assert database.insert({}) >= CLOCK


@pytest.mark.parametrize("harm", [lose_file, cut_file])
def test_restore_of_a_backup_mends_a_lost_file(
    path: Path, copy: Path, harm: Callable[[Path], None]
) -> None:
    harm(path)
    with pytest.raises(JournalError):
        rows(path)

    done = restore(path, copy)

    assert rows(path) == list(range(6))
    assert min(done.epoch, done.report.sequence) > CLOCK


# -- killed at any moment -------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Return what lets the nth system call that changes a file be the last."""
    left = [0]

    def count(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return call(*arguments, **options)

        return counted

    def arm(calls: int) -> None:
        left[0] = calls
        for name in ("write", "fsync", "replace", "unlink", "fchmod", "ftruncate"):
            monkeypatch.setattr(files.os, name, count(getattr(os, name)))

    yield arm
    monkeypatch.undo()


@pytest.mark.parametrize(
    "harm", [None, damage_journal, damage_header, edit_file, lose_journal, lose_file, cut_file]
)
def test_restore_killed_at_any_call_leaves_old_new_or_a_refusal_and_can_be_repeated(
    path: Path,
    copy: Path,
    kill: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[Path], None] | None,
) -> None:
    if harm is not None:
        harm(path)
    start = contents(path.parent)
    old = None if harm else list(range(8))
    calls, finished, outcomes = 0, False, set()

    while not finished:
        put_back(path.parent, start)
        kill(calls)
        try:
            restore(path, copy)
            finished = True
        except Killed:
            calls += 1
        monkeypatch.undo()

        left = contents(path.parent)
        put_back(path.parent, left)
        try:
            state = rows(path)
        except JournalError:
            state = None
        assert state in (old, list(range(6))), calls
        outcomes.add(str(state))
        put_back(path.parent, left)
        restore(path, copy)
        assert rows(path) == list(range(6))

    assert calls > 10
    assert outcomes == {str(old), str(list(range(6)))}


# -- the command line -----------------------------------------------------------------


def test_the_default_file_is_that_of_the_database_url(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(path.parent.parent)

    for url, code in (
        (f"tinydb:///{path}", 0),
        ("tinydb:///data/rollcall.json", 0),
        ("tinydb:///data/none.json", 2),
        ("postgresql+psycopg://localhost/rollcall", 2),
    ):
        monkeypatch.setenv("ROLLCALL_DATABASE_URL", url)
        assert run(capsys, "check")[0] == code, url


def test_the_settings_file_of_the_working_folder_counts(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ROLLCALL_DATABASE_URL", raising=False)
    monkeypatch.chdir(path.parent.parent)
    (path.parent.parent / ".env").write_text("ROLLCALL_DATABASE_URL=tinydb:///data/rollcall.json")

    assert run(capsys, "check")[0] == 0

    monkeypatch.delenv("ROLLCALL_DATABASE_URL")


def test_the_module_runs_as_a_command(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db", "check", "--data", path],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "Every checksum holds." in done.stdout


@pytest.mark.parametrize("text", ['{"scripts": {"1": {"n": 1}}}', "{}"])
@pytest.mark.parametrize("command", ["check", "compact", "backup"])
def test_file_of_another_program_is_no_store_and_stays_as_it_is(
    command: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "package.json"
    path.write_text(text)
    target = [tmp_path / "copy.json"] if command == "backup" else []

    code, printed = run(capsys, command, *target, "--data", path)

    assert (code, "has no document of Rollcall" in printed) == (1, True)
    assert contents(tmp_path) == {"package.json": text.encode()}


def test_prune_leaves_the_file_of_another_program_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "package.json"
    path.write_text('{"scripts": {"1": {"n": 1}}}')

    code, printed = run(capsys, "prune", "--older-than", "1d", "--data", path)

    assert (code, "has no document of Rollcall" in printed) == (1, True)
    assert contents(tmp_path) == {"package.json": b'{"scripts": {"1": {"n": 1}}}'}


@pytest.mark.parametrize("text", ["[1, 2]", '{"name": "room"}', '{"users": {"1": 2}}'])
def test_json_that_holds_no_tables_is_refused_in_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)

    _, printed = run(capsys, "check", "--data", path)

    assert "is not a TinyDB JSON file: it has no tables of documents by number" in printed


@pytest.mark.parametrize("command", ["backup", "compact", "restore"])
def test_full_disk_names_the_file_and_the_remedy(
    command: str, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"backup": [path.with_name("copy.json")], "compact": [], "restore": [path]}
    written = {"backup": "copy.json", "compact": "rollcall.json", "restore": "before-restore-"}

    def full(_descriptor: int, data: bytes) -> int:
        if data[:1].isdigit():  # the lock's, of the process
            return len(data)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    code, printed = run(capsys, command, *given[command], "--data", path)

    assert code == 2
    assert written[command] in printed.replace("\n", "")
    assert "free some room" in printed
