"""How much one may do: a token bucket, what a limit is made of. Pure; time is an argument.

Source: the leaky bucket as a meter, ITU-T I.371, annex A.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass

from voting.refusals import RateLimited

KEPT = 1_024
"""How many buckets are kept before those that have drained are looked for."""


@dataclass(slots=True)
class Bucket:
    """Takes `burst` at once and `per_second` in the long run; `at` is in seconds."""

    per_second: float
    burst: float
    _level: float = 0.0
    _at: float = -math.inf

    def take(self, at: float, amount: float = 1) -> None:
        """Take one, or what costs as many. Raises `RateLimited` where there is not so much left."""
        level = self._level_at(at) + amount
        if level > self.burst:
            raise RateLimited(retry_after=math.ceil((level - self.burst) / self.per_second))
        self._level, self._at = level, at

    def is_drained(self, at: float) -> bool:
        """Tell whether it is as good as new."""
        return self._level_at(at) == 0

    def _level_at(self, at: float) -> float:
        return max(0.0, self._level - (at - self._at) * self.per_second)


class Buckets:
    """A bucket for each of many, which is kept until it has drained: nobody gets a new one by
    going and coming back."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._rates = per_second, burst
        self._all: dict[Hashable, Bucket] = {}
        self._enough = KEPT

    def __len__(self) -> int:
        return len(self._all)

    def take(self, one: Hashable, at: float) -> None:
        """Take one from somebody's. Raises `RateLimited` where there is none left."""
        if one not in self._all and len(self._all) >= self._enough:
            self._all = {each: it for each, it in self._all.items() if not it.is_drained(at)}
            self._enough = max(KEPT, 2 * len(self._all))
        self._all.setdefault(one, Bucket(*self._rates)).take(at)


@dataclass(frozen=True, slots=True)
class Share:
    """One's bucket of many, wherever it is taken from."""

    buckets: Buckets
    one: Hashable

    def take(self, at: float) -> None:
        """Take one. Raises `RateLimited` where there is none left."""
        self.buckets.take(self.one, at)
