"""Keeps the turn from one batch to the next, while nobody else uses the database.

Nobody else can have committed then, so a batch needs no question before it, only one round trip,
and no line in the log. Whoever comes asks for the turn by a notification, and gets it at once.
Should that be lost, the worker looks once a second.
"""

from collections.abc import Callable

from db.postgres.migrating import SCHEMA, TURN_CLASS, USE_CLASS
from db.postgres.session import Command, Rows, Session
from db.postgres.statements import HEAD, changes_after

LOOKS = 3
"""In how many looks, a second apart, nobody else may be there until the turn is kept."""
SILENT_SECONDS = 10
"""PostgreSQL ends a session that keeps the turn and is silent for so long."""
_WISH = b"turn"

ASK = Command(b"SELECT pg_notify('rollcall_' || %s, '%s')" % (SCHEMA, _WISH))
"""Asks who keeps the turn for it."""
_OTHERS = Command(
    b"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
    b" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    b" AND classid IN (%d, %d) AND objid::bigint = %s" % (TURN_CLASS, USE_CLASS, SCHEMA),
    keep=True,
)
"""How many other sessions use the database, or wait for the turn."""
_KEEP = Command(b"SELECT pg_try_advisory_lock(%d, %s)" % (TURN_CLASS, SCHEMA), keep=True)
_GIVE = Command(b"SELECT pg_advisory_unlock(%d, %s)" % (TURN_CLASS, SCHEMA), keep=True)
_WAIT = Command(b"SET idle_session_timeout = 0")


class Keeping:
    """Whether one session keeps the turn: `kept`."""

    def __init__(self) -> None:
        self.kept = False
        self._looks = 0

    def begin_again(self) -> None:
        """Keep nothing: there is another session."""
        self.kept, self._looks = False, 0

    def hear(self, session: Session, heard: list[bytes]) -> list[bytes]:
        """Give the turn to whoever asks for it; return what else was heard."""
        if _WISH not in heard:
            return heard
        self._give(session)
        return [each for each in heard if each != _WISH]

    def look(self, session: Session, sequence: int, publish: Callable[[Rows, Rows], bool]) -> None:
        """Find out whether anybody else is there: then give the turn, else keep it.

        sequence: of the last batch that is published here; publish: publishes the log after it
        """
        if session.run([_OTHERS]) != [[(b"0",)]]:
            self._give(session)
            return
        self._looks += 1
        if self.kept or self._looks < LOOKS:
            return
        kept, head, rows = session.run([_KEEP, HEAD, changes_after(sequence)])
        if kept != [(b"t",)]:
            return
        self.kept = True
        session.run([Command(b"SET idle_session_timeout = '%ds'" % SILENT_SECONDS)])
        if not publish(head, rows):
            self._give(session)

    def _give(self, session: Session) -> None:
        """Keep the turn no longer."""
        if self.kept:
            session.run([_GIVE, _WAIT])
        self.begin_again()
