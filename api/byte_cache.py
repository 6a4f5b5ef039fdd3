"""Bytes that take long to make: made once for everybody who requests them, and cached."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable

from gevent.event import AsyncResult

from api.slices import LongReads, Piece, join_slices

MADE_AT_ONCE = 8
CACHED_COUNT = 64
CACHED_BYTES = 64 << 20


class ByteCache:
    """The bytes that were requested last, by key. The newest are cached however large they are.

    Requests for bytes that are being made wait for them. Each person has one thing made at a time,
    and a few are made at once: nobody waits for all that somebody else requests, or for one long
    making.
    """

    def __init__(self, count: int = CACHED_COUNT, size: int = CACHED_BYTES) -> None:
        self._count, self._most = count, size
        self._cached: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, AsyncResult] = {}
        self._turns = LongReads(MADE_AT_ONCE)
        self.size = 0

    def __len__(self) -> int:
        return len(self._cached)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._cached

    @property
    def making(self) -> int:
        """How many things are being made."""
        return len(self._making)

    def get(self, key: Hashable, make: Callable[[], bytes], person: str = "") -> bytes:
        """Return a key's bytes, or have `make` make them in a person's turn; raises as `make`."""
        while True:
            if key in self._cached:
                self._cached.move_to_end(key)
                return self._cached[key]
            if key in self._making:
                made: bytes = self._making[key].get()
                return made
            with self._turns.turn_of(person):
                if key not in self._cached and key not in self._making:  # nobody had the turn first
                    return self._make(key, make)

    def join(self, key: Hashable, pieces: Iterable[Piece], person: str = "") -> bytes:
        """Return the bytes under a key, joined from pieces in slices if they are not cached."""
        return self.get(key, lambda: join_slices(pieces, lambda: self.making), person)

    def _make(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        making = self._making[key] = AsyncResult()
        try:
            made = make()
        except BaseException as error:
            making.set_exception(error)
            raise
        else:
            self._add(key, made)
            making.set(made)
            return made
        finally:
            del self._making[key]

    def forget(self, key: Hashable) -> None:
        """Remove a key's bytes."""
        self.size -= len(self._cached.pop(key, b""))

    def _add(self, key: Hashable, made: bytes) -> None:
        self._cached[key] = made
        self.size += len(made)
        while len(self._cached) > 1 and (len(self._cached) > self._count or self.size > self._most):
            self.forget(next(iter(self._cached)))
