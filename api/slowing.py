"""Slows the guessing of an account's password: after each failure the next attempt waits longer.

Failures count for an account and a network together, so nobody can delay an account's owner from
elsewhere. The right password is never refused, only delayed, by 5 s at most. Emails without an
account are delayed in the same way, so the delay reveals no account. A network alone is never
delayed, because a whole hall signs in from one.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

FREE = 3
"""How many failures are not followed by a delay, because people mistype."""
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 5.0
FORGOTTEN_SECONDS = 900.0
REMEMBERED = 10_000
"""For how many accounts failures and successes are remembered. To push one out, an attacker must
wait for as many hashes. Emails without an account are remembered separately, because they cost
less."""
SLEEPERS = 1_000
"""How many attempts wait at once. Further ones don't wait here; the queue of hashes bounds them."""


T = TypeVar("T")
Try = tuple[str, str]
"""An account, by its email, and the network that it is tried from."""
Failures = OrderedDict[Try, tuple[int, float]]
"""The number of failures, and the time of the last one."""


@dataclass
class Slowdown:
    """Failures and successes. `clock` returns seconds; `sleep` yields."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _failures: Failures = field(default_factory=OrderedDict)
    _strange: Failures = field(default_factory=OrderedDict)
    _successes: OrderedDict[Try, None] = field(default_factory=OrderedDict)
    _sleepers: int = 0

    def wait(self, tried: Try) -> None:
        """Wait as long as earlier failures require."""
        seconds = self._seconds(tried)
        if not seconds or self._sleepers >= SLEEPERS:
            return
        self._sleepers += 1
        try:
            self.sleep(seconds)
        finally:
            self._sleepers -= 1

    def knows(self, tried: Try) -> bool:
        """Return whether the account has signed in from this network since the start."""
        return tried in self._successes

    def note_success(self, tried: Try) -> None:
        """Forget earlier failures."""
        for memory in (self._failures, self._strange, self._successes):
            memory.pop(tried, None)
        _remember(self._successes, tried, None)

    def note_failure(self, tried: Try, *, strange: bool = False) -> None:
        """Count a failure. `strange`: no account has the email."""
        failures = self._strange if strange else self._failures
        count = self._count(failures, tried)
        failures.pop(tried, None)
        _remember(failures, tried, (count + 1, self.clock()))

    def _count(self, failures: Failures, tried: Try) -> int:
        count, at = failures.get(tried, (0, 0.0))
        return 0 if self.clock() - at >= FORGOTTEN_SECONDS else count

    def _seconds(self, tried: Try) -> float:
        count = max(self._count(each, tried) for each in (self._failures, self._strange))
        doublings = min(count - FREE, 8)
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2**doublings) if count >= FREE else 0.0


def _remember(memory: OrderedDict[Try, T], tried: Try, what: T) -> None:
    """Add an entry after the others; remove the oldest if there are too many."""
    memory[tried] = what
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)
