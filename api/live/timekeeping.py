"""Two loops: one opens and closes polls by the clock, the other finishes what endings leave."""

import logging
from collections.abc import Callable
from datetime import datetime

import gevent
from gevent.event import Event

from db import Store
from voting.ending import finish_endings
from voting.schedule import Schedule

SCHEDULE_SECONDS = 0.1
FINISH_SECONDS = 60.0
"""After how long it is looked for endings that nobody finishes: one whose request was killed."""

logger = logging.getLogger(__name__)


class Timekeeper:
    """The schedule never waits for files: rewriting them has a loop of its own."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._schedule = Schedule(store)
        self._ended = Event()

    def keep_schedule(self) -> None:
        """Open and close polls by the clock, for ever."""
        while True:
            gevent.sleep(SCHEDULE_SECONDS)
            if self._store.failure is None and self._schedule.keep(self._clock()):
                self._ended.set()

    def finish_endings(self) -> None:
        """Finish what was ended by the clock, for ever."""
        while True:
            self._ended.wait(FINISH_SECONDS)
            self._ended.clear()
            try:
                if self._store.failure is None:
                    finish_endings(self._store, self._clock())
            except Exception:  # the disk failed: the next start finishes it
                logger.exception("a poll's ending could not be finished")
