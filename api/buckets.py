"""Token buckets, one for each of many askers."""

from collections.abc import Hashable

from api.wire import Bucket, TooOften
from voting.refusals import RateLimited

KEPT = 1_024
"""How many buckets there may be before drained ones are removed."""


class Buckets:
    """A bucket for each asker, until it has drained: nobody gets a new one by disconnecting."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._rates = per_second, burst
        self._all: dict[Hashable, Bucket] = {}
        self._enough = KEPT

    def __len__(self) -> int:
        return len(self._all)

    def take(self, one: Hashable, at: float, amount: float = 1) -> None:
        """Take from an asker's bucket. Raises `RateLimited` if there is not enough."""
        if one not in self._all and len(self._all) >= self._enough:
            self._all = {each: it for each, it in self._all.items() if not it.is_drained(at)}
            self._enough = max(KEPT, 2 * len(self._all))
        try:
            self._all.setdefault(one, Bucket(*self._rates)).take(at, amount)
        except TooOften as error:
            raise RateLimited(retry_after=error.seconds) from error
