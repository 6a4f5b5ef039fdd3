"""Responses that clients have not read yet, with a deadline each and a bound for all. Pure."""

import time
from collections import Counter
from collections.abc import Callable, Hashable
from typing import TypeVar

from api.httpd.deadlines import Deadlines

T = TypeVar("T", bound=Hashable)


class Unread(Deadlines[T]):
    """The clients that have bytes to read. `start` is called at each progress.

    most: how many bytes may wait for all of them
    """

    def __init__(
        self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(seconds, clock)
        self._most = most
        self._held: dict[T, tuple[Hashable, int]] = {}
        self._readers: Counter[Hashable] = Counter()
        self.size = 0

    def hold(self, thing: T, size: int, share: Hashable = None) -> list[T]:
        """Note how many bytes wait for a client. Clients with the same `share` wait for the same
        bytes.

        Returns the clients to drop so that the rest fits the bound: those without progress for the
        longest. They are removed.
        """
        self._release(thing)
        share = thing if share is None else share
        self._held[thing] = (share, size)
        self._readers[share] += 1
        if self._readers[share] == 1:
            self.size += size
        if thing not in self:
            self.start(thing)
        return self._exceed(thing)

    def stop(self, thing: T) -> None:
        super().stop(thing)
        self._release(thing)

    def expire(self) -> list[T]:
        over = super().expire()
        for thing in over:
            self._release(thing)
        return over

    def _exceed(self, newest: T) -> list[T]:
        over = []
        for thing in list(self.due) if self.size > self._most else ():
            if self.size <= self._most:
                break
            if thing != newest:
                self.stop(thing)
                over.append(thing)
        return over

    def _release(self, thing: T) -> None:
        share, size = self._held.pop(thing, (None, 0))
        if share is not None:
            self._readers[share] -= 1
            if not self._readers[share]:
                del self._readers[share]
                self.size -= size
