"""Deadlines of equal length for many items. Pure; the time is an argument.

The cost doesn't grow with their number: all have the same duration, so the oldest are first.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Deadlines(Generic[T]):
    """The items, each with its deadline `seconds` after its start.

    due: the times of the deadlines, on the clock, by item; the oldest is first
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self._clock = seconds, clock
        self.due: dict[T, float] = {}

    def __len__(self) -> int:
        return len(self.due)

    def __contains__(self, thing: T) -> bool:
        return thing in self.due

    def __iter__(self) -> Iterator[T]:
        return iter(self.due)

    def start(self, thing: T) -> None:
        """Start an item's deadline; restart it if it is there already."""
        self.due.pop(thing, None)
        self.due[thing] = self._clock() + self.seconds

    def stop(self, thing: T) -> None:
        """Remove an item."""
        self.due.pop(thing, None)

    def pop_oldest(self) -> T | None:
        """Remove the item that expires first, and return it; None if there are none."""
        thing = next(iter(self.due), None)
        if thing is not None:
            self.stop(thing)
        return thing

    def expire(self) -> list[T]:
        """Remove the items that have expired, and return them, the oldest first."""
        now, over = self._clock(), []
        for thing, due in self.due.items():
            if due > now:
                break
            over.append(thing)
        for thing in over:
            del self.due[thing]
        return over
