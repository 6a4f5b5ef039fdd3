"""The store in PostgreSQL: `EntityStore` over `PostgresEngine`, with the keys in a file."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from db.ballots import TableBallots
from db.entity_store import EntityStore
from db.entity_writes import REVISED
from db.journal import Change
from db.journal.documents import ByTable, Document
from db.journal.errors import Mismatch, Unavailable
from db.names import TableNames
from db.poll_keys import PollKeys
from db.postgres import statements
from db.postgres.connecting import connect, or_unavailable
from db.postgres.engine import PostgresEngine
from db.postgres.keys import SharedKeys
from db.postgres.migrating import migrate
from db.tables import BALLOTS, GROUPS, KINDS, PARTS, PASSING, UNIQUE
from voting.model.workers import Worker


class PostgresStore(EntityStore):
    """A `Store` in a PostgreSQL database.

    url: a URL or conninfo string of libpq
    keys: this machine's file of the polls' keys
    now: revocations of tokens that had expired long before are forgotten (aware UTC)

    Raises `Unavailable` if the database can't be used, `Mismatch` if it or the keys are others.
    """

    def __init__(
        self,
        url: str,
        keys: Path,
        now: datetime,
        monotonic: Callable[[], float] = time.monotonic,
        worker: str | None = None,
    ) -> None:
        worker = worker or secrets.token_hex(4)
        with or_unavailable(), closing(connect(url, worker.encode())) as session:
            migrate(session)
        engine = self._postgres = PostgresEngine(
            url,
            worker,
            unique=UNIQUE,
            grouping=GROUPS,
            parts=PARTS,
            on_commit=self._landed,
            on_apply=self._revise,
            passing=PASSING,
            announcement=self._announcement,
        )
        ballots, names = TableBallots(engine), TableNames(engine)
        super().__init__(engine, ballots, names, keys, now, monotonic=monotonic)

    def catch_up(self) -> None:
        self._postgres.catch_up()

    @property
    def worker(self) -> str:
        return self._postgres.worker.decode()

    @property
    def leads(self) -> bool:
        alive = (each.name for each in self.each(Worker) if not self.is_gone(each.name))
        return next(alive, self.worker) == self.worker

    @property
    def overlaps(self) -> bool:
        return True

    @property
    def outdated(self) -> bool:
        return self._postgres.turns.health.outdated

    def send_note(self, note: str) -> None:
        turns = self._postgres.turns
        turns.waiting.add_errand([statements.notify(turns.channel, f"{self.worker} {note}")])

    def hear_notes(self, listener: Callable[[str], None]) -> None:
        def hear(note: str) -> None:
            worker, _, rest = note.partition(" ")
            if worker != self.worker:
                listener(rest)

        self._postgres.turns.notes.listeners.append(hear)

    def is_gone(self, worker: str) -> bool:
        return worker != self.worker and self._postgres.turns.roster.is_gone(worker)

    def now(self) -> datetime:
        return self._postgres.turns.clock.now()

    @contextmanager
    def reading(self) -> Iterator[bool]:
        current = self._postgres.is_inside or self._try_to_catch_up()
        ended = self._postgres.ended
        try:
            yield current
        except Exception as error:  # a refusal must not rest on what is old
            if current:
                raise
            raise Unavailable("the database does not answer") from error
        if ended is None or ended is not self._postgres.ended:
            self._postgres.barrier()

    def _try_to_catch_up(self) -> bool:
        try:
            self.catch_up()
        except Unavailable:
            if self.outdated:
                raise
            return False
        return True

    @property
    def keys_name(self) -> str:
        """What this machine's file of keys is called: the same for all workers that share it."""
        return self._shared_keys.name

    def _open_keys(self, path: Path) -> PollKeys:
        self._shared_keys = SharedKeys(path, self._run)
        return self._shared_keys

    def _accept_keys(self) -> None:
        try:
            super()._accept_keys()
        except Mismatch as error:
            raise Mismatch(
                f"{error}. Machines that share a database have one ROLLCALL_INSTANCE"
            ) from error

    def _forget(self, poll_ids: set[int]) -> None:
        self._postgres.forget(BALLOTS, poll_ids)  # the log has them as they were cast
        super()._forget(poll_ids)

    def _announcement(self, read: ByTable) -> tuple[str, int, Document] | None:
        """Return this worker's row, announced once more; None if others don't know it now."""
        for key, document in read["workers"].items():
            if document["name"] == self.worker:
                return "workers", key, {**document, "announced": document["announced"] + 1}
        return None

    def _revise(self, changes: list[Change]) -> None:
        """Count the changes by other workers of what `revision` counts."""
        for change in changes:
            kind, row = KINDS.get(change.table), change.after or change.before
            if kind in REVISED and row is not None:
                self._revisions[kind, row["room"]] += 1
