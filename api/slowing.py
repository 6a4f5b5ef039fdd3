"""Slows the guessing of an account's password: each failure lets the next try wait longer.

The right password is never refused, only slowed, by 5 s at most; and an email that nobody has is
slowed alike, so nothing tells whether it has an account. An address alone slows nobody: a hall
signs in from one.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

FREE = 3
"""How many failures cost nothing: people mistype."""
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 5.0
FORGOTTEN_SECONDS = 900.0
REMEMBERED = 10_000
"""Accounts whose failures are remembered; to drive one out, an attacker pays as many hashes."""
SLEEPERS = 1_000
"""How many wait at once. One more doesn't wait here: the password's own queue bounds them."""


@dataclass
class Slowdown:
    """Failures by account. `clock` tells seconds, `sleep` lets others go on meanwhile."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _failures: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)
    _sleepers: int = 0

    def wait(self, account: str) -> None:
        """Wait as long as the account's failures ask."""
        seconds = self._seconds(account)
        if not seconds or self._sleepers >= SLEEPERS:
            return
        self._sleepers += 1
        try:
            self.sleep(seconds)
        finally:
            self._sleepers -= 1

    def note(self, account: str, *, succeeded: bool) -> None:
        """Count a failure, or forget those before."""
        count, _ = self._failures.pop(account, (0, 0.0))
        if not succeeded:
            self._failures[account] = (count + 1, self.clock())
            if len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def _seconds(self, account: str) -> float:
        count, at = self._failures.get(account, (0, 0.0))
        if count and self.clock() - at >= FORGOTTEN_SECONDS:
            del self._failures[account]
            count = 0
        doublings = min(count - FREE, 8)
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2**doublings) if count >= FREE else 0.0
