"""How a worker's session begins."""

import logging

from db.postgres import statements
from db.postgres.session import Command, Session

logger = logging.getLogger(__name__)


def connect(url: str, worker: bytes) -> Session:
    """Open a session in a worker's name. Raises `SessionLost`, or `StatementFailed`."""
    return Session(url, f"rollcall {worker.decode()}")


def listen(session: Session) -> bytes:
    """Hear of what others commit, and say that the database is in use; return the channel."""
    channel: bytes = session.run([statements.CHANNEL])[0][0][0] or b""
    session.run([statements.IN_USE, Command(b'LISTEN "%s"' % channel)])
    return channel


def warn_of_settings(session: Session) -> None:
    """Warn where PostgreSQL doesn't keep what it has committed."""
    *_, rows = session.run([statements.UNSAFE])
    for (name,) in rows:
        logger.warning("%s is off: a crash of PostgreSQL loses votes", (name or b"").decode())
