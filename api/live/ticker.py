"""A loop that sends what has been marked: votes mark a poll, and the loop sends its whole tally.

It sends at once when nothing was sent for a moment, then at most ten times a second, and more
slowly if sending takes long: it takes at most a third of the time. Each message holds the whole
state and its version, so nothing is lost if one is skipped.
"""

import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent.event import Event

from api.loops import repeat
from db.journal.measures import Histogram

T = TypeVar("T", int, str)

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.1
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
REST = 2


class Ticker(Generic[T]):
    """Calls `send` for each marked poll's id, or each marked room's code.

    took: the seconds of each round; several tickers may share one
    """

    def __init__(self, send: Callable[[T], None], took: Histogram | None = None) -> None:
        self._send: Callable[[T], None] = send
        self.took = took or Histogram(SECONDS)
        self._marked: set[T] = set()
        self._work = Event()
        self.rounds = 0

    def mark(self, changed: set[T]) -> None:
        """Note what has changed. It costs the same for one watcher and for a thousand."""
        if changed:
            self._marked |= changed
            self._work.set()

    def run(self) -> None:
        """Send what is marked, for ever."""
        repeat(self._work.wait, self._tick_and_rest, "sending what has changed failed")

    def _tick_and_rest(self) -> None:
        self._work.clear()
        began = time.monotonic()
        self.tick()
        seconds = time.monotonic() - began
        self.took.add(seconds)
        gevent.sleep(max(INTERVAL_SECONDS, REST * seconds))

    def tick(self) -> None:
        """Send everything that is marked, once."""
        marked, self._marked = self._marked, set()
        self.rounds += 1
        for each in sorted(marked):
            try:
                self._send(each)
            except Exception:  # the others must still be sent
                logger.exception("sending what has changed failed")
