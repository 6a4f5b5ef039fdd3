"""The store in TinyDB, over the journal's tables."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from db.ballots import FILED as FILED_BALLOTS
from db.ballots import FiledBallots
from db.entity_store import EntityStore
from db.journal import JournaledStorage, files
from db.journal.keeping import CLOCK, CLOCK_ID, mark_at
from db.names import FILED as FILED_NAMES
from db.names import FiledNames
from db.tables import GROUPS, UNIQUE
from db.upgrading import drop_copies, keep_older

T = TypeVar("T")

FILED = FILED_BALLOTS | FILED_NAMES


class TinyDBStore(EntityStore):
    """A `Store` over a journaled TinyDB file; see `db.journal` for its errors at opening.

    now: revocations of tokens that had expired long before are forgotten (aware UTC)
    keep_journals: whether journals stay after compactions, for an archive (`db.archive`)
    is_copy: whether it is a copy that is not kept itself, so that none is made before an upgrade
    """

    def __init__(
        self,
        path: Path,
        now: datetime,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        keep_journals: bool = False,
        is_copy: bool = False,
    ) -> None:
        self._path = path
        engine = self._engine = JournaledStorage(
            path,
            unique=_unfiled(UNIQUE),
            grouping=_unfiled(GROUPS),
            filed=FILED,
            on_commit=self._landed,
            keep_journals=keep_journals,
            look=partial(keep_older, path.resolve(), now, keep=not is_copy),
        )
        ballots, names, keys = FiledBallots(engine), FiledNames(engine), files.beside(path, ".keys")
        super().__init__(engine, ballots, names, keys, now, monotonic=monotonic)

    def mark_time(self, now: datetime) -> None:
        """Write the time into the journal, in a transaction of its own."""
        with self.transaction():
            self._engine.put(CLOCK, CLOCK_ID, mark_at(now))

    def kept_journals(self) -> list[Path]:
        """Return the journals that have stayed after compactions."""
        return self._engine.kept_journals()

    def _forget(self, poll_ids: set[int]) -> None:
        with self._or_give_up():
            drop_copies(self._path)
        super()._forget(poll_ids)


def _unfiled(by_table: Mapping[str, T]) -> dict[str, T]:
    return {name: each for name, each in by_table.items() if name not in FILED}
