"""The turn: when transactions run, in which order they become durable, and what others did.

A worker writes only while it has the turn: an advisory lock of PostgreSQL, inside the transaction
that writes. One thread of each worker, or greenlet, takes it for all transactions that wait. It
publishes what others have committed since, lets the transactions run one after the other, and
commits what they changed as one batch. It alone uses the session.

    BEGIN; lock; read the head and the log after my last line        one round trip
      publish what is new; run what waits
    write the documents, the log's line, the head; NOTIFY; COMMIT    one round trip
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from db.journal.committer import Flight
from db.journal.errors import OutcomeUnknown, StorageFull, Unavailable, renewed
from db.postgres import statements
from db.postgres.currency import STALE_SECONDS, Clock, Roster
from db.postgres.loading import load_with_turn
from db.postgres.session import Command, Rows, Session, SessionLost, StatementFailed
from db.postgres.statements import BEGIN, COMMIT, HEAD, ROLLBACK, TURN, Author, Encoded

if TYPE_CHECKING:
    from db.postgres.engine import PostgresEngine

logger = logging.getLogger(__name__)

MOST, MOST_SECONDS = 512, 0.02
"""How many transactions one turn runs, and for how long it begins more."""
TICK_SECONDS = 1
"""How often the head is read, should a notification be lost."""
PATIENCE_SECONDS = 5
"""How long writers wait for a database that can't be reached."""
RETRY_SECONDS = 0.1
ASK_SECONDS = 1
"""How long a read waits for what others have committed."""
UNREADY_SECONDS = 6
"""After how long without an answer of PostgreSQL a worker says that it can't store: longer than
another worker that stopped can keep the turn.
"""
PING_SECONDS = 1
"""How often a worker shows that it is alive while a long transaction has the turn."""
LOG_SECONDS = 60
"""For how long the log keeps its lines, at least."""
FULL = "53100"
SHORT = "53"
"""The class of SQLSTATE that says that PostgreSQL lacks resources; the tables are as they were."""


REPLACED = (
    "the database was replaced, by a restore, or a failover that lost commits: start every worker "
    "again"
)
LANDED = Flight()
LANDED.landed.set()


class Ticket:
    """A transaction that waits for the turn."""

    __slots__ = ("admitted", "begun", "error", "since")

    def __init__(self) -> None:
        self.admitted = threading.Lock()
        self.admitted.acquire()
        self.begun = False
        self.error: OutcomeUnknown | None = None
        self.since = monotonic()


class Errand:
    """Statements that are run with the turn, but change no documents."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self.flight = Flight()


class Turns:
    """Takes turns for an engine.

    Raises `Unavailable` if the database can't be reached at the start.
    """

    def __init__(self, engine: "PostgresEngine", url: str) -> None:
        self._engine, self._url = engine, url
        self._waiting: deque[Ticket] = deque()
        self._errands: deque[Errand] = deque()
        self._asking: list[Flight] = []
        """Reads that wait for what others have committed."""
        self._done = threading.Lock()
        self._done.acquire()
        self._flight = LANDED
        self._encoded: Encoded = []
        self._sent = 0
        self._number = 0
        self._lost_at: float | None = None
        self._trouble: OutcomeUnknown | None = None
        self._failure: OutcomeUnknown | None = None
        self._stopping = self._stale = False
        self.clock, self.roster = Clock(), Roster()
        self._current_at = monotonic()
        """When this worker last had all that was committed."""
        self._ticks: deque[int] = deque(maxlen=int(LOG_SECONDS / TICK_SECONDS))
        self._ticked = monotonic()
        try:
            self._session: Session | None = self._open()
            self.channel = self._listen(self._session)
            self._session.run([statements.FORGET_FLIGHTS])
            self._warn(self._session)
            engine.load(self._session)
            ((_, self._epoch, clock),), alive = self._session.run([HEAD, statements.ALIVE])
            self.clock.note(float(clock or 0))
            self.roster.note(alive)
        except (SessionLost, StatementFailed) as error:
            raise Unavailable(f"the database can't be used: {error}") from error
        self._thread = threading.Thread(target=self._serve, name="turns", daemon=True)
        self._starting = threading.Lock()

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing can be written now; None while all is well."""
        unheard = self._lost_at is not None or self.unheard_seconds > UNREADY_SECONDS
        if self._failure is None and unheard:
            return Unavailable("the database can't be reached")
        return self._failure or self._trouble

    @property
    def unheard_seconds(self) -> float:
        """For how long this worker hasn't known what others have committed."""
        return monotonic() - self._current_at

    @property
    def outdated(self) -> bool:
        """Whether what this worker has is too old to be shown."""
        return self.unheard_seconds > STALE_SECONDS

    @property
    def _lost_seconds(self) -> float:
        return 0.0 if self._lost_at is None else monotonic() - self._lost_at

    # -- for those that write ------------------------------------------------------------

    def enter(self) -> None:
        """Return when the calling transaction may run. Raises `OutcomeUnknown`."""
        if self._stopping:
            raise Unavailable("the store is closed")
        if self._failure is not None:
            raise renewed(self._failure)
        ticket = Ticket()
        self._waiting.append(ticket)
        self._wake()
        try:
            ticket.admitted.acquire()
        except BaseException:  # this greenlet is killed
            if ticket.begun:
                self._done.release()
            else:
                self._waiting.remove(ticket)
            raise
        if ticket.error is not None:
            raise renewed(ticket.error)

    def leave(self, encoded: Encoded) -> Flight:
        """End the transaction that was let in; return what it is to wait for."""
        flight = self._flight
        self._encoded += encoded
        flight.changes += [change for change, _ in encoded]
        self._done.release()
        return flight

    def land_present(self) -> None:
        """Return once the batch that is under way is durable."""
        self._flight.wait()

    def catch_up(self) -> None:
        """Return once all that had been committed before this call is published.

        Raises `Unavailable` if PostgreSQL doesn't answer in `ASK_SECONDS`.
        """
        if self._failure is not None:
            raise renewed(self._failure)
        asked = Flight()
        self._asking.append(asked)
        self._wake()
        if self._stopping or not asked.landed.wait(ASK_SECONDS):
            if asked in self._asking:
                self._asking.remove(asked)
            raise Unavailable("the database does not answer")

    def errand(self, commands: Sequence[Command]) -> None:
        """Run statements with the turn; return once they are committed."""
        if self._failure is not None:
            raise renewed(self._failure)
        errand = Errand(commands)
        self._errands.append(errand)
        self._wake()
        errand.flight.wait()

    def give_up(self, error: Exception) -> OutcomeUnknown:
        """Write nothing more until the store is opened again. Return the error to raise."""
        if self._failure is None:
            if not isinstance(error, OutcomeUnknown):
                error = Unavailable(f"nothing is written until the store is reopened: {error}")
            self._failure = error
            logger.critical("%s", error, exc_info=error.__cause__ or error)
        return renewed(self._failure)

    def close(self) -> None:
        """Commit everything that waits, and end the session."""
        self._stopping = True
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
        while not self._stopping or self._waiting or self._errands or self._sent:
            asked, self._asking = self._asking, []
            try:
                if self._session is None:
                    self._reconnect()
                elif self._go_on(self._session, asks=bool(asked)):
                    while asked:
                        asked.pop().landed.set()
            except SessionLost as error:
                self._lose(error)
            except Exception:
                logger.exception("a turn failed: the store reads everything again")
                self._stale = True
                self._lose(SessionLost("a turn failed"))
            self._asking += asked

    def _go_on(self, session: Session, *, asks: bool) -> bool:
        """Do what is next; return whether all is published that was committed before.

        asks: somebody wants that
        """
        if not (asks or self._waiting or self._errands or self._asking):
            session.wait(TICK_SECONDS)
        heard, tick = session.heard(), self._is_tick()
        if self._errands:
            self._run_errand(session, self._errands[0])
        elif self._waiting:
            self._take_turn(session)
        elif asks or heard or tick:
            self._hear(session, [] if asks else heard)
        if tick:
            self._look_after(session)
        return asks

    def _is_tick(self) -> bool:
        now = monotonic()
        if now - self._ticked < TICK_SECONDS:
            return False
        self._ticked = now
        return True

    def _hear(self, session: Session, heard: list[bytes]) -> None:
        """Publish what others have committed, without the turn."""
        if heard and int(heard[-1]) <= self._engine.sequence:
            return
        head, rows = session.run([HEAD, statements.changes_after(self._engine.sequence)])
        if not self._publish(head, rows):
            self._reload(session)

    def _look_after(self, session: Session) -> None:
        """Once a second, see which workers there are; now and then trim the log."""
        commands = [statements.ALIVE]
        self._ticks.append(self._engine.sequence)
        if len(self._ticks) == self._ticks.maxlen:
            commands.append(statements.trim_to(self._ticks[0]))
            self._ticks.clear()
        alive, *_ = session.run(commands)
        self.roster.note(alive)
        if self._trouble is not None:
            self._probe(session)

    def _probe(self, session: Session) -> None:
        """After a batch that lacked room, find out whether PostgreSQL can write again."""
        try:
            session.run([BEGIN, statements.write_in_vain(), ROLLBACK])
        except StatementFailed:
            session.run([ROLLBACK])
        else:
            self._trouble = None

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
        if epoch != self._epoch and self._failure is None:
            self.give_up(Unavailable(REPLACED))
        if self._stale or not self._engine.apply(int(seq or 0), rows):
            return False
        self._current_at = monotonic()
        return True

    def _reload(self, session: Session) -> None:
        logger.warning("the log does not reach back far enough: everything is read again")
        known = self._engine.sequence
        # versions never go back: with a head that has, a new epoch begins
        session.run([BEGIN, TURN, statements.go_beyond(known), COMMIT])
        self._stale = True  # until that is done
        found = load_with_turn(session, self._engine.stored)
        self._number += 1
        by = Author(self._engine.worker, self._number, self.channel)
        same = found.epoch == self._epoch  # else this worker writes nothing more
        # nobody sees a version here before all others have one as high
        session.run(self._engine.announce(found, by) if same else [ROLLBACK])
        self._engine.replace(found)
        self._stale, self._current_at = False, monotonic()

    def _take_turn(self, session: Session) -> None:
        self._take(session)
        flight = self._flight = Flight()
        self._encoded = []
        self._admit(session)
        encoded, next_ids = self._encoded, self._engine.issued()
        if not encoded and not next_ids:  # nobody waits for the end of a transaction that only read
            flight.landed.set()
            session.run([ROLLBACK])
            return
        self._number += 1
        self._sent = self._number
        try:
            by = Author(self._engine.worker, self._number, self.channel)
            session.run(self._engine.commands(encoded, next_ids, by))
        except StatementFailed as error:
            session.run([ROLLBACK])
            self._refuse(error)
        else:
            self._land()

    def _admit(self, session: Session) -> None:
        """Let the waiting transactions run, one after the other."""
        began, count = perf_counter(), 0
        while self._waiting and count < MOST and perf_counter() - began < MOST_SECONDS:
            ticket = self._waiting.popleft()
            ticket.begun = True
            ticket.admitted.release()
            self._await_end(session)
            count += 1

    def _await_end(self, session: Session) -> None:
        """Return when the transaction that was let in has ended. Until then show PostgreSQL that
        this worker is alive. Raises `SessionLost`, but not before the end.
        """
        lost: Exception | None = None
        while not self._done.acquire(timeout=PING_SECONDS):
            try:
                if lost is None:
                    session.run([statements.PING])
                    self._current_at = monotonic()
            except (SessionLost, StatementFailed) as error:
                lost = error
        if lost is not None:
            raise SessionLost(str(lost))

    def _land(self) -> None:
        """Note that the batch that was sent is durable, and tell everybody."""
        flight, self._sent, self._trouble = self._flight, 0, None
        try:
            self._engine.landed(flight.changes)
        except BaseException:  # it is durable whatever a listener makes of it
            logger.exception("a listener failed after a commit")
        finally:
            flight.landed.set()

    def _refuse(self, error: StatementFailed) -> None:
        """Undo the batch that PostgreSQL has refused."""
        logger.error("PostgreSQL refused a batch (%s): %s", error.state, error)
        if error.state == FULL:
            self._trouble = StorageFull(f"the disk of the database is full: {error}")
        elif error.state.startswith(SHORT):
            self._trouble = Unavailable(f"the database lacks resources: {error}")
        else:  # what is in memory is not what the database has
            self._stale = True
        self._undo(self._trouble or Unavailable("the database refused a batch: try again"))

    def _undo(self, error: OutcomeUnknown) -> None:
        flight, self._sent = self._flight, 0
        if not flight.landed.is_set():
            self._engine.undo(flight.changes)
            flight.error = error
            flight.landed.set()

    def _run_errand(self, session: Session, errand: Errand) -> None:
        try:
            self._take(session)
            session.run([*errand.commands, COMMIT])
        except StatementFailed as error:
            session.run([ROLLBACK])
            errand.flight.error = Unavailable(f"the database refused: {error}")
        self._errands.popleft()
        errand.flight.landed.set()

    # -- without a session ---------------------------------------------------------------

    def _open(self) -> Session:
        return Session(self._url, f"rollcall {self._engine.worker.decode()}")

    def _listen(self, session: Session) -> bytes:
        channel: bytes = session.run([statements.CHANNEL])[0][0][0] or b""
        session.run([statements.IN_USE, Command(b'LISTEN "%s"' % channel)])
        return channel

    def _warn(self, session: Session) -> None:
        *_, rows = session.run([statements.UNSAFE])
        for (name,) in rows:
            logger.warning("%s is off: a crash of PostgreSQL loses votes", (name or b"").decode())

    def _lose(self, error: SessionLost) -> None:
        logger.error("the session with the database is lost: %s", error)
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._lost_at is None:
            self._lost_at = monotonic()
        if not self._sent:  # nothing was sent that could have been committed
            self._undo(Unavailable("the session with the database was lost: try again"))

    def _reconnect(self) -> None:
        """Open a session, and find out what became of the batch that was sent last."""
        session = None
        try:
            session = self._open()
            self._listen(session)
        except (SessionLost, StatementFailed) as error:
            if session is not None:
                session.close()
            if self._stopping or self._lost_seconds > PATIENCE_SECONDS:
                self._give_up_waiting(error)
            time.sleep(RETRY_SECONDS)
            return
        self._session = session
        if self._sent:
            worker = self._engine.worker
            *_, rows = session.run([BEGIN, TURN, statements.flight_of(worker)])
            session.run([ROLLBACK])
            if [(b"%d" % self._sent,)] == rows:
                self._land()
            else:
                self._undo(Unavailable("the batch was not committed: try again"))
        self.roster.forgive()
        logger.warning("the session with the database is back")
        self._lost_at = None
        self._ticked = 0.0

    def _give_up_waiting(self, error: Exception) -> None:
        unknown = Unavailable(f"the database can't be reached: {error}")
        self._undo(unknown)
        while self._waiting:
            ticket = self._waiting.popleft()
            ticket.error = unknown
            ticket.admitted.release()
        while self._errands:
            errand = self._errands.popleft()
            errand.flight.error = unknown
            errand.flight.landed.set()
