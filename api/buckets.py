"""How much each of many may do: a token bucket each."""

from collections.abc import Hashable
from dataclasses import dataclass

from api.wire import Bucket, TooOften
from voting.refusals import RateLimited

KEPT = 1_024
"""How many buckets are kept before those that have drained are looked for."""


class Buckets:
    """A bucket for each of many, which is kept until it has drained: nobody gets a new one by
    going and coming back."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._rates = per_second, burst
        self._all: dict[Hashable, Bucket] = {}
        self._enough = KEPT

    def __len__(self) -> int:
        return len(self._all)

    def take(self, one: Hashable, at: float, amount: float = 1) -> None:
        """Take from somebody's. Raises `RateLimited` where there is not so much left."""
        if one not in self._all and len(self._all) >= self._enough:
            self._all = {each: it for each, it in self._all.items() if not it.is_drained(at)}
            self._enough = max(KEPT, 2 * len(self._all))
        try:
            self._all.setdefault(one, Bucket(*self._rates)).take(at, amount)
        except TooOften as error:
            raise RateLimited(retry_after=error.seconds) from error


@dataclass(frozen=True, slots=True)
class Share:
    """One's bucket of many, wherever it is taken from."""

    buckets: Buckets
    one: Hashable

    def take(self, at: float) -> None:
        """Take one. Raises `RateLimited` where there is none left."""
        self.buckets.take(self.one, at)
