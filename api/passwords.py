"""Passwords: Argon2id, in a small pool of threads of its own, so that signing in doesn't slow
votes.

A fair queue decides who is next, so that nobody's attempts delay others for long. Source: OWASP's
password storage cheat sheet for the parameters.
"""

import os
import secrets
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

from api.niceness import at_low_priority
from api.turns import Path, Turns
from voting.refusals import RateLimited

THREADS = max(1, min(4, (os.cpu_count() or 1) - 1))
"""One core stays free. With two threads on two cores a burst of sign-ins made votes' p99 four to
seven times as long; with one thread, which yields to the voting thread, 1.3 to 2.2 times.
"""
WAITING = 2_000
"""How many callers may wait, 50 s of work. Then the one with the most jobs is refused."""
UNKNOWN = 500
"""How many of them may be for emails without an account."""
RETRY_SECONDS = 5
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

T = TypeVar("T")


class Passwords:
    """Hashes and verifies in the pool. Callers yield while they wait.

    Turns rotate between the first keys of the waiting paths, then between the second and the third
    keys (`api.turns`). Every method raises `RateLimited` if too many callers wait.
    """

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._pool = ThreadPool(THREADS)
        self.turns = Turns(at_once=THREADS, places=WAITING, retry_seconds=RETRY_SECONDS)
        self._nobody = self._hasher.hash(secrets.token_hex())
        self._unknown = 0
        self._seconds = 0.0

    def hash(self, password: str, path: Path) -> str:
        """Return the Argon2id hash to store."""
        return self.turns.do(lambda: self._work(lambda: self._hasher.hash(password)), path)

    def verify(self, hashed: str | None, password: str, path: Path) -> bool:
        """Return whether a password has this hash. Without a hash (None) it takes as long."""
        if not hashed:
            self._pretend(password, path)
            return False
        return self.turns.do(lambda: self._work(lambda: self._matches(hashed, password)), path)

    def _pretend(self, password: str, path: Path) -> None:
        """Take a turn for an email without an account. If others wait, nothing is hashed: it takes
        as long, but made-up emails don't use the time that the hall's passwords need.
        """
        if self._unknown >= UNKNOWN:
            raise RateLimited(retry_after=RETRY_SECONDS)
        self._unknown += 1
        try:
            worked = self.turns.do(lambda: self._work_if_idle(password), path)
        finally:
            self._unknown -= 1
        if not worked:
            gevent.sleep(self._seconds)

    def _work_if_idle(self, password: str) -> bool:
        if self.turns.waiting:
            return False
        self._work(lambda: self._matches(self._nobody, password))
        return True

    def _work(self, work: Callable[[], T]) -> T:
        began = perf_counter()
        done: T = self._pool.apply(at_low_priority, (work,))
        self._seconds = perf_counter() - began
        return done

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
