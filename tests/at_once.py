"""Calls at the same moment, for tests of what many do at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Result = TypeVar("Result")


def at_once(calls: Iterable[Callable[[], Result]]) -> list[Result]:
    """Make each call in a thread of its own, all at once; return what they return, in order."""
    waiting = list(calls)
    barrier = Barrier(len(waiting))

    def run(call: Callable[[], Result]) -> Result:
        barrier.wait(120)
        return call()

    with ThreadPoolExecutor(len(waiting)) as threads:
        return list(threads.map(run, waiting))
