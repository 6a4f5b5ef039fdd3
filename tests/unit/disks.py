"""A disk that a test holds up, to look at what is told meanwhile."""

import threading
from collections.abc import Callable

WITHIN_SECONDS = 120


class SlowDisk:
    """A disk whose next fsync waits until it is let go."""

    def __init__(self, fsync: Callable[[int], None]) -> None:
        self._fsync = fsync
        self.waits = False
        self.asked, self.free = threading.Event(), threading.Event()

    def __call__(self, descriptor: int) -> None:
        if self.waits:
            self.asked.set()
            assert self.free.wait(WITHIN_SECONDS)
        self._fsync(descriptor)
