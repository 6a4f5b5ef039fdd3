"""Work that is done once for all waiting callers: N calls at once cost two runs, not N."""

import threading
from collections.abc import Callable, Iterable

from db.journal.errors import OutcomeUnknown, renewed


class Round:
    """One run: what its callers want done, and its error, if any."""

    def __init__(self) -> None:
        self.wanted: set[int] = set()
        self.done = threading.Event()
        self.error: BaseException | None = None


class SharedRun:
    """Calls `run` with the wishes of all callers that wait at its start; one run at a time.

    A call that comes during a run waits for the end of that run and of the next one. A run has a
    thread of its own, so it goes on if a caller is killed while it waits.
    """

    def __init__(self, run: Callable[[set[int]], None]) -> None:
        self._run = run
        self._mutex = threading.Lock()
        self._gathering = Round()
        self._running: Round | None = None

    @property
    def waiting(self) -> int:
        """How many different wishes the next run has so far."""
        return len(self._gathering.wanted)

    def join(self, wanted: Iterable[int]) -> None:
        """Return once a run that began after this call has ended. Raises what the run raised."""
        with self._mutex:
            mine = self._gathering
            mine.wanted.update(wanted)
            if self._running is None:
                self._start()
        mine.done.wait()
        if mine.error is not None:
            known = isinstance(mine.error, OutcomeUnknown)
            raise renewed(mine.error) if known else mine.error  # type: ignore[arg-type]

    def settle(self) -> None:
        """Return once no run is under way."""
        while (running := self._running) is not None:
            running.done.wait()

    def _start(self) -> None:
        self._running, self._gathering = self._gathering, Round()
        threading.Thread(target=self._work, args=(self._running,), daemon=True).start()

    def _work(self, mine: Round) -> None:
        try:
            self._run(mine.wanted)
        except BaseException as error:  # noqa: BLE001 (the callers raise it)
            mine.error = error
        with self._mutex:
            self._running = None
            if self._gathering.wanted:
                self._start()
        mine.done.set()
