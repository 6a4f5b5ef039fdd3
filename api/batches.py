"""Votes in batches: all that arrive in one turn of the event loop are cast in one transaction.

One after the other; a refusal takes back its own vote alone. The batch goes to the journal as
one, and every vote of it is answered once it is on the disk. Those that come meanwhile are the next
batch: they wait for its end and, where the disk is slow, a moment longer, so that more share the
next fsync. Two batches at once would each have half of the votes, and a hand-over to a thread.
"""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult

from db import Store

SLOW_SECONDS, SHARE = 0.002, 0.25
"""A batch that took longer lets the next wait for so much of its time."""
MOST = 256
"""How many jobs one transaction takes: others have their turn between two of them."""

logger = logging.getLogger(__name__)

T = TypeVar("T")
Result = tuple[Any, Exception | None]
Done = Callable[[Any, Exception | None], None]
Job = tuple[Callable[[], Any], Done]
"""`act` runs in the transaction; `done(result, error)` is called once that is durable."""


class Batches:
    """Gathers jobs until the turn of the loop in which they arrived is over."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Job] = []
        self._running = False

    def add(self, act: Callable[[], Any], done: Done) -> None:
        """Have a job done in the batch of this turn; neither of the two may wait."""
        if not self._waiting and not self._running:
            gevent.spawn_raw(self._run)  # runs once all that has arrived was read
        self._waiting.append((act, done))

    def do(self, act: Callable[[], T]) -> T:
        """Do a job in the batch of this turn; return what it returns, raise what it raises."""
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
        self._running, began, seconds = True, perf_counter(), 0.0
        try:
            results = self._commit([act for act, _ in jobs])
            seconds = perf_counter() - began
            for (_, done), result in zip(jobs, results, strict=True):
                _notify(done, result)
        finally:
            self._running = False
            if self._waiting:
                gevent.spawn_later(SHARE * seconds if seconds > SLOW_SECONDS else 0, self._run)

    def _commit(self, acts: list[Callable[[], Any]]) -> list[Result]:
        try:
            with self._store.transaction():
                return [self._attempt(act) for act in acts]
        except Exception as error:  # noqa: BLE001 (the disk failed: none of them is kept)
            return [(None, error)] * len(acts)

    def _attempt(self, act: Callable[[], Any]) -> Result:
        try:
            return self._store.attempt(act), None
        except Exception as error:  # noqa: BLE001 (it is its sender's answer)
            return None, error


def _notify(done: Done, result: Result) -> None:
    try:
        done(*result)
    except Exception:
        logger.exception("the sender of a vote could not be answered")
