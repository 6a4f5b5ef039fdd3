"""One transaction: from its beginning until everything that it could have read is durable."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from db.journal.committer import Flight

if TYPE_CHECKING:
    from db.journal.storage import JournaledStorage


class Transaction:
    """One use of `JournaledStorage.transaction`. A generator would take twice the time."""

    __slots__ = ("_changes", "_outer", "_promised", "_start", "_storage")

    def __init__(self, storage: "JournaledStorage") -> None:
        self._storage = storage

    def __enter__(self) -> None:
        storage = self._storage
        storage.mutex.acquire()
        outer = self._outer = storage._changes
        changes = self._changes = storage._changes = [] if outer is None else outer
        self._start, self._promised = len(changes), len(storage._afterwards)

    def __exit__(self, _kind: object, raised: BaseException | None, _trace: object) -> None:
        storage, committer = self._storage, self._storage._committer
        storage._changes = self._outer
        flight: Flight | None = None
        refused: BaseException | None = None
        afterwards: list[Callable[[], None]] = []
        try:
            if raised is None and self._outer is None and self._changes:
                try:
                    committer.submit(storage.parts.entry(self._changes), self._changes)
                except BaseException as error:  # noqa: BLE001 (raised again below)
                    raised = refused = error
            if raised is not None:
                storage._undo(self._changes[self._start :])
                del self._changes[self._start :], storage._afterwards[self._promised :]
            if self._outer is None and (raised is None or isinstance(raised, Exception)):
                flight = committer.last()
                if flight is not None and not storage._upkeep.lock.locked():
                    committer.land_here(flight)
            if self._outer is None and storage._afterwards:
                afterwards, storage._afterwards = storage._afterwards, []
        finally:
            storage.mutex.release()
        if flight is not None:
            committer.land(flight)
        if refused is not None:
            raise refused
        for work in afterwards:
            work()
