"""The batches of a worker that can still be undone: the one that was sent, and the one after it.

While the turn is kept the next transactions run before PostgreSQL has answered. What they change is
published in memory, but sent only once the batch before is durable, and undone with it.
"""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from db.journal.committer import Flight
from db.journal.errors import OutcomeUnknown, Unavailable
from db.postgres.health import Health, trouble_of
from db.postgres.session import Command, Session, StatementFailed
from db.postgres.statements import Author, Encoded
from db.postgres.waiting import LANDED, Waiting

if TYPE_CHECKING:
    from db.postgres.engine import PostgresEngine

logger = logging.getLogger(__name__)

OVERLAP_SECONDS = 0.1
"""For how long a turn that is kept goes on with batch after batch, each of which runs while the one
before it is on its way.
"""


class Flying:
    """What was sent, and what has run since.

    sent: the number of the batch whose outcome isn't known; 0 if there is none
    """

    def __init__(self, engine: "PostgresEngine", waiting: Waiting, health: Health) -> None:
        self._engine, self._waiting, self._health = engine, waiting, health
        self._number = self.sent = 0
        self._flight, self._began = LANDED, 0.0

    def name_next(self, channel: bytes) -> Author:
        """Return the author of the next batch."""
        self._number += 1
        return Author(self._engine.worker, self._number, channel)

    def send(self, channel: bytes, *, alone: bool) -> list[Command]:
        """Return what commits the batch that has run; [] if it changes nothing.

        alone: no other worker has to hear
        """
        encoded: Encoded = self._waiting.encoded
        next_ids = self._engine.take_issued()
        if not encoded and not next_ids:
            return []
        self._flight, self._began = self._waiting.flight, perf_counter()
        by = self.name_next(channel)
        self.sent = by.flight
        return self._engine.commands(encoded, next_ids, by, alone=alone)

    def run_meanwhile(self, session: Session, admit: Callable[[], int]) -> int:
        """Until PostgreSQL answers run the transactions that come, as the next batch; return how
        many.

        admit: runs those that wait, and returns how many
        """
        self._waiting.begin()
        count, until = 0, perf_counter() + OVERLAP_SECONDS
        while not session.has_answer() and (left := until - perf_counter()) > 0:
            if self._waiting.has_tickets:
                count += admit()
            else:
                session.wait(left)
        return count

    def land(self) -> None:
        """Note that the batch that was sent is durable, and notify."""
        self._health.writes.add(perf_counter() - self._began)
        flight, self.sent, self._health.trouble = self._flight, 0, None
        try:
            self._engine.landed(flight.changes)
        except BaseException:  # it is durable whatever a listener makes of it
            logger.exception("a listener failed after a commit")
        finally:
            flight.landed.set()

    def refuse(self, error: StatementFailed) -> bool:
        """Undo everything, because PostgreSQL has refused the batch that was sent; return whether
        what is in memory is what the database has.
        """
        logger.error("PostgreSQL refused a batch (%s): %s", error.state, error)
        self._health.trouble = trouble = trouble_of(error)
        self.undo(trouble or Unavailable("the database refused a batch: try again"))
        return trouble is not None

    def undo_unsent(self, error: OutcomeUnknown) -> None:
        """Undo what has run since the last batch was sent."""
        flight = self._waiting.flight
        if not (self.sent and flight is self._flight):
            self._undo(flight, error)

    def undo(self, error: OutcomeUnknown) -> None:
        """Undo everything that may not be durable, the last first."""
        self.undo_unsent(error)
        if self.sent:
            self.sent = 0
            self._undo(self._flight, error)

    def _undo(self, flight: Flight, error: OutcomeUnknown) -> None:
        if not flight.landed.is_set():
            self._engine.undo(flight.changes)
            flight.error = error
            flight.landed.set()
