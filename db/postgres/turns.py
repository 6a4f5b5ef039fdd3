"""The turn: when transactions run, in which order they become durable, and what others did.

A worker writes only while it has the turn: an advisory lock of PostgreSQL, inside the transaction
that writes. One thread of each worker, or greenlet, takes it for all transactions that wait. It
publishes what others have committed since, lets the transactions run one after the other, and
commits what they changed as one batch. It alone uses the session.

    BEGIN; lock; read the head and the log after my last line        one round trip
      publish what is new; run what waits
    write the documents, the log's line, the head; NOTIFY; COMMIT    one round trip

While nobody else is there the first one is left out: see `keeping`. What comes during the second
then runs at once, as the next batch: see `flying`.
"""

import logging
import threading
import time
from time import perf_counter
from typing import TYPE_CHECKING

from db.journal.errors import OutcomeUnknown, Unavailable, renewed
from db.postgres import flying, statements, upkeep
from db.postgres.connecting import has_committed, join, or_unavailable, warn_of_settings
from db.postgres.currency import Clock, Roster
from db.postgres.flying import Flying
from db.postgres.health import Health, trouble_of
from db.postgres.keeping import Keeping
from db.postgres.loading import load_with_turn
from db.postgres.notes import Notes
from db.postgres.pinging import await_end
from db.postgres.session import Rows, Session, SessionLost, StatementFailed
from db.postgres.statements import BEGIN, COMMIT, HEAD, ROLLBACK, TURN
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
        self._flying = Flying(engine, self.waiting, self.health)
        self._stopping = self._stale = self._hears_first = False
        self.clock, self.roster = Clock(), Roster()
        self.notes, self._keeping = Notes(), Keeping()
        self._upkeep = Upkeep(self.health, self.roster)
        self._session: Session | None
        with or_unavailable():
            self._session, self.channel = join(url, engine.worker)
            self._session.run([statements.FORGET_FLIGHTS])
            warn_of_settings(self._session)
            engine.load(self._session)
            ((_, self._epoch, clock),), alive = self._session.run([HEAD, statements.ALIVE])
            self.clock.note(float(clock or 0))
            self.roster.note(alive)
            self._session.be_brief()
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
        while not self._stopping or self.waiting.has_work or self._flying.sent:
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
        if not (asks or waiting.has_tickets or waiting.is_asked):
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
        logger.warning("the database can't do that now: %s", error)
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
        by = self._flying.name_next(self.channel)
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

        def admit() -> int:
            return self.waiting.admit(lambda done: await_end(session, self.health, done))

        self.waiting.begin()
        count, until = admit(), perf_counter() + flying.OVERLAP_SECONDS
        opening = [] if ask else [BEGIN]
        while commands := self._flying.send(self.channel, alone=self._keeping.kept):
            session.send([*opening, *commands])
            more = self._keeping.kept and not self.waiting.is_asked and perf_counter() < until
            later = self._flying.run_meanwhile(session, admit) if more else 0
            if not self._land(session, count) or not more:
                return
            opening, count = [BEGIN], later
        self.waiting.flight.landed.set()  # nobody waits for the end of what only reads
        if not opening:
            session.run([ROLLBACK])

    def _land(self, session: Session, count: int) -> bool:
        """Wait for the answer to the batch that was sent, of so many transactions; return whether
        it is durable.
        """
        try:
            session.answer()
        except StatementFailed as error:
            session.run([ROLLBACK])
            if not self._flying.refuse(error):
                self._stale = True
            return False
        self.health.sizes.add(count)
        self.health.note_current()
        self._flying.land()
        return True

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
        lost = Unavailable("the session with the database was lost: try again")
        self._flying.undo_unsent(lost)  # what was sent may have been committed

    def _reconnect(self) -> None:
        """Open a session, and find out what became of the batch that was sent last."""
        try:
            session, _ = join(self._url, self._engine.worker)
        except (SessionLost, StatementFailed) as error:
            if self._stopping or self.health.lost_seconds > PATIENCE_SECONDS:
                unknown = Unavailable(f"the database can't be reached: {error}")
                self._flying.undo(unknown)
                self.waiting.refuse_all(unknown)
            time.sleep(RETRY_SECONDS)
            return
        self._session = session
        sent = self._flying.sent
        if sent and has_committed(session, self._engine.worker, sent):
            self._flying.land()
        elif sent:
            self._flying.undo(Unavailable("the batch was not committed: try again"))
        session.be_brief()
        logger.warning("the session with the database is back")
        self.health.lost_at = None
        self._upkeep.begin_again()
