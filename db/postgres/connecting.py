"""How a worker's session begins."""

import logging

from db.postgres import keeping, statements
from db.postgres.session import Command, Session
from db.postgres.statements import BEGIN, ROLLBACK, TURN

logger = logging.getLogger(__name__)


def connect(url: str, worker: bytes) -> Session:
    """Open a session in a worker's name, and ask for the turn whoever keeps it.

    Raises `SessionLost`, or `StatementFailed`.
    """
    session = Session(url, f"rollcall {worker.decode()}")
    try:
        session.run([keeping.ASK])
    except BaseException:
        session.close()
        raise
    return session


def join(url: str, worker: bytes) -> tuple[Session, bytes]:
    """Open a session that hears what others commit, and says that the database is in use; return
    the channel, too.
    """
    session = connect(url, worker)
    try:
        channel: bytes = session.run([statements.CHANNEL])[0][0][0] or b""
        session.run([statements.IN_USE, Command(b'LISTEN "%s"' % channel)])
    except BaseException:
        session.close()
        raise
    return session, channel


def has_committed(session: Session, worker: bytes, flight: int) -> bool:
    """Return whether the last batch that a worker has committed is this one."""
    *_, rows = session.run([BEGIN, TURN, statements.flight_of(worker)])
    session.run([ROLLBACK])
    return rows == [(b"%d" % flight,)]


def warn_of_settings(session: Session) -> None:
    """Warn where PostgreSQL doesn't keep what it has committed."""
    *_, rows = session.run([statements.UNSAFE])
    for (name,) in rows:
        logger.warning("%s is off: a crash of PostgreSQL loses votes", (name or b"").decode())
