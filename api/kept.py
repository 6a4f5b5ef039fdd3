"""Bytes that take long to make: made once for all who ask, in slices, and kept for a while."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager

import gevent
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore

KEPT_PAGES = 64
KEPT_BYTES = 64 << 20
SLICE_SECONDS = 0.001
REST = 2
"""Making takes at most a third of the time, as telling does."""


class LongWork:
    """Lets one at a time read much in slices. Of those who wait, one of each asker is in the queue:
    nobody waits for all that another asks for.
    """

    def __init__(self) -> None:
        self._turn = BoundedSemaphore()
        self._own: dict[str, BoundedSemaphore] = {}
        self._waiting: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._own)

    @contextmanager
    def of(self, asker: str) -> Iterator[None]:
        """Wait for an asker's turn, and hold it."""
        own = self._own.setdefault(asker, BoundedSemaphore())
        self._waiting[asker] += 1
        try:
            with own, self._turn:
                yield
        finally:
            self._waiting[asker] -= 1
            if not self._waiting[asker]:
                del self._waiting[asker], self._own[asker]


long_work = LongWork()
"""Held by who reads much in slices."""


class Kept:
    """The bytes that were asked for last, by key; the newest is kept however large it is.

    Those who ask while something is made wait for it, and one thing is made at a time.
    """

    def __init__(self, count: int = KEPT_PAGES, size: int = KEPT_BYTES) -> None:
        self._count, self._most = count, size
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, AsyncResult] = {}
        self._turn = BoundedSemaphore()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return what is kept under a key, else what `make` returns; raises what that raises."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key in self._making:
            made: bytes = self._making[key].get()
            return made
        making = self._making[key] = AsyncResult()
        try:
            with self._turn:
                made = make()
        except BaseException as error:
            making.set_exception(error)
            raise
        else:
            self._keep(key, made)
            making.set(made)
            return made
        finally:
            del self._making[key]

    def forget(self, key: Hashable) -> None:
        """Keep something no more."""
        self.size -= len(self._kept.pop(key, b""))

    def _keep(self, key: Hashable, made: bytes) -> None:
        self._kept[key] = made
        self.size += len(made)
        while len(self._kept) > 1 and (len(self._kept) > self._count or self.size > self._most):
            self.forget(next(iter(self._kept)))


class Rests:
    """Called again and again in long work, it lets others go on between `SLICE_SECONDS` of it."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def __call__(self) -> None:
        spent = time.perf_counter() - self._began
        if spent > SLICE_SECONDS:
            gevent.sleep(REST * spent)
            self._began = time.perf_counter()


def join_slices(pieces: Iterable[bytes]) -> bytes:
    """Join pieces, letting others go on between slices of making them."""
    made, rest = [], Rests()
    for piece in pieces:
        made.append(piece)
        rest()
    return b"".join(made)
