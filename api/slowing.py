"""Slows the guessing of an account's password: after each failure the next attempt waits longer.

Failures count for an account and a network together, so nobody can delay an account's owner from
elsewhere. The right password is never refused, only delayed, by 5 s at most. Emails without an
account are delayed in the same way, so the delay reveals no account. A network alone is never
delayed, because a whole hall signs in from one.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from api.shared_counts import SharedCounts

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
Failures = OrderedDict[str, tuple[int, float]]
"""The number of failures, and the time of the last one, by what stands for a `Try`."""


class Slowdown:
    """Failures and successes. `clock` returns seconds; `sleep` yields.

    counts: by which processes that share a store count failures together
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        counts: SharedCounts,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self._failures: Failures = OrderedDict()
        self._strange: Failures = OrderedDict()
        self._successes: OrderedDict[str, None] = OrderedDict()
        self._sleepers = 0
        self._counts = counts
        count = self._count_failure
        self._fail = counts.share("sign-in-failed", partial(count, self._failures))
        self._fail_strangely = counts.share("stranger-failed", partial(count, self._strange))
        self._succeed = counts.share("signed-in", self._forget)

    def wait(self, tried: Try) -> None:
        """Wait as long as earlier failures require."""
        seconds = self._seconds(self._counts.digest(*tried))
        if not seconds or self._sleepers >= SLEEPERS:
            return
        self._sleepers += 1
        try:
            self.sleep(seconds)
        finally:
            self._sleepers -= 1

    def knows(self, tried: Try) -> bool:
        """Return whether the account has signed in from this network since the start."""
        return self._counts.digest(*tried) in self._successes

    def note_success(self, tried: Try) -> None:
        """Forget earlier failures."""
        self._succeed(self._counts.digest(*tried))

    def note_failure(self, tried: Try, *, strange: bool = False) -> None:
        """Count a failure. `strange`: no account has the email."""
        count = self._fail_strangely if strange else self._fail
        count(self._counts.digest(*tried))

    def _count_failure(self, failures: Failures, key: str) -> None:
        count = self._count(failures, key)
        failures.pop(key, None)
        _remember(failures, key, (count + 1, self.clock()))

    def _forget(self, key: str) -> None:
        for memory in (self._failures, self._strange, self._successes):
            memory.pop(key, None)
        _remember(self._successes, key, None)

    def _count(self, failures: Failures, key: str) -> int:
        count, at = failures.get(key, (0, 0.0))
        return 0 if self.clock() - at >= FORGOTTEN_SECONDS else count

    def _seconds(self, key: str) -> float:
        count = max(self._count(each, key) for each in (self._failures, self._strange))
        doublings = min(count - FREE, 8)
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2**doublings) if count >= FREE else 0.0


def _remember(memory: OrderedDict[str, T], key: str, what: T) -> None:
    """Add an entry after the others; remove the oldest if there are too many."""
    memory[key] = what
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)
