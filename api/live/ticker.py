"""Tells tallies: votes mark a poll, one loop sends its whole state to all who watch.

At once when quiet, then at most ten times a second, and slower as a tick costs more: telling
takes at most a third of the time. A state is absolute and versioned: skipping some loses nothing.
"""

import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent.event import Event

from api.loops import repeat

T = TypeVar("T", int, str)

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.1
REST = 2


class Ticker(Generic[T]):
    """Calls `tell` for each marked poll's id, or each marked room's code."""

    def __init__(self, tell: Callable[[T], None]) -> None:
        self._tell: Callable[[T], None] = tell
        self._marked: set[T] = set()
        self._work = Event()
        self.rounds = 0

    def mark(self, changed: set[T]) -> None:
        """Note what has changed; costs no more for a thousand watchers."""
        if changed:
            self._marked |= changed
            self._work.set()

    def run(self) -> None:
        """Serve for ever."""
        repeat(self._work.wait, self._tick_and_rest, "telling what has changed failed")

    def _tick_and_rest(self) -> None:
        self._work.clear()
        began = time.monotonic()
        self.tick()
        gevent.sleep(max(INTERVAL_SECONDS, REST * (time.monotonic() - began)))

    def tick(self) -> None:
        """Tell each that is marked once."""
        marked, self._marked = self._marked, set()
        self.rounds += 1
        for each in sorted(marked):
            try:
                self._tell(each)
            except Exception:  # one's fault must not silence the others
                logger.exception("telling what has changed failed")
