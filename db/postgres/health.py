"""What a worker knows of its database's health, and what operators watch of it."""

from time import monotonic

from db.journal.errors import OutcomeUnknown, StorageFull, Unavailable
from db.journal.measures import SECONDS, SIZES, Histogram
from db.postgres.currency import STALE_SECONDS
from db.postgres.session import StatementFailed

UNREADY_SECONDS = 6
"""After how long without an answer of PostgreSQL a worker says that it can't store: longer than
another worker that stopped can keep the turn.
"""
FULL = "53100"
SHORT = "53"
"""The class of SQLSTATE that says that PostgreSQL lacks resources; the tables are as they were."""
NOT_NOW = {"55P03", "57014", "25006", "40001", "40P01"}
"""Another session has a lock, or somebody cancelled the statement, or made the database read-only;
the tables are as they were.
"""


class Health:
    """Whether the worker can write, and what it may show.

    lost_at: since when there is no session; None while there is one
    trouble: why the last batch was refused, until there is room again
    fault: why nothing is written until the store is opened again
    waits, writes, sizes: the seconds that transactions waited for the turn, and that writing a
    batch took, and how many transactions shared it
    reconnects, reloads: how often a session was lost, and how often everything was read again
    behind: how many batches of others this worker lacked when it last looked
    """

    def __init__(self) -> None:
        self.lost_at: float | None = None
        self.trouble: OutcomeUnknown | None = None
        self.fault: OutcomeUnknown | None = None
        self._current_at = monotonic()
        self.waits, self.writes = Histogram(SECONDS), Histogram(SECONDS)
        self.sizes = Histogram(SIZES)
        self.reconnects = self.reloads = self.behind = 0

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing can be written now; None while all is well."""
        unheard = self.lost_at is not None or self.unheard_seconds > UNREADY_SECONDS
        if self.fault is None and unheard:
            return Unavailable("the database can't be reached")
        return self.fault or self.trouble

    @property
    def unheard_seconds(self) -> float:
        """For how long this worker hasn't known what others have committed."""
        return monotonic() - self._current_at

    @property
    def outdated(self) -> bool:
        """Whether what this worker has is too old to be shown."""
        return self.unheard_seconds > STALE_SECONDS

    @property
    def lost_seconds(self) -> float:
        return 0.0 if self.lost_at is None else monotonic() - self.lost_at

    def note_current(self) -> None:
        """Note that this worker has all that was committed."""
        self._current_at = monotonic()

    def note_lost(self) -> None:
        """Note that the session is lost."""
        if self.lost_at is None:
            self.lost_at = monotonic()
            self.reconnects += 1

    def figures(self) -> dict[str, float | Histogram]:
        """Return what an operator wants to know."""
        return {
            "write_seconds": self.writes,
            "batch_transactions": self.sizes,
            "turn_wait_seconds": self.waits,
            "connected": self.lost_at is None,
            "unheard_seconds": self.unheard_seconds,
            "behind_batches": self.behind,
            "reconnects_total": self.reconnects,
            "reloads_total": self.reloads,
        }


def trouble_of(error: StatementFailed) -> OutcomeUnknown | None:
    """Return what PostgreSQL lacked when it refused a batch; None if it was something else."""
    if error.state == FULL:
        return StorageFull(f"the disk of the database is full: {error}")
    if error.state.startswith(SHORT):
        return Unavailable(f"the database lacks resources: {error}")
    if error.state in NOT_NOW:
        return Unavailable(f"the database can't do that now: {error}")
    return None
