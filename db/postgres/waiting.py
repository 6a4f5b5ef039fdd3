"""What waits for the turn, and how it is let in: transactions, errands, and reads."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic, perf_counter

from db.journal.committer import Flight
from db.journal.errors import OutcomeUnknown, Unavailable, renewed
from db.postgres.health import Health
from db.postgres.session import Command
from db.postgres.statements import Encoded

MOST, MOST_SECONDS = 512, 0.02
"""How many transactions one turn runs, and for how long it begins more."""
TURN_SECONDS = 12
"""How long they wait for the turn: longer than a worker that stopped can keep it."""
ASK_SECONDS = 1
"""How long a read waits for what others have committed."""
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
        self.since = monotonic()


class Waiting:
    """What waits in one worker. One thread serves it; all others call what is public here.

    wake: called when there is something to do
    """

    def __init__(self, health: Health, wake: Callable[[], None]) -> None:
        self._health, self._wake = health, wake
        self._tickets: deque[Ticket] = deque()
        self.errands: deque[Errand] = deque()
        self._asking: list[Flight] = []
        self._done = threading.Lock()
        self._done.acquire()
        self.flight = LANDED
        self.encoded: Encoded = []
        """What the transactions of this turn wait for, and what they have changed."""
        self.closed = False

    @property
    def has_work(self) -> bool:
        """Whether a transaction or an errand waits."""
        return bool(self._tickets or self.errands)

    @property
    def has_tickets(self) -> bool:
        """Whether a transaction waits."""
        return bool(self._tickets)

    @property
    def is_asked(self) -> bool:
        """Whether something waits that no transaction does: a read, or an errand."""
        return bool(self._asking or self.errands)

    # -- for those that wait ----------------------------------------------------------------

    def enter(self) -> None:
        """Return when the calling transaction may run. Raises `OutcomeUnknown`."""
        if self.closed:
            raise Unavailable("the store is closed")
        self._refuse_faulty()
        ticket = Ticket()
        self._tickets.append(ticket)
        self._wake()
        try:
            ticket.admitted.acquire()
        except BaseException:  # this greenlet is killed
            if ticket.begun:
                self._done.release()
            else:
                self._tickets.remove(ticket)
            raise
        if ticket.error is not None:
            raise renewed(ticket.error)

    def leave(self, encoded: Encoded) -> Flight:
        """End the transaction that was let in; return what it is to wait for."""
        flight = self.flight
        self.encoded += encoded
        flight.changes += [change for change, _ in encoded]
        self._done.release()
        return flight

    def catch_up(self) -> None:
        """Return once all that had been committed before this call is published.

        Raises `Unavailable` if PostgreSQL doesn't answer in `ASK_SECONDS`.
        """
        self._refuse_faulty()
        asked = Flight()
        self._asking.append(asked)
        self._wake()
        if self.closed or not asked.landed.wait(ASK_SECONDS):
            if asked in self._asking:
                self._asking.remove(asked)
            raise Unavailable("the database does not answer")

    def errand(self, commands: Sequence[Command]) -> None:
        """Run statements with the turn; return once they are committed."""
        self._refuse_faulty()
        self._add_errand(commands).flight.wait()

    def add_errand(self, commands: Sequence[Command]) -> None:
        """Have statements run soon, unless nothing can be written, or many wait already."""
        if self._health.failure is None and not self.closed and len(self.errands) < MOST:
            self._add_errand(commands)

    def _add_errand(self, commands: Sequence[Command]) -> Errand:
        errand = Errand(commands)
        self.errands.append(errand)
        self._wake()
        return errand

    def _refuse_faulty(self) -> None:
        if self._health.fault is not None:
            raise renewed(self._health.fault)

    # -- for the one thread ------------------------------------------------------------------

    def begin(self) -> Flight:
        """Begin a turn; return what its transactions will wait for."""
        self.flight, self.encoded = Flight(), []
        return self.flight

    def admit(self, await_end: Callable[[threading.Lock], None]) -> int:
        """Let the transactions run, one after the other; return how many.

        await_end: returns when the lock is released, by the one that was let in
        """
        began, count = perf_counter(), 0
        while self._tickets and count < MOST and perf_counter() - began < MOST_SECONDS:
            ticket = self._tickets.popleft()
            ticket.begun = True
            self._health.waits.add(monotonic() - ticket.since)
            ticket.admitted.release()
            await_end(self._done)
            count += 1
        return count

    def take_asking(self) -> list[Flight]:
        """Return the reads that ask now; they ask no more."""
        asked, self._asking = self._asking, []
        return asked

    def put_back(self, asked: list[Flight]) -> None:
        """Let reads ask again."""
        self._asking += asked

    def refuse_oldest(self) -> None:
        """Refuse the transactions and errands that have waited for `TURN_SECONDS`."""
        error = Unavailable(f"another session has kept the turn for {TURN_SECONDS} s: try again")
        until = monotonic() - TURN_SECONDS
        while self._tickets and self._tickets[0].since < until:
            self._health.trouble = error
            self._refuse(self._tickets.popleft(), error)
        while self.errands and self.errands[0].since < until:
            self.finish_errand(error)

    def refuse_all(self, error: OutcomeUnknown) -> None:
        """Refuse everything that waits but reads, which give up by themselves."""
        while self._tickets:
            self._refuse(self._tickets.popleft(), error)
        while self.errands:
            self.finish_errand(error)

    def finish_errand(self, error: OutcomeUnknown | None = None) -> None:
        """Note that the first errand is done, or has failed."""
        flight = self.errands.popleft().flight
        flight.error = error
        flight.landed.set()

    def _refuse(self, ticket: Ticket, error: OutcomeUnknown) -> None:
        ticket.error = error
        ticket.admitted.release()
