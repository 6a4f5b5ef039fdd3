"""Votes in batches: all that arrive in one turn of the event loop are cast in one transaction.

One after the other; a refusal takes back its own vote alone. The
batch goes to the journal as one, and every vote of it is answered once it is on the disk.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import gevent
from gevent.event import AsyncResult

from db import Store

MOST = 256
"""How many jobs one transaction takes: others have their turn between two of them."""

T = TypeVar("T")
Done = Callable[[Any, Exception | None], None]
Job = tuple[Callable[[], Any], Done]
"""`act` runs in the transaction; `done(result, error)` is called once that is durable."""


class Batches:
    """Gathers jobs until the turn of the loop in which they arrived is over."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Job] = []

    def add(self, act: Callable[[], Any], done: Done) -> None:
        """Have a job done in the batch of this turn; neither of the two may wait."""
        if not self._waiting:
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
        if self._waiting:
            gevent.spawn_raw(self._run)
        try:
            with self._store.transaction():
                results = [self._attempt(act) for act, _ in jobs]
        except Exception as error:  # noqa: BLE001 (the disk failed: none of them is kept)
            results = [(None, error)] * len(jobs)
        for (_, done), result in zip(jobs, results, strict=True):
            done(*result)

    def _attempt(self, act: Callable[[], Any]) -> tuple[Any, Exception | None]:
        try:
            return self._store.attempt(act), None
        except Exception as error:  # noqa: BLE001 (it is its sender's answer)
            return None, error
