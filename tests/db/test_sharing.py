"""Work that is done once for all who wait for it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from db.journal import StorageFull
from db.sharing import SharedRun

WITHIN_SECONDS = 20
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
    while len(shared._gathering.wanted) < MANY:
        pass

    before = first.done()
    work.free.release(MANY)
    for each in (first, *others):
        each.result(WITHIN_SECONDS)

    assert not before
    assert work.runs == [{0}, set(range(1, MANY + 1))]


def test_those_of_a_run_that_failed_are_told_and_the_next_is_tried(
    threads: ThreadPoolExecutor,
) -> None:
    work = Held()
    shared = SharedRun(work)
    work.error = StorageFull("the disk is full")
    first = threads.submit(shared.join, [1])
    assert work.begun.acquire(timeout=WITHIN_SECONDS)
    second = threads.submit(shared.join, [2])
    while not shared._gathering.wanted:
        pass

    work.free.release(2)

    with pytest.raises(StorageFull):
        first.result(WITHIN_SECONDS)
    second.result(WITHIN_SECONDS)
    assert work.runs == [{1}, {2}]


class Killed(BaseException):
    """What ends a greenlet."""


def test_run_that_was_killed_is_done_again_by_one_who_waits_for_it(
    threads: ThreadPoolExecutor,
) -> None:
    work = Held()
    shared = SharedRun(work)
    holder = threads.submit(shared.join, [0])
    assert work.begun.acquire(timeout=WITHIN_SECONDS)
    pair = [threads.submit(shared.join, [number]) for number in (1, 2)]
    while len(shared._gathering.wanted) < 2:
        pass
    work.free.release()
    holder.result(WITHIN_SECONDS)
    assert work.begun.acquire(timeout=WITHIN_SECONDS)

    work.error = Killed()
    work.free.release(2)

    ends = [each.exception(WITHIN_SECONDS) for each in pair]
    assert sorted(type(end).__name__ for end in ends) == ["Killed", "NoneType"]
    assert work.runs == [{0}, {1, 2}, {1, 2}]
