"""How much one may do: a token bucket, what a limit is made of. Pure; time is an argument.

Source: the leaky bucket as a meter, ITU-T I.371, annex A.
"""

import math
from dataclasses import dataclass

from schemas.refusals import RateLimited


@dataclass
class Bucket:
    """Takes `burst` at once and `per_second` in the long run; `at` is in seconds."""

    per_second: float
    burst: float
    _level: float = 0.0
    _at: float = -math.inf

    def take(self, at: float) -> None:
        """Take one. Raises `RateLimited` where there is none left."""
        level = max(0.0, self._level - (at - self._at) * self.per_second) + 1
        if level > self.burst:
            raise RateLimited(retry_after=math.ceil((level - self.burst) / self.per_second))
        self._level, self._at = level, at
