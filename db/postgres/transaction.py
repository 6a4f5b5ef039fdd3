"""One transaction: it waits for the turn, runs, and waits until its batch is durable."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from db.journal.documents import Change
from db.postgres.statements import Encoded, encode_each

if TYPE_CHECKING:
    from db.postgres.engine import PostgresEngine


class Transaction:
    """One use of `PostgresEngine.transaction`."""

    __slots__ = ("_changes", "_engine", "_inner", "_promised", "_start")

    def __init__(self, engine: "PostgresEngine") -> None:
        self._engine = engine

    def __enter__(self) -> None:
        engine, me = self._engine, threading.get_ident()
        self._inner = engine.owner == me
        if not self._inner:
            engine.turns.waiting.enter()
            engine.mutex.acquire()
            engine.owner, engine._changes = me, []
        self._changes: list[Change] = engine._changes  # type: ignore[assignment]
        self._start, self._promised = len(self._changes), len(engine._afterwards)

    def __exit__(self, _kind: object, raised: BaseException | None, _trace: object) -> None:
        engine = self._engine
        if self._inner:
            if raised is not None:
                self._undo()
            return
        refused: BaseException | None = None
        encoded: Encoded = []
        try:
            if raised is None:
                try:
                    encoded = encode_each(self._changes)
                except BaseException as error:  # noqa: BLE001 (raised again below)
                    raised = refused = error
            if raised is not None:
                self._undo()
            afterwards: list[Callable[[], None]]
            afterwards, engine._afterwards = engine._afterwards, []
        finally:
            engine.owner = engine._changes = None
            engine.mutex.release()
            flight = engine.turns.waiting.leave(encoded)
        if raised is None or isinstance(raised, Exception):
            flight.wait()
        if refused is not None:
            raise refused
        for work in afterwards:
            work()

    def _undo(self) -> None:
        engine = self._engine
        engine._undo(self._changes[self._start :])
        del self._changes[self._start :], engine._afterwards[self._promised :]
