"""Votes in batches: all votes that arrive in one turn of the event loop, or while those are read,
share one transaction.

They are cast one after the other. A refusal undoes only its own vote. A batch becomes one entry of
the journal, and its votes are answered once that is on the disk. Votes that arrive in the meantime
form the next batch: with two at a time, each would be smaller and need its own switch to a thread.
After a slow commit the next batch waits a little for as many votes as that had, so that more votes
share its fsync. Source: group commit with a delay, as `commit_delay` of PostgreSQL, but without a
delay once everybody who was just answered has voted again. The responses to a batch are made while
a slow disk writes it, and sent once it is durable.

A store that has its batches written by another process (`Store.overlaps`) gets two at a time: one
runs here while the other one is written there.
"""

import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult, Event
from gevent.lock import Semaphore

from api.loops import call_each, repeat
from db.journal.measures import SIZES, Histogram
from voting.store import Store

SLOW_SECONDS, SHARE, TURN_SECONDS = 0.002, 0.25, 1e-6
"""After a batch that took longer than `SLOW_SECONDS`, the next waits for as many votes, at most for
`SHARE` of that time. Then, and after a quick one, it waits until all readable sockets have been
read, and once more: while some votes are read, the last of those who were just answered arrive. The
loop finds sockets while a greenlet sleeps for `TURN_SECONDS`.
"""
EARLY_SECONDS = 0.001
"""When responses are made while the disk writes: this long after the commit began. By then the
thread that writes is in its fsync and no longer needs the interpreter.
"""
MOST = 256
"""The most jobs in one transaction. Other work runs between two transactions."""

UNANSWERED = "the sender of a vote could not be answered"

logger = logging.getLogger(__name__)

T = TypeVar("T")
Result = tuple[Any, Exception | None]
Act = Callable[[Any], T]
Send = Callable[[], object]
Respond = Callable[[Any, Exception | None], Send]
Job = tuple[Act[Any], Respond]
"""`act(shared)` runs in the transaction, with what all jobs of a batch share. `respond(result,
error)` makes the response, and returns what sends it; that is called once the batch is durable. If
the batch fails, `respond` may be called a second time, with the error.
"""


class Batches:
    """Collects jobs until the end of the turn of the event loop in which they arrived.

    begin: called in each transaction, returns what its jobs share
    clock: returns seconds
    trace: called after each batch with its jobs and the seconds of its commit; None for nothing
    at_once: how many batches may be under way
    """

    def __init__(
        self,
        store: Store,
        begin: Callable[[], Any],
        clock: Callable[[], float] = perf_counter,
        trace: Callable[[int, float], None] | None = None,
        *,
        at_once: int = 1,
    ) -> None:
        self._trace = trace
        self._loops: list[Any] = [None] * at_once
        self._gathering = Semaphore()
        self._store, self._begin, self._clock = store, begin, clock
        self._waiting: list[Job] = []
        self._wanted, self._arrived = 1, Event()
        self._last: tuple[int, float] = 0, 0.0
        """How many jobs the last batch had, and the seconds of its commit."""
        self.outcomes: Counter[type] = Counter()
        """How many votes were accepted (NoneType), and refused, by the error's type."""
        self.sizes = Histogram(SIZES)

    def add(self, act: Act[Any], respond: Respond) -> None:
        """Add a job to the batch of this turn. Nothing that is called for it may block."""
        for number, loop in enumerate(self._loops):
            if not loop:  # they run all batches: a greenlet for each takes longer than a vote
                self._loops[number] = self._start()
        self._waiting.append((act, respond))
        if len(self._waiting) == self._wanted:
            self._arrived.set()  # the loop goes on once all sockets that are readable were read

    def do(self, act: Act[T]) -> T:
        """Run `act` in the batch of this turn; return what it returns, raise what it raises."""
        result: AsyncResult[T] = AsyncResult()

        def respond(value: T, error: Exception | None) -> Send:
            failed = error is not None
            return partial(result.set_exception, error) if failed else partial(result.set, value)

        self.add(act, respond)
        value: T = result.get()
        return value

    def _start(self) -> object:
        batch = Batch()
        return gevent.spawn(
            repeat, partial(self._take, batch), partial(self._run, batch), "a batch failed"
        )

    def _take(self, batch: "Batch") -> None:
        with self._gathering:
            self._gather()
            batch.jobs, self._waiting = self._waiting[:MOST], self._waiting[MOST:]

    def _gather(self) -> None:
        """Wait for the jobs of the next batch."""
        count, seconds = self._last
        if seconds > SLOW_SECONDS and len(self._waiting) < count:
            self._wait_for(count, SHARE * seconds)
        elif self._waiting and count:
            self._read_all()
        if not self._waiting:
            self._wait_for(1, None)
        if count and (count, len(self._waiting)) != (1, 1):  # one who votes alone waits for nobody
            self._read_all()

    def _read_all(self) -> None:
        """Let the loop read all sockets that are readable. It finds them while a greenlet sleeps
        for a moment, and wakes that greenlet before it reads them.
        """
        gevent.sleep(TURN_SECONDS)
        gevent.sleep(0)

    def _wait_for(self, count: int, seconds: float | None) -> None:
        self._wanted = count
        self._arrived.clear()
        self._arrived.wait(seconds)

    def _run(self, batch: "Batch") -> None:
        jobs, began = batch.jobs, self._clock()
        results = self._commit(batch)
        self._last = len(jobs), self._clock() - began
        call_each(batch.made or _make_responses(jobs, results), UNANSWERED)
        self.outcomes.update([type(error) for _, error in results])
        self.sizes.add(len(jobs))
        if self._trace is not None:
            self._trace(*self._last)

    def _commit(self, batch: "Batch") -> list[Result]:
        """Run the jobs and return their results, once they are durable. If the last batch took
        long, their responses are made meanwhile.
        """
        batch.made = None
        try:
            with self._store.transaction():
                acts = [act for act, _ in batch.jobs]
                results = self._store.attempt_each(acts, self._begin())
                if self._last[1] > SLOW_SECONDS:
                    batch.early.start(batch.make, results, update=True)
        except Exception as error:  # noqa: BLE001 (the disk failed: none is stored)
            batch.made, results = None, [(None, error)] * len(batch.jobs)
        finally:
            batch.early.stop()
        return results


class Batch:
    """What one loop has under way: its jobs, and their responses if they are made already.

    early: the timer that makes them
    """

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.made: list[Send] | None = None
        self.early = gevent.get_hub().loop.timer(EARLY_SECONDS)

    def make(self, results: list[Result]) -> None:
        """Make the responses."""
        self.made = _make_responses(self.jobs, results)


def _make_responses(jobs: list[Job], results: list[Result]) -> list[Send]:
    """Return what sends the response to each job."""
    sends: list[Send] = []
    for (_, respond), (result, error) in zip(jobs, results, strict=True):
        try:
            sends.append(respond(result, error))
        except Exception:
            logger.exception(UNANSWERED)
    return sends
