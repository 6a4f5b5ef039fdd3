"""The turn: when transactions run, in which order they become durable, and what others did.

A worker writes only while it has the turn: an advisory lock of PostgreSQL, inside the transaction
that writes. One thread of each worker, or greenlet, takes it for all transactions that wait. It
publishes what others have committed since, lets the transactions run one after the other, and
commits what they changed as one batch. It alone uses the session.

    BEGIN; lock; read the head and the log after my last line        one round trip
      publish what is new; run what waits
    write the documents, the log's line, the head; NOTIFY; COMMIT    one round trip

While nobody else is there the first one is left out: see `keeping`.
"""

import logging
import threading
import time
from time import perf_counter
from typing import TYPE_CHECKING

from db.journal.errors import OutcomeUnknown, Unavailable, renewed
from db.postgres import statements, upkeep
from db.postgres.connecting import has_committed, join, warn_of_settings
from db.postgres.currency import Clock, Roster
from db.postgres.health import Health, trouble_of
from db.postgres.keeping import Keeping
from db.postgres.loading import load_with_turn
from db.postgres.notes import Notes
from db.postgres.pinging import await_end
from db.postgres.session import Rows, Session, SessionLost, StatementFailed
from db.postgres.statements import BEGIN, COMMIT, HEAD, ROLLBACK, TURN, Author
from db.postgres.upkeep import Upkeep
from db.postgres.waiting import Errand, Waiting

if TYPE_CHECKING:
    from db.postgres.engine import PostgresEngine

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5
"""How long writers wait for a database that can't be reached."""
RETRY_SECONDS = 0.1
REPLACED = (
    "the database was replaced, by a restore, or a failover that lost commits: start every worker "
    "again"
)


class Turns:
    """Takes turns for an engine.

    Raises `Unavailable` if the database can't be reached at the start.
    """

    def __init__(self, engine: "PostgresEngine", url: str) -> None:
        self._engine, self._url = engine, url
        self.health = Health()
        self.waiting = Waiting(self.health, self._wake)
        self._sent = self._number = 0
        self._stopping = self._stale = self._hears_first = False
        self.clock, self.roster = Clock(), Roster()
        self.notes, self._keeping = Notes(), Keeping()
        self._upkeep = Upkeep(self.health, self.roster)
        try:
            self._session: Session | None
            self._session, self.channel = join(url, engine.worker)
            self._session.run([statements.FORGET_FLIGHTS])
            warn_of_settings(self._session)
            engine.load(self._session)
            ((_, self._epoch, clock),), alive = self._session.run([HEAD, statements.ALIVE])
            self.clock.note(float(clock or 0))
            self.roster.note(alive)
            self._session.be_brief()
        except (SessionLost, StatementFailed) as error:
            raise Unavailable(f"the database can't be used: {error}") from error
        self._thread = threading.Thread(target=self._serve, name="turns", daemon=True)
        self._starting = threading.Lock()

    def give_up(self, error: Exception) -> OutcomeUnknown:
        """Write nothing more until the store is opened again. Return the error to raise."""
        health = self.health
        if health.fault is None:
            if not isinstance(error, OutcomeUnknown):
                error = Unavailable(f"nothing is written until the store is reopened: {error}")
            health.fault = error
            logger.critical("%s", error, exc_info=error.__cause__ or error)
        return renewed(health.fault)

    def close(self) -> None:
        """Commit everything that waits, and end the session."""
        self._stopping = self.waiting.closed = True
        self._wake()
        self._thread.join()
        if self._session is not None:
            self._session.close()
            self._session = None

    # -- the one thread ----------------------------------------------------------------

    def _wake(self) -> None:
        if self._starting.acquire(blocking=False):  # once: the first that comes begins
            self._thread.start()
        session = self._session
        if session is not None:
            session.wake()

    def _serve(self) -> None:
        while not self._stopping or self.waiting or self._sent:
            asked = self.waiting.take_asking()
            try:
                if self._session is None:
                    self._reconnect()
                elif self._go_on(self._session, asks=bool(asked)):
                    while asked:
                        asked.pop().landed.set()
            except SessionLost as error:
                self._lose(error)
            except StatementFailed as error:
                self._wait_longer(self._session, error)
            except Exception as error:  # noqa: BLE001 (it is logged)
                self._fail(error)
            self.waiting.put_back(asked)

    def _go_on(self, session: Session, *, asks: bool) -> bool:
        """Do what is next; return whether all that was committed before is published: `asks`."""
        waiting = self.waiting
        if not (asks or waiting or waiting.asks):
            session.wait(upkeep.TICK_SECONDS)
        heard = self.notes.take(self._keeping.hear(session, session.heard()))
        tick = self._upkeep.is_due()
        if self._hears_first:
            self._hears_first = False
            self._hear(session, [])
        if waiting.errands:
            self._run_errand(session, waiting.errands[0])
        elif waiting.has_tickets:
            self._take_turn(session, ask=tick or self._stale or not self._keeping.kept)
        elif asks or heard or tick:
            self._hear(session, [] if asks else heard)
        if tick:
            self._upkeep.do(session, self._engine.sequence)
            self._keeping.look(session, self._engine.sequence, self._publish)
        return asks

    def _wait_longer(self, session: Session | None, error: StatementFailed) -> None:
        """Try again what was not to be had in time, such as the turn. What has waited for it too
        long is refused.
        """
        if session is None or self.health.lost_at is not None or trouble_of(error) is None:
            self._fail(error)
            return
        logger.warning("another session is in the way: %s", error)
        try:
            session.run([ROLLBACK, statements.END_STALLED])
        except (SessionLost, StatementFailed) as another:
            self._fail(another)
        self.waiting.refuse_oldest()
        self._hears_first = True

    def _hear(self, session: Session, heard: list[bytes]) -> None:
        """Publish what others have committed, without the turn."""
        if heard and int(heard[-1]) <= self._engine.sequence:
            return
        head, rows = session.run([HEAD, statements.changes_after(self._engine.sequence)])
        if not self._publish(head, rows):
            self._reload(session)

    def _take(self, session: Session) -> None:
        """Take the turn, with all that others have committed published."""
        while True:
            after = statements.changes_after(self._engine.sequence)
            _, _, head, rows = session.run([BEGIN, TURN, HEAD, after])
            if self._publish(head, rows):
                return
            session.run([ROLLBACK])
            self._reload(session)

    def _publish(self, head: Rows, rows: Rows) -> bool:
        """Publish lines of the log; return whether they reach from the last one to the head."""
        ((seq, epoch, clock),) = head
        self.clock.note(float(clock or 0))
        if epoch != self._epoch and self.health.fault is None:
            self.give_up(Unavailable(REPLACED))
        self.health.behind = len(rows)
        if self._stale or not self._engine.apply(int(seq or 0), rows):
            return False
        self.health.note_current()
        return True

    def _reload(self, session: Session) -> None:
        logger.warning("the log does not reach back far enough: everything is read again")
        known = self._engine.sequence
        # versions never go back: with a head that has, a new epoch begins
        session.run([BEGIN, TURN, statements.go_beyond(known), COMMIT])
        self._stale = True  # until that is done
        found = load_with_turn(session, self._engine.stored)
        self._number += 1
        by = self._author()
        same = found.epoch == self._epoch  # else this worker writes nothing more
        # nobody sees a version here before all others have one as high
        session.run(self._engine.announce(found, by) if same else [ROLLBACK])
        self._engine.replace(found)
        self._stale = False
        self.health.note_current()
        self.health.reloads += 1

    def _take_turn(self, session: Session, *, ask: bool) -> None:
        if ask:
            self._take(session)
        flight = self.waiting.begin()
        count = self.waiting.admit(lambda done: await_end(session, self.health, done))
        encoded, next_ids = self.waiting.encoded, self._engine.issued()
        if not encoded and not next_ids:  # nobody waits for the end of a transaction that only read
            flight.landed.set()
            if ask:
                session.run([ROLLBACK])
            return
        self._number = self._sent = self._number + 1
        began = perf_counter()
        try:
            by, alone = self._author(), self._keeping.kept
            commands = self._engine.commands(encoded, next_ids, by, alone=alone)
            session.run(commands if ask else [BEGIN, *commands])
        except StatementFailed as error:
            session.run([ROLLBACK])
            self._refuse(error)
        else:
            self.health.writes.add(perf_counter() - began)
            self.health.sizes.add(count)
            self.health.note_current()
            self._land()

    def _author(self) -> Author:
        return Author(self._engine.worker, self._number, self.channel)

    def _land(self) -> None:
        """Note that the batch that was sent is durable, and tell everybody."""
        flight, self._sent, self.health.trouble = self.waiting.flight, 0, None
        try:
            self._engine.landed(flight.changes)
        except BaseException:  # it is durable whatever a listener makes of it
            logger.exception("a listener failed after a commit")
        finally:
            flight.landed.set()

    def _refuse(self, error: StatementFailed) -> None:
        """Undo the batch that PostgreSQL has refused."""
        logger.error("PostgreSQL refused a batch (%s): %s", error.state, error)
        self.health.trouble = trouble_of(error)
        if self.health.trouble is None:  # what is in memory is not what the database has
            self._stale = True
        self._undo(self.health.trouble or Unavailable("the database refused a batch: try again"))

    def _undo(self, error: OutcomeUnknown) -> None:
        flight, self._sent = self.waiting.flight, 0
        if not flight.landed.is_set():
            self._engine.undo(flight.changes)
            flight.error = error
            flight.landed.set()

    def _run_errand(self, session: Session, errand: Errand) -> None:
        self._take(session)
        refused = None
        try:
            session.run([*errand.commands, COMMIT])
        except StatementFailed as error:
            session.run([ROLLBACK])
            refused = Unavailable(f"the database refused: {error}")
        self.waiting.finish_errand(refused)

    # -- without a session ---------------------------------------------------------------

    def _fail(self, error: Exception) -> None:
        logger.error("a turn failed: the store reads everything again", exc_info=error)
        self._stale = True
        self._lose(SessionLost("a turn failed"))

    def _lose(self, error: SessionLost) -> None:
        logger.error("the session with the database is lost: %s", error)
        if self._session is not None:
            self._session.close()
            self._session = None
        self._keeping.begin_again()
        self.health.note_lost()
        if not self._sent:  # nothing was sent that could have been committed
            self._undo(Unavailable("the session with the database was lost: try again"))

    def _reconnect(self) -> None:
        """Open a session, and find out what became of the batch that was sent last."""
        try:
            session, _ = join(self._url, self._engine.worker)
        except (SessionLost, StatementFailed) as error:
            if self._stopping or self.health.lost_seconds > PATIENCE_SECONDS:
                unknown = Unavailable(f"the database can't be reached: {error}")
                self._undo(unknown)
                self.waiting.refuse_all(unknown)
            time.sleep(RETRY_SECONDS)
            return
        self._session = session
        if self._sent and has_committed(session, self._engine.worker, self._sent):
            self._land()
        elif self._sent:
            self._undo(Unavailable("the batch was not committed: try again"))
        session.be_brief()
        logger.warning("the session with the database is back")
        self.health.lost_at = None
        self._upkeep.begin_again()
