"""Deadlines of equal length for many items. Pure; the time is an argument.

The cost doesn't grow with their number: all have the same duration, so the oldest are first.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Deadlines(Generic[T]):
    """The items, each with its deadline `seconds` after its start."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._due: dict[T, float] = {}

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, thing: T) -> bool:
        return thing in self._due

    def __iter__(self) -> Iterator[T]:
        return iter(self._due)

    def start(self, thing: T) -> None:
        """Start an item's deadline; restart it if it is there already."""
        self._due.pop(thing, None)
        self._due[thing] = self._clock() + self._seconds

    def stop(self, thing: T) -> None:
        """Remove an item."""
        self._due.pop(thing, None)

    def pop_oldest(self) -> T | None:
        """Remove the item that expires first, and return it; None if there are none."""
        thing = next(iter(self._due), None)
        if thing is not None:
            self.stop(thing)
        return thing

    def expire(self) -> list[T]:
        """Remove the items that have expired, and return them, the oldest first."""
        now, over = self._clock(), []
        for thing, due in self._due.items():
            if due > now:
                break
            over.append(thing)
        for thing in over:
            del self._due[thing]
        return over
