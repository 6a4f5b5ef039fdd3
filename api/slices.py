"""Long work in slices of a millisecond, between which everybody else is served."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO

import gevent
from gevent.lock import BoundedSemaphore

SLICE_SECONDS = 0.001
PIECE_BYTES = 65_536
REST = 2
"""The longest rest, as a multiple of the slice before it."""

Piece = bytes | memoryview

_turns = BoundedSemaphore()
"""Of all long work that rests, one piece continues in each turn of the event loop."""


class Rests:
    """Pauses long work after each slice, so that other requests are served. Call it often.

    A rest ends when the event loop has nothing else to do, or after `REST` times the slice. Slices
    are measured in processor time, so other programs on a busy machine cause no further rests.

    count: returns how many pieces of long work take turns; a rest lasts longer by that factor
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


def cut(document: bytes | memoryview) -> Iterator[memoryview]:
    """Yield a large document in pieces that are not copied together."""
    with memoryview(document) as whole:
        for start in range(0, len(whole), PIECE_BYTES):
            yield whole[start : start + PIECE_BYTES]


def do_within(seconds: float, work: Callable[[], None]) -> None:
    """Do work in a greenlet of its own; return when it is done, or after some seconds, while it
    goes on. Raises as the work, if that fails before.
    """
    with suppress(gevent.Timeout):
        gevent.spawn(work).get(timeout=seconds)


def join_slices(pieces: Iterable[Piece], count: Callable[[], int] = lambda: 1) -> bytes:
    """Join pieces, and rest between slices of making them; `count` as in `Rests`.

    Joining a list of a million pieces at the end, and freeing it, would take 0.1 s.
    """
    made, rest = BytesIO(), Rests(count)
    for piece in pieces:
        made.write(piece)
        rest()
    return made.getvalue()


def hash_in_slices(document: bytes) -> str:
    """Return the SHA-256 of a document in hex; rest between slices of computing it."""
    found, rest = sha256(), Rests()
    for piece in cut(document):
        found.update(piece)
        rest()
    return found.hexdigest()


class LongReads:
    """Lets one request at a time, or a few, read a large document. Each person has at most one
    request in the queue, so nobody waits for many requests of one person.
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
