"""The store in TinyDB, over the journal's tables."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from db.engine import OnCommit
from db.entity_store import EntityStore
from db.journal import JournaledStorage
from db.tables import GROUPS, PARTS, UNIQUE
from db.upgrading import drop_copies, keep_older


class TinyDBStore(EntityStore):
    """A `Store` over a journaled TinyDB file; see `db.journal` for its errors at opening.

    now: revocations of tokens that had expired long before are forgotten (aware UTC)
    """

    def __init__(
        self, path: Path, now: datetime, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        def open_engine(on_commit: OnCommit) -> JournaledStorage:
            tables = {"unique": UNIQUE, "grouping": GROUPS, "parts": PARTS}
            look = partial(keep_older, path.resolve(), now)
            return JournaledStorage(path, **tables, on_commit=on_commit, look=look)  # type: ignore[arg-type]

        self._path = path
        super().__init__(open_engine, path.with_name(path.name + ".keys"), now, monotonic)

    def _forget(self, poll_ids: set[int]) -> None:
        with self._or_give_up():
            drop_copies(self._path)
        super()._forget(poll_ids)
