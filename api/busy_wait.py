"""Waiting for the next request awake, for a moment, where it comes at once.

A process that sleeps is woken late and finds its caches cold: to a client who asks one thing
after another that is a tenth of every answer. How long it stays awake is bounded, and it does so
only for a client who came back as soon as that the time before: phones in a hall don't.
"""

import os
import time
from collections.abc import Callable
from typing import Any

SECONDS = 0.0002


class BusyWait:
    """Keeps an event loop turning without sleep, for `SECONDS` from each `begin`."""

    def __init__(self, loop: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._idle = loop.idle()  # while it is started the loop only looks, and calls it
        self._until = 0.0

    def begin(self, now: float) -> None:
        """Stay awake from `now`, as the clock tells it."""
        self._until = now + SECONDS
        if not self._idle.active:
            self._idle.start(self._look)

    def _look(self) -> None:
        if self._clock() >= self._until:
            self._idle.stop()
        else:
            _give_way()


_give_way: Callable[[], object] = getattr(os, "sched_yield", bool)
"""Lets another process have the core, if one waits for it."""
