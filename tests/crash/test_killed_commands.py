"""The commands on files, killed at every call that changes something: the store opens with all that
was acknowledged, and nothing that is half written is taken for whole.
"""

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.__main__ import main
from db.copy import PostgresPlace, describe
from db.copy import TinyDBPlace as Place
from db.journal import JournalError
from db.tinydb_store import TinyDBStore
from schemas.strings import email_of
from tests.db.journal.calls import wait_until
from tests.postgres import need_postgres, schema
from tests.server import ROOT
from tests.unit.lobby import add_account, add_poll, begin, cast_ballot, fresh
from voting.accounts import sign_up
from voting.casting import Vote
from voting.ending import close_poll
from voting.polls import open_poll

NOW = datetime.now(UTC)
DATA, COPY = "rollcall.json", "copy.json"
Tables = dict[str, dict[str, Any]]
Kill = Callable[[int, Path], tuple[int, int]]
POINTS = 9
"""At so many calls each command is killed, from the first to the last: all of them take minutes."""


def fill(store: TinyDBStore) -> None:
    """Put accounts that nobody uses, a closed poll and two open ones into a store."""
    for name in ("old", "older"):
        sign_up(store, email_of(f"{name}@example.org"), name, "hash", NOW - timedelta(days=900))
    polls = [add_poll(store, state="draft", secrecy=each) for each in ("secret", "named", "secret")]
    begin(store, now=NOW)
    people = [add_account(store, name) for name in ("ann", "ben", "kim")]
    for poll in polls:
        opened = open_poll(store, poll.id, NOW, "u1")
        for person, candidate in zip(people, opened.candidates, strict=True):
            cast_ballot(store, poll.id, person, Vote((candidate.id,)), fresh(NOW))
    close_poll(store, polls[0].id, NOW, "u1")


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A folder with a store, as a kill left it, and a backup of before its last account."""
    live, start = tmp_path / "live", tmp_path / "start"
    store = TinyDBStore(live / DATA, NOW)
    fill(store)
    copy = b"".join(store.backup())
    add_account(store, "newest")
    wait_until(lambda: "folding" not in {each.name for each in threading.enumerate()})
    shutil.copytree(live, start)  # a file that is being replaced can't be copied
    store.close()
    (start / COPY).write_bytes(copy)
    return start


@contextmanager
def killing(*command: str) -> Iterator[Kill]:
    """Yield what runs a command in a folder and kills it after so many calls."""
    driver = [sys.executable, "-m", "tests.crash.killing", *command]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(driver, cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]

        def kill(calls: int, folder: Path) -> tuple[int, int]:
            process.stdin.write(f"{calls} {folder}\n")
            process.stdin.flush()
            code, made = map(int, process.stdout.readline().split())
            return code, made

        yield kill
        process.stdin.close()


def left_by(start: Path, *command: str) -> Iterator[tuple[Path, bool]]:
    """Yield the folder that a command leaves, and whether it ended: first one that did, and then
    killed ones.
    """
    with killing(*command) as kill:

        def leave(calls: int) -> tuple[Path, int, int]:
            folder = shutil.copytree(start, start.with_name(f"killed-{calls}"))
            return folder, *kill(calls, folder)

        whole, code, made = leave(10_000)
        assert (code, made > POINTS) == (0, True)
        yield whole, True
        for point in range(POINTS):
            folder, code, _ = leave(point * (made - 1) // (POINTS - 1))
            assert code == -signal.SIGKILL
            yield folder, False


def tables_of(path: Path) -> Tables:
    """Return what a store has that opens, without what a restore counts up."""
    store = TinyDBStore(path, NOW)
    try:
        tables: Tables = json.loads(b"".join(store.backup()))
    finally:
        store.close()
    return {name: rows for name, rows in tables.items() if name not in ("_journal", "meta")}


def names_in(tables: Tables) -> set[str]:
    return {row["name"] for row in tables["users"].values()}


def apart_from(tables: Tables, *names: str) -> Tables:
    return {name: rows for name, rows in tables.items() if name not in names}


def test_killed_compaction_leaves_everything(start: Path) -> None:
    before = tables_of(shutil.copytree(start, start.with_name("whole")) / DATA)

    for folder, _ in left_by(start, "compact", "--data", DATA):
        assert tables_of(folder / DATA) == before


def test_killed_backup_leaves_the_store_and_no_half_of_a_copy(start: Path) -> None:
    wanted = Place(start / DATA).describe()
    (start / COPY).unlink()

    made = []
    for folder, done in left_by(start, "backup", "--data", DATA, COPY):
        made.append((folder / COPY).exists())
        assert not made[-1] or Place(folder / COPY).describe() == wanted
        assert Place(folder / DATA).describe() == wanted
        assert made[-1] or not done

    assert not made[1]


def test_killed_restore_leaves_the_old_or_the_new_store_or_a_refusal(start: Path) -> None:
    old = tables_of(shutil.copytree(start, start.with_name("whole")) / DATA)
    new: Tables = {}

    seen = []
    for folder, done in left_by(start, "restore", "--data", DATA, COPY):
        try:
            seen.append(tables_of(folder / DATA))
        except JournalError:
            assert main(["restore", "--data", str(folder / DATA), str(folder / COPY)]) == 0
            assert tables_of(folder / DATA) == new
        new = new or seen[0]
        assert seen[-1] in (old, new)
        assert seen[-1] == new or not done

    assert names_in(old) - names_in(new) == {"newest"}
    assert seen[1] == old


def test_killed_prune_takes_nothing_but_what_is_old(start: Path) -> None:
    before = tables_of(shutil.copytree(start, start.with_name("whole")) / DATA)

    for folder, done in left_by(start, "prune", "--data", DATA, "--older-than", "2y"):
        left = tables_of(folder / DATA)
        gone = names_in(before) - names_in(left)
        assert gone == {"old", "older"} if done else gone <= {"old", "older"}
        assert apart_from(left, "users") == apart_from(before, "users")


def test_killed_copy_to_a_file_is_whole_or_refused_or_not_there(start: Path) -> None:
    wanted = Place(start / DATA).describe()

    for folder, done in left_by(start, "copy", f"tinydb:///{DATA}", "tinydb:///other/copy.json"):
        target = folder / "other" / "copy.json"
        assert Place(folder / DATA).describe() == wanted
        assert target.exists() or not done
        if target.exists():
            assert Place(target).describe() == wanted
            with_keys = target.with_name("copy.json.keys").exists()
            assert with_keys or not done
            if not with_keys:
                with pytest.raises(JournalError, match="lacks the key"):
                    tables_of(target)


def test_killed_copy_to_postgresql_is_whole_or_not_there(start: Path) -> None:
    need_postgres()
    wanted, nothing = Place(start / DATA).describe(), describe({})

    ends = []
    with schema() as url, killing("copy", f"tinydb:///{DATA}", url, "--instance", "own") as kill:
        for calls in (*range(0, 60, 6), *range(60, 600, 30)):
            folder = shutil.copytree(start, start.with_name(f"killed-{calls}"))
            code, _ = kill(calls, folder)
            found = PostgresPlace(url, folder / "own").describe()
            assert found in (wanted, nothing)
            ends.append((code, found == wanted))
            if found == wanted:
                break

    assert ends[0] == (-signal.SIGKILL, False)
    assert ends[-1][1]
