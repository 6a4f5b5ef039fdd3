"""Measures how late the event loop is: for how long something that is ready waits for its turn."""

from collections.abc import Callable
from time import perf_counter
from typing import NoReturn

import gevent

from db.journal.measures import Histogram

SLEEP_SECONDS = 0.25
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Lag:
    """Sleeps again and again, and counts by how many seconds each sleep was too long."""

    def __init__(
        self,
        clock: Callable[[], float] = perf_counter,
        sleep: Callable[[float], object] = gevent.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self.late = Histogram(SECONDS)

    def run(self) -> NoReturn:
        """Measure for ever."""
        while True:
            self.measure()

    def measure(self) -> None:
        """Measure once."""
        began = self._clock()
        self._sleep(SLEEP_SECONDS)
        self.late.add(max(0.0, self._clock() - began - SLEEP_SECONDS))
