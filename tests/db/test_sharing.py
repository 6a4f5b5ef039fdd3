"""Work that is done once for all who wait for it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from db.journal import StorageFull
from db.sharing import SharedRun
from tests.db.journal.calls import wait_until
from tests.server import ROOT

WITHIN_SECONDS = 120
MANY = 100


class Held:
    """Work that waits to be let go; it remembers what each run was asked."""

    def __init__(self) -> None:
        self.runs: list[set[int]] = []
        self.begun, self.free = threading.Semaphore(0), threading.Semaphore(0)
        self.error: BaseException | None = None

    def __call__(self, wanted: set[int]) -> None:
        self.runs.append(set(wanted))
        self.begun.release()
        assert self.free.acquire(timeout=WITHIN_SECONDS)
        if self.error is not None:
            error, self.error = self.error, None
            raise error


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(MANY + 1) as pool:
        yield pool


def test_hundred_who_come_during_a_run_share_the_next(threads: ThreadPoolExecutor) -> None:
    work = Held()
    shared = SharedRun(work)
    first = threads.submit(shared.join, [0])
    assert work.begun.acquire(timeout=WITHIN_SECONDS)
    others = [threads.submit(shared.join, [number]) for number in range(1, MANY + 1)]
    wait_until(lambda: shared.waiting == MANY)

    before = first.done()
    work.free.release(MANY)
    for each in (first, *others):
        each.result(WITHIN_SECONDS)

    assert not before
    assert work.runs == [{0}, set(range(1, MANY + 1))]


def test_those_of_a_run_that_failed_are_reported_and_the_next_is_tried(
    threads: ThreadPoolExecutor,
) -> None:
    work = Held()
    shared = SharedRun(work)
    work.error = StorageFull("the disk is full")
    first = threads.submit(shared.join, [1])
    assert work.begun.acquire(timeout=WITHIN_SECONDS)
    second = threads.submit(shared.join, [2])
    wait_until(lambda: shared.waiting)

    work.free.release(2)

    with pytest.raises(StorageFull):
        first.result(WITHIN_SECONDS)
    second.result(WITHIN_SECONDS)
    assert work.runs == [{1}, {2}]


def test_whatever_a_run_raises_is_raised_to_those_who_wait(threads: ThreadPoolExecutor) -> None:
    work = Held()
    shared = SharedRun(work)
    work.error = ValueError("odd")
    waiting = threads.submit(shared.join, [1])
    assert work.begun.acquire(timeout=WITHIN_SECONDS)

    work.free.release()

    with pytest.raises(ValueError, match="odd"):
        waiting.result(WITHIN_SECONDS)
    shared.settle()


def test_settling_waits_for_all_that_was_asked(threads: ThreadPoolExecutor) -> None:
    work = Held()
    shared = SharedRun(work)
    threads.submit(shared.join, [1])
    assert work.begun.acquire(timeout=WITHIN_SECONDS)
    threads.submit(shared.join, [2])
    wait_until(lambda: shared.waiting)

    settling = threads.submit(shared.settle)
    work.free.release()
    assert work.begun.acquire(timeout=WITHIN_SECONDS)
    early = settling.done()
    work.free.release()
    settling.result(WITHIN_SECONDS)

    assert not early
    assert work.runs == [{1}, {2}]


KILLED = """
from gevent import monkey

monkey.patch_all()
import gevent, threading
from db.sharing import SharedRun
from tests.db.journal.calls import wait_until
from tests.server import ROOT

free, runs = threading.Event(), []


def run(wanted):
    free.wait()
    runs.append(wanted)


shared = SharedRun(run)
asking, other = (gevent.spawn(shared.join, [number]) for number in (1, 2))
gevent.sleep(0)
asking.kill()
free.set()
other.get(timeout=60)
shared.settle()
assert runs == [{1}, {2}], runs
"""


def test_run_goes_on_when_the_one_who_asked_for_it_is_killed() -> None:
    """A rewriting that stopped between the data file and the journal would lose what came since."""
    subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, check=True, timeout=60)
