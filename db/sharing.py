"""Work that is done once for all who wait for it: N at once cost two runs, not N."""

import threading
from collections.abc import Callable, Iterable

from db.journal.errors import OutcomeUnknown, renewed


class Round:
    """Those who wait for one run: what they want done, and how it went."""

    def __init__(self) -> None:
        self.wanted: set[int] = set()
        self.done = False
        self.error: OutcomeUnknown | None = None


class SharedRun:
    """Calls `run` with the wishes of all who wait at its start; one run at a time.

    Whoever comes while one is under way waits for its end and for the next, and no longer.
    """

    def __init__(self, run: Callable[[set[int]], None]) -> None:
        self._run = run
        self._mutex = threading.Lock()
        self._turn = threading.Lock()
        self._gathering = Round()

    def join(self, wanted: Iterable[int]) -> None:
        """Return once a run that began after this call is done. Raises the `OutcomeUnknown` that
        it raised. One who is killed in the midst of a run leaves it to the next who waits.
        """
        with self._mutex:
            mine = self._gathering
            mine.wanted.update(wanted)
        with self._turn:
            if not mine.done:
                self._lead(mine)
        if mine.error is not None:
            raise renewed(mine.error)

    def _lead(self, mine: Round) -> None:
        with self._mutex:
            if self._gathering is mine:
                self._gathering = Round()
        try:
            self._run(mine.wanted)
        except OutcomeUnknown as error:
            mine.error = error
        mine.done = True
