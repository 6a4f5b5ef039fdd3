"""Runs the store's blocking calls so that they delay other work little or not at all."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

QUICK_SECONDS = 0.001
ENOUGH, MOST = 16, 32


SIDE_BY_SIDE = 4


def run_in(pool: Any, call: Callable[[], Any]) -> Any:
    """Return what a call returns in one of gevent's threads; raise what it raises.

    gevent would log the error too, though the caller handles it.
    """
    return _result_of(pool.apply(_attempt, (call,)))


def _attempt(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001 (the caller gets it)
        return None, error


def _result_of(attempt: tuple[Any, Exception | None]) -> Any:
    value, error = attempt
    if error is not None:
        raise error
    return value


class Runner:
    """Runs blocking calls without stopping other greenlets: one at a time, or several together."""

    def __init__(self) -> None:
        monkey = sys.modules.get("gevent.monkey")
        self._pool = None
        self.loop: Any = None
        """gevent's loop; None without gevent."""
        if monkey is not None and monkey.is_module_patched("threading"):
            from gevent import get_hub  # noqa: PLC0415 (only where gevent runs)
            from gevent.threadpool import ThreadPool  # noqa: PLC0415

            self._pool, self.loop = ThreadPool(SIDE_BY_SIDE), get_hub().loop

    def __call__(self, call: Callable[[], Any]) -> Any:
        return call() if self._pool is None else run_in(self._pool, call)

    def together(self, calls: Iterable[Callable[[], Any]]) -> None:
        """Return once all calls have ended. Raises what one of them raised."""
        if self._pool is None:
            for call in calls:
                call()
            return
        running = [self._pool.spawn(_attempt, call) for call in calls]
        for each in running:
            each.wait()
        for each in running:
            _result_of(each.get())

    def close(self) -> None:
        """End its threads."""
        if self._pool is not None:
            self._pool.kill()


class Pace:
    """Decides whether a commit is made in the event loop or in a thread.

    Handing a commit to a thread and back takes longer than a fast disk needs, and a single writer
    has nobody to share that cost with. So a single commit is made in the loop while such commits
    are quick, once in each turn of the loop; writers that come in the same turn share an fsync.

    Each quick commit earns a credit, up to `MOST`. A slow commit costs one credit per millisecond,
    and a shared commit resets them. So the loop is blocked for less than a millisecond per commit
    on average, and a disk that stalls is waited for in a thread until `ENOUGH` commits were quick.

    turn: returns the number of the loop's current turn
    """

    def __init__(self, turn: Callable[[], int]) -> None:
        self._turn = turn
        self._last = -1
        self._credit = 0

    def alone(self) -> bool:
        """Return whether a single writer's commit may be made in the loop now."""
        turn = self._turn()
        if self._credit < ENOUGH or turn == self._last:
            return False
        self._last = turn
        return True

    def note(self, writers: int, seconds: float) -> None:
        """Note how long a commit took, and how many writers shared it."""
        if writers > 1:
            self._credit = 0
        elif seconds < QUICK_SECONDS:
            self._credit = min(self._credit + 1, MOST)
        else:
            self._credit = max(self._credit - int(seconds / QUICK_SECONDS), 0)
