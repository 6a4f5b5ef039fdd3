"""Where the store's blocking calls run, so that they hold up nobody else, or nobody for long."""

import sys
from collections.abc import Callable
from typing import Any

QUICK_SECONDS = 0.001
ENOUGH, MOST = 16, 32


class Runner:
    """Runs one blocking call at a time without stopping other greenlets."""

    def __init__(self) -> None:
        monkey = sys.modules.get("gevent.monkey")
        self._pool = None
        self.loop: Any = None
        """gevent's loop, where there is one."""
        if monkey is not None and monkey.is_module_patched("threading"):
            from gevent import get_hub  # noqa: PLC0415 (only where gevent runs)
            from gevent.threadpool import ThreadPool  # noqa: PLC0415

            self._pool, self.loop = ThreadPool(1), get_hub().loop

    def __call__(self, call: Callable[[], Any]) -> Any:
        return call() if self._pool is None else self._pool.apply(call)

    def close(self) -> None:
        """Let its thread go."""
        if self._pool is not None:
            self._pool.kill()


class Pace:
    """Tells when a commit is better made where it stands than handed to a thread and back.

    The two hand-overs take longer than a quick disk does, and a writer who is alone has nobody
    to share them with. So it is while lone commits are quick, and no other was made where it
    stands in this turn of the event loop: those who come at the same time share an fsync.

    Each quick commit earns a credit, up to `MOST`, and each millisecond of a slow one costs one:
    so in all the loop is held up for less than a millisecond a commit, and a disk that stalls is
    waited for elsewhere until as many as `ENOUGH` were quick again.

    turn: the number of the loop's present turn
    """

    def __init__(self, turn: Callable[[], int]) -> None:
        self._turn = turn
        self._last = -1
        self._credit = 0

    def alone(self) -> bool:
        """Tell whether one writer's commit may hold up the loop; it is made at once then."""
        turn = self._turn()
        if self._credit < ENOUGH or turn == self._last:
            return False
        self._last = turn
        return True

    def note(self, writers: int, seconds: float) -> None:
        """Note how long a commit took, and of how many it was: what is shared tells of a crowd."""
        if writers > 1:
            self._credit = 0
        elif seconds < QUICK_SECONDS:
            self._credit = min(self._credit + 1, MOST)
        else:
            self._credit = max(self._credit - int(seconds / QUICK_SECONDS), 0)
