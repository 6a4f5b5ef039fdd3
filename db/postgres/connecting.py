"""How a worker's session begins."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

from db.journal.errors import Unavailable
from db.postgres import keeping, statements
from db.postgres.session import Command, Session, SessionLost, StatementFailed
from db.postgres.statements import BEGIN, ROLLBACK, TURN

logger = logging.getLogger(__name__)


@contextmanager
def or_unavailable() -> Iterator[None]:
    """Raise `Unavailable` where the database can't be used."""
    try:
        yield
    except (SessionLost, StatementFailed) as error:
        raise Unavailable(f"the database can't be used: {error}") from error


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
    for name in _find_unsafe(session):
        logger.warning("%s is off: a crash of PostgreSQL loses votes", name)


def ask_unsafe(url: str) -> list[str]:
    """Return the settings by which a crash of PostgreSQL loses votes. Raises `Unavailable`, also
    where the role may not make tables.
    """
    with or_unavailable(), closing(Session(url, "doctor")) as session:
        if session.run([statements.MAY_CREATE]) != [[(b"t",)]]:
            raise Unavailable("the database can't be used: its role may make no tables")
        return _find_unsafe(session)


def _find_unsafe(session: Session) -> list[str]:
    *_, rows = session.run([statements.UNSAFE])
    return [(name or b"").decode() for (name,) in rows]
