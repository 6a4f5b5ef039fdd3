"""When a commit is made where it stands, and when it is handed to a thread."""

import subprocess
import sys
from pathlib import Path

import pytest

from db.journal.runner import ENOUGH, MOST, QUICK_SECONDS, Pace
from tests.db.journal.test_gevent import ROOT

QUICK = QUICK_SECONDS / 2


class Turns:
    """A loop's turns, as a test has them."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> int:
        return self.number


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def pace(turns: Turns) -> Pace:
    """A disk that has been quick for lone writers for as long as is asked."""
    made = Pace(turns)
    for _ in range(ENOUGH):
        assert not made.alone()
        made.note(1, QUICK)
    return made


def test_one_who_comes_alone_to_a_quick_disk_commits_where_he_stands(pace: Pace) -> None:
    assert pace.alone()


def test_the_second_of_a_turn_does_not(pace: Pace, turns: Turns) -> None:
    pace.alone()
    second = pace.alone()
    turns.number += 1

    assert not second
    assert pace.alone()


@pytest.mark.parametrize(("writers", "seconds"), [(2, QUICK), (1, MOST * QUICK_SECONDS)])
def test_nobody_does_for_a_while_when_a_commit_was_shared_or_stalled(
    pace: Pace, writers: int, seconds: float
) -> None:
    for _ in range(MOST):
        pace.note(1, QUICK)
    pace.note(writers, seconds)
    alone = []
    for _ in range(ENOUGH):
        alone.append(pace.alone())
        pace.note(1, QUICK)

    assert not any(alone)
    assert pace.alone()


@pytest.mark.parametrize(("milliseconds", "quick", "trusted"), [(4, 4, True), (4, 3, False)])
def test_slow_commits_are_borne_while_the_quick_ones_make_up_for_them(
    pace: Pace, turns: Turns, milliseconds: int, quick: int, trusted: bool
) -> None:
    for _ in range(MOST):
        pace.note(1, milliseconds * QUICK_SECONDS * 1.01)
        for _ in range(quick):
            pace.note(1, QUICK)
    turns.number += 1

    assert pace.alone() == trusted


COMMITS = """
import os
import sys
from gevent import monkey
monkey.patch_all()
import _thread
import gevent
from gevent.threadpool import ThreadPool
from db.journal import JournaledTinyDB, files
from db.journal.runner import ENOUGH
import db.journal.runner as runner

runner.QUICK_SECONDS = 10  # whatever the disk of the test is like
native = monkey.get_original("threading", "get_native_id")
hub, where, real = native(), [], files.fsync

def fsync(descriptor):
    name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
    if name.endswith(".tmp"):
        where.append(name)
        monkey.get_original("time", "sleep")(0.2)
        where.append("done")
    elif not os.path.isdir(f"/proc/self/fd/{descriptor}"):
        where.append("hub" if native() == hub else "thread")
    real(descriptor)

def write():
    db.table("log").insert({})

def alone(times):
    where.clear()
    for _ in range(times):
        write()
        gevent.sleep(0.001)
    return where[-3:]

db = JournaledTinyDB(sys.argv[1])
files.fsync = fsync
print(alone(ENOUGH))
print(alone(3))
where.clear()
gevent.joinall([gevent.spawn(write) for _ in range(8)])
print(where)
alone(ENOUGH)
where.clear()
compacting = gevent.spawn(db.compact)
for name in ("store.json.tmp", "store.json.journal.tmp"):
    while name not in where:
        gevent.sleep(0.001)
    write()
compacting.join()
print(where)
db.close()
print(len(JournaledTinyDB(sys.argv[1]).table("log")))
"""


def test_lone_writers_commit_on_the_loop_and_crowds_in_the_thread(folder: Path) -> None:
    """The first of a crowd finds itself alone; the others share what comes next. While files
    are compacted nobody holds up the loop; while the journal is replaced nobody writes."""
    command = [sys.executable, "-c", COMMITS, str(folder / "store.json")]

    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=100)

    assert ran.stdout.splitlines() == [
        "['thread', 'thread', 'thread']",
        "['hub', 'hub', 'hub']",
        "['hub', 'thread']",
        "['store.json.tmp', 'thread', 'done', 'store.json.journal.tmp', 'done', 'thread']",
        "45",
    ]
