"""Tells tallies: votes mark a poll, one loop sends its whole state to all who watch.

At once when quiet, then at most ten times a second, and slower as a tick costs more: telling
takes at most a third of the time. A state is absolute and versioned: skipping some loses nothing.
"""

import logging
import time
from collections.abc import Callable

import gevent
from gevent.event import Event

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.1
REST = 2


class Ticker:
    """Calls `tell(poll_id)` for marked polls."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._marked: set[int] = set()
        self._work = Event()

    def mark(self, polls: set[int]) -> None:
        """Note that polls have changed; costs no more for a thousand watchers."""
        if polls:
            self._marked |= polls
            self._work.set()

    def run(self) -> None:
        """Serve for ever."""
        while True:
            self._work.wait()
            self._work.clear()
            began = time.monotonic()
            self.tick()
            gevent.sleep(max(INTERVAL_SECONDS, REST * (time.monotonic() - began)))

    def tick(self) -> None:
        """Tell each marked poll once."""
        marked, self._marked = self._marked, set()
        for poll_id in sorted(marked):
            try:
                self._tell(poll_id)
            except Exception:  # one poll's fault must not silence the others
                logger.exception("telling a tally failed")
