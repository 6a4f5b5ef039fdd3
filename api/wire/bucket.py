"""A token bucket, of which limits are made. Pure; the time is an argument.

Source: the leaky bucket as a meter, ITU-T I.371, annex A.
"""

import math
from dataclasses import dataclass

from api.wire.refusals import TooOften


@dataclass(slots=True)
class Bucket:
    """Allows `burst` at once and `per_second` on average. `at` is in seconds."""

    per_second: float
    burst: float
    _level: float = 0.0
    _at: float = -math.inf

    def take(self, at: float, amount: float = 1) -> None:
        """Take one, or several. Raises `TooOften` if there are not enough."""
        level = self._level_at(at) + amount
        if level > self.burst:
            raise TooOften(math.ceil((level - self.burst) / self.per_second))
        self._level, self._at = level, at

    def is_drained(self, at: float) -> bool:
        """Return whether it equals a new one."""
        return self._level_at(at) == 0

    def _level_at(self, at: float) -> float:
        return max(0.0, self._level - (at - self._at) * self.per_second)
