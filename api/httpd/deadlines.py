"""Things that must have happened within so many seconds. Pure; the clock is an argument.

Nothing costs more for ten thousand of them: all share one duration, so the oldest are first.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Deadlines(Generic[T]):
    """What is waited for, each `seconds` from its start."""

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
        """Wait for a thing; one that is waited for already gets its time anew."""
        self._due.pop(thing, None)
        self._due[thing] = self._clock() + self._seconds

    def stop(self, thing: T) -> None:
        """Wait for it no longer."""
        self._due.pop(thing, None)

    def pop_oldest(self) -> T | None:
        """Return the one that has the least time left, waited for no longer; None without any."""
        thing = next(iter(self._due), None)
        if thing is not None:
            self.stop(thing)
        return thing

    def expire(self) -> list[T]:
        """Return those whose time is over, the oldest first; they are waited for no longer."""
        now, over = self._clock(), []
        for thing, due in self._due.items():
            if due > now:
                break
            over.append(thing)
        for thing in over:
            del self._due[thing]
        return over
