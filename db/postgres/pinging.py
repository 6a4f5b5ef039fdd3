"""Shows PostgreSQL that a worker is alive while a long transaction has the turn."""

import threading

from db.postgres import statements
from db.postgres.health import Health
from db.postgres.session import Session, SessionLost, StatementFailed

PING_SECONDS = 1
"""How often."""


def await_end(session: Session, health: Health, done: threading.Lock) -> None:
    """Return when the transaction that was let in has ended, which releases `done`. Until then show
    that this worker is alive. Raises `SessionLost`, but not before the end.
    """
    lost: Exception | None = None
    while not done.acquire(timeout=PING_SECONDS):
        try:
            if lost is None:
                session.run([statements.PING])
                health.note_current()
        except (SessionLost, StatementFailed) as error:
            lost = error
    if lost is not None:
        raise SessionLost(str(lost))
