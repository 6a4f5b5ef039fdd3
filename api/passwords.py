"""Passwords: Argon2id, in a small pool of threads of its own, so that signing in never slows votes.

Source: OWASP's password storage cheat sheet for the parameters.
"""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

THREADS = 2


class Passwords:
    """Hashes and verifies in the pool; who waits for it lets others go on."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._pool = ThreadPool(THREADS)
        self._nobody = self._hasher.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        """Return the Argon2id hash to keep."""
        hashed: str = self._pool.apply(self._hasher.hash, (password,))
        return hashed

    def verify(self, hashed: str | None, password: str) -> bool:
        """Tell whether a password is the one hashed; for nobody's (None) it takes as long."""
        matches: bool = self._pool.apply(self._matches, (hashed or self._nobody, password))
        return matches and hashed is not None

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
