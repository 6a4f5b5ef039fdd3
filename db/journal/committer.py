"""Group commit: one writer takes the queue to the disk, a batch at a time, with one fsync each.

It decides in which order transactions become durable, and notifies listeners. It runs in a thread.
If gevent has patched `threading`, that is a greenlet, and system calls go to a native thread of
their own, so that neither the hub nor the commits wait for other work. A single writer on a fast
disk commits without a thread: see `Pace`.
"""

import logging
import threading
from collections.abc import Callable
from time import perf_counter

from db.journal.documents import Change
from db.journal.errors import OutcomeUnknown, disk_fault, renewed
from db.journal.files import Run, direct
from db.journal.measures import Measures
from db.journal.parts import Entry
from db.journal.runner import Pace, Runner

logger = logging.getLogger(__name__)


class Flight:
    """The transactions that go to the disk together; their writers wait for it."""

    __slots__ = ("changes", "error", "landed", "transactions")

    def __init__(self) -> None:
        self.transactions: list[Entry] = []
        self.changes: list[Change] = []
        self.landed = threading.Event()
        self.error: OutcomeUnknown | None = None

    def wait(self) -> None:
        """Return once all its transactions are durable; raise `OutcomeUnknown` if that fails."""
        self.landed.wait()
        if self.error is not None:
            raise renewed(self.error)


class Committer:
    """Takes flights to the disk in order.

    mutex: guards memory and the queue; `submit` and `land_here` are called under it
    write: makes one batch durable; it is given what runs its blocking calls
    landed: is called with its changes, in journal order, before its writers continue
    undo: removes changes from memory that never became durable
    """

    def __init__(
        self,
        mutex: threading.RLock,
        run: Runner,
        write: Callable[[list[Entry], Run], None],
        landed: Callable[[list[Change]], None],
        undo: Callable[[list[Change]], None],
    ) -> None:
        self._mutex = mutex
        self._run = run
        self._pace = None if run.loop is None else Pace(lambda: run.loop.iteration)
        self._write = write
        self._landed = landed
        self._undo = undo
        self.measures = Measures()
        self._boarding: Flight | None = None
        self._flying: Flight | None = None
        self._errand: Callable[[], None] | None = None
        self._stopping = False
        self._work = threading.Event()
        self.failure: OutcomeUnknown | None = None
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)
        self._thread.start()

    def submit(self, transaction: Entry, changes: list[Change]) -> None:
        """Queue a published transaction. `land` has it written."""
        if self._boarding is None:
            self._boarding = Flight()
        self._boarding.transactions.append(transaction)
        self._boarding.changes.extend(changes)

    def land_here(self, flight: Flight) -> None:
        """Write a flight in its writer's greenlet, if the disk is fast and no other write is on its
        way, but not if a part begins or is dropped: that takes several steps. No other greenlet
        runs meanwhile.
        """
        idle = self._flying is None and self._errand is None and not self._stopping
        lone = flight is self._boarding and len(flight.transactions) == 1
        lone = lone and not (flight.transactions[0].begun or flight.transactions[0].dropped)
        if self._pace is not None and idle and lone and self._pace.alone():
            self._depart(flight)
            if self._fly(flight, direct):
                self._arrive(flight)

    def barrier(self) -> None:
        """Return once everything published so far is durable. Raises `OutcomeUnknown`."""
        with self._mutex:
            flight = self.last()
        if flight is not None:
            self.land(flight)

    def land(self, flight: Flight) -> None:
        """Return once a flight is durable. Raises `OutcomeUnknown` if it can't be."""
        if flight is self._boarding:
            self._work.set()
        flight.wait()

    def last(self) -> Flight | None:
        """Return the last flight; None if everything published is durable."""
        return self._boarding or self._flying

    def pending(self) -> list[Change]:
        """Return the changes that are published and not yet durable, in order."""
        return [
            change
            for flight in (self._flying, self._boarding)
            if flight is not None
            for change in flight.changes
        ]

    def between_batches(self, errand: Callable[[], None]) -> None:
        """Run `errand` while no batch is being written; raise what it raises.

        An errand that fails stops the store, because nobody knows what it left behind.
        """
        done = threading.Event()
        raised: list[BaseException] = []

        def run() -> None:
            try:
                if self.failure is None:
                    errand()
            except BaseException as error:  # noqa: BLE001 (raised again below)
                self.fail(error)
                raised.append(error)
            finally:
                self._errand = None
                done.set()

        self._errand = run
        self._work.set()
        done.wait()
        if raised:
            raise raised[0]
        if self.failure is not None:
            raise renewed(self.failure)

    def stop(self) -> None:
        """Write everything that is queued, and end the writer."""
        self._stopping = True
        self._work.set()
        self._thread.join()

    def give_up(self, error: BaseException) -> OutcomeUnknown:
        """Accept no more transactions; those that are queued are still written. Return
        the error.
        """
        with self._mutex:
            if self.failure is None:
                if not isinstance(error, OutcomeUnknown):
                    error = disk_fault(error, "nothing is written until the store is reopened")
                self.failure = error
                logger.critical("%s", error, exc_info=error.__cause__ or error)
            return renewed(self.failure)

    def fail(self, error: BaseException) -> None:
        """Stop for good: undo what may not be on disk, and raise the error in all waiting
        writers."""
        with self._mutex:
            self.give_up(error)
            self._undo(self.pending())
            flights, self._flying, self._boarding = (self._flying, self._boarding), None, None
        for flight in flights:
            if flight is not None:
                flight.error = self.failure
                flight.landed.set()

    def _serve(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            while self._errand is not None or self._boarding is not None:
                if self._errand is not None:
                    self._errand()
                elif self._boarding is not None:
                    self._commit(self._boarding)
            if self._stopping:
                return

    def _commit(self, flight: Flight) -> None:
        with self._mutex:
            self._depart(flight)
        if self._fly(flight, self._run):
            with self._mutex:
                self._arrive(flight)

    def _depart(self, flight: Flight) -> None:
        self._flying, self._boarding = flight, None

    def _fly(self, flight: Flight, run: Run) -> bool:
        """Write a flight; return whether it is on disk."""
        try:
            began = perf_counter()
            self._write(flight.transactions, run)
            writers, seconds = len(flight.transactions), perf_counter() - began
            self.measures.writes.add(seconds)
            self.measures.sizes.add(writers)
            if self._pace is not None:
                self._pace.note(writers, seconds)
        except BaseException as error:  # noqa: BLE001 (nobody knows what reached the disk)
            self.fail(error)
            return False
        return True

    def _arrive(self, flight: Flight) -> None:
        self._flying = None
        try:
            self._landed(flight.changes)
        except BaseException:  # it is durable whatever a listener makes of it
            logger.exception("a listener failed after a commit")
        finally:
            flight.landed.set()
