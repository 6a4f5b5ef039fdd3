"""What a worker knows of the time, and of the other workers: both as PostgreSQL tells it."""

from datetime import UTC, datetime
from time import monotonic

from db.postgres.session import Rows

STALE_SECONDS = 10
"""For how long a worker that can't reach PostgreSQL answers reads from memory."""
SLACK_SECONDS, STEADY_SECONDS = 0.05, 3.0
"""PostgreSQL's clock was set back if it was behind by so much for so long."""
MISSES = 3
"""In how many looks, a second apart, a worker must be missing until it counts as gone."""


class Clock:
    """PostgreSQL's time, which goes on by a clock of this machine that nobody can set.

    An answer that was read late shows an earlier time than it is. So the greatest difference
    counts, unless all are smaller for some seconds: then PostgreSQL's clock was set back.
    """

    def __init__(self) -> None:
        self._ahead: float | None = None
        self._behind: float | None = None
        self._since = 0.0

    def note(self, seconds: float) -> None:
        """Note the seconds since 1970 that PostgreSQL has just answered."""
        at = monotonic()
        ahead = seconds - at
        if self._ahead is None or ahead >= self._ahead - SLACK_SECONDS:
            self._ahead, self._behind = max(ahead, self._ahead or ahead), None
        elif self._behind is None:
            self._behind, self._since = ahead, at
        else:
            self._behind = max(ahead, self._behind)
            if at - self._since >= STEADY_SECONDS:
                self._ahead, self._behind = self._behind, None

    def now(self) -> datetime:
        """Return the time (aware UTC)."""
        return datetime.fromtimestamp((self._ahead or 0.0) + monotonic(), UTC)


class Roster:
    """The workers of the database that are alive."""

    def __init__(self) -> None:
        self._missed: dict[str, int] = {}
        self._looks = 0

    def note(self, rows: Rows) -> None:
        """Note the names of the workers whose sessions are alive."""
        self._looks += 1
        for (name,) in rows:
            self._missed[(name or b"").decode()] = self._looks
        long_gone = self._looks - 100 * MISSES
        self._missed = {name: at for name, at in self._missed.items() if at > long_gone}

    def forgive(self) -> None:
        """Begin again: PostgreSQL was away, and others may come back a moment later."""
        self._missed = dict.fromkeys(self._missed, self._looks)

    def is_gone(self, name: str) -> bool:
        """Return whether a worker has been missing for some seconds."""
        return self._looks - self._missed.setdefault(name, self._looks) >= MISSES
