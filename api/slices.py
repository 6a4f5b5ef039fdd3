"""Long work in slices of a millisecond, between which everybody else is served."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import gevent
from gevent.lock import BoundedSemaphore

SLICE_SECONDS = 0.001
REST = 2
"""How much longer a rest takes at most than the slice before it."""

_turns = BoundedSemaphore()
"""Of long works that rest, one continues in each turn of the event loop."""


class Rests:
    """Called often in long work, it rests after each slice, so that other requests are served:
    until the event loop has nothing else to do, or for as long as is fair where it always has.

    A slice is a time of the processor: what other programs take on a busy machine is no reason to
    rest.

    count: returns how many such works take turns: the rests leave room for each
    """

    def __init__(self, count: Callable[[], int] = lambda: 1) -> None:
        self._count = count
        self._began, self._looked = time.thread_time(), time.perf_counter()

    def __call__(self) -> None:
        if time.perf_counter() - self._looked < SLICE_SECONDS:
            return
        spent = time.thread_time() - self._began
        if spent < SLICE_SECONDS:
            self._looked = time.perf_counter()
            return
        with gevent.Timeout(REST * spent * max(1, self._count()), False), _turns:
            gevent.idle()
        self._began, self._looked = time.thread_time(), time.perf_counter()


def join_slices(pieces: Iterable[bytes], count: Callable[[], int] = lambda: 1) -> bytes:
    """Join pieces, and rest between slices of making them; `count` as in `Rests`."""
    made, rest = [], Rests(count)
    for piece in pieces:
        made.append(piece)
        rest()
    return b"".join(made)


class LongReads:
    """Lets one request at a time read much, or a few. Each person has at most one request in the
    queue, so nobody waits for all requests of somebody else.
    """

    def __init__(self, at_once: int = 1) -> None:
        self._turn = BoundedSemaphore(at_once)
        self._own: dict[str, BoundedSemaphore] = {}
        self._waiting: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._own)

    @contextmanager
    def turn_of(self, person: str) -> Iterator[None]:
        """Wait for a person's turn, and hold it."""
        own = self._own.setdefault(person, BoundedSemaphore())
        self._waiting[person] += 1
        try:
            with own, self._turn:
                yield
        finally:
            self._waiting[person] -= 1
            if not self._waiting[person]:
                del self._waiting[person], self._own[person]
