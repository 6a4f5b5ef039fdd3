"""What a worker does once a second: it looks which workers there are, trims the log, and finds out
whether PostgreSQL has room again.
"""

from collections import deque
from time import monotonic

from db.postgres import statements
from db.postgres.currency import Roster
from db.postgres.health import Health
from db.postgres.session import Session, StatementFailed
from db.postgres.statements import BEGIN, ROLLBACK, TURN

TICK_SECONDS = 1
"""How often it is due; the head is read then, too, should a notification be lost."""
LOG_SECONDS = 60
"""For how long the log keeps its lines, at least."""


class Upkeep:
    """What is due now and then for one session."""

    def __init__(self, health: Health, roster: Roster) -> None:
        self._health, self._roster = health, roster
        self._sequences: deque[int] = deque(maxlen=int(LOG_SECONDS / TICK_SECONDS))
        self._at = monotonic()

    def begin_again(self) -> None:
        """Let it be due now: PostgreSQL was away."""
        self._roster.forgive()
        self._at = 0.0

    def is_due(self) -> bool:
        """Return whether it is due, and begin to wait for the next time."""
        now = monotonic()
        if now - self._at < TICK_SECONDS:
            return False
        self._at = now
        return True

    def do(self, session: Session, sequence: int) -> None:
        """Do it. sequence: the number of the last batch that is published here"""
        commands = [statements.ALIVE]
        self._sequences.append(sequence)
        if len(self._sequences) == self._sequences.maxlen:
            commands.append(statements.trim_to(self._sequences[0]))
            self._sequences.clear()
        alive, *_ = session.run(commands)
        self._roster.note(alive)
        if self._health.trouble is not None:
            self._probe(session)

    def _probe(self, session: Session) -> None:
        """After a batch that lacked room, find out whether PostgreSQL can write again."""
        try:
            session.run([BEGIN, TURN, statements.write_in_vain(), ROLLBACK])
        except StatementFailed:
            session.run([ROLLBACK])
        else:
            self._health.trouble = None
