"""Passwords: Argon2id, in a small pool of threads of its own, so that signing in never slows votes.

Source: OWASP's password storage cheat sheet for the parameters.
"""

import os
import secrets
import sys
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

from schemas.refusals import RateLimited

THREADS = max(1, min(4, (os.cpu_count() or 1) - 1))
"""A core stays free: with two threads on two cores a burst of sign-ins made votes' p99 four to
seven times as long; with one, which yields to the voting thread, 1.3 to 2.2 times."""
NICENESS = 10
WAITING = 500
"""How many wait at most, some fifteen seconds of work: who comes then is told to come again."""
RETRY_SECONDS = 5

T = TypeVar("T")


class Passwords:
    """Hashes and verifies in the pool; who waits for it lets others go on.

    Every method raises `RateLimited` where too many wait already.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._pool = ThreadPool(THREADS)
        self._nobody = self._hasher.hash(secrets.token_hex())
        self._waiting = 0

    def hash(self, password: str) -> str:
        """Return the Argon2id hash to keep."""
        return self._work(lambda: self._hasher.hash(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Tell whether a password is the one hashed; for nobody's (None) it takes as long."""
        matches = self._work(lambda: self._matches(hashed or self._nobody, password))
        return matches and hashed is not None

    def _work(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise RateLimited(retry_after=RETRY_SECONDS)
        self._waiting += 1
        try:
            done: T = self._pool.apply(_politely, (work,))
        finally:
            self._waiting -= 1
        return done

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _politely(work: Callable[[], T]) -> T:
    if sys.platform == "linux":  # there a thread has a niceness of its own
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    return work()
