"""Votes in batches: all votes that arrive in one turn of the event loop share one transaction.

They are cast one after the other. A refusal undoes only its own vote. A batch becomes one entry of
the journal, and its votes are answered once that is on the disk. Votes that arrive in the meantime
form the next batch: with two at a time, each would be smaller and need its own switch to a thread.
After a slow commit the next batch waits a little, so that more votes share its fsync.
"""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult

from voting.store import Store

SLOW_SECONDS, SHARE = 0.002, 0.25
"""After a batch that took longer than `SLOW_SECONDS`, the next waits for `SHARE` of that time."""
MOST = 256
"""How many jobs one transaction takes at most. Other work runs between two transactions."""

logger = logging.getLogger(__name__)

T = TypeVar("T")
Result = tuple[Any, Exception | None]
Done = Callable[[Any, Exception | None], None]
Job = tuple[Callable[[], Any], Done]
"""`act` runs in the transaction; `done(result, error)` is called once that is durable."""


class Batches:
    """Collects jobs until the end of the turn of the event loop in which they arrived.

    clock: returns seconds; later: calls a function after so many seconds
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = perf_counter,
        later: Callable[[float, Callable[[], None]], object] = gevent.spawn_later,
    ) -> None:
        self._store, self._clock, self._later = store, clock, later
        self._waiting: list[Job] = []
        self._running = False

    def add(self, act: Callable[[], Any], done: Done) -> None:
        """Add a job to the batch of this turn. Neither `act` nor `done` may block."""
        if not self._waiting and not self._running:
            gevent.spawn_raw(self._run)  # runs once all sockets that are readable were read
        self._waiting.append((act, done))

    def do(self, act: Callable[[], T]) -> T:
        """Run `act` in the batch of this turn; return what it returns, raise what it raises."""
        result: AsyncResult[T] = AsyncResult()

        def done(value: T, error: Exception | None) -> None:
            if error is None:
                result.set(value)
            else:
                result.set_exception(error)

        self.add(act, done)
        value: T = result.get()
        return value

    def _run(self) -> None:
        jobs, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        self._running, began, seconds = True, self._clock(), 0.0
        try:
            results = self._commit([act for act, _ in jobs])
            seconds = self._clock() - began
            for (_, done), result in zip(jobs, results, strict=True):
                _notify(done, result)
        finally:
            self._running = False
            if self._waiting:
                self._later(SHARE * seconds if seconds > SLOW_SECONDS else 0, self._run)

    def _commit(self, acts: list[Callable[[], Any]]) -> list[Result]:
        try:
            with self._store.transaction():
                return [self._attempt(act) for act in acts]
        except Exception as error:  # noqa: BLE001 (the disk failed: none is stored)
            return [(None, error)] * len(acts)

    def _attempt(self, act: Callable[[], Any]) -> Result:
        try:
            return self._store.attempt(act), None
        except Exception as error:  # noqa: BLE001 (its sender is sent it)
            return None, error


def _notify(done: Done, result: Result) -> None:
    try:
        done(*result)
    except Exception:
        logger.exception("the sender of a vote could not be answered")
