"""The engine: tables in memory over the files of `disk`, as a TinyDB storage.

It decides when a change is published, when it is durable and who is notified. A transaction
is checked, encoded, published and queued under one mutex. Its caller continues once it is on disk.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from db.journal.committer import Committer
from db.journal.disk import Disk
from db.journal.documents import Change, Document, detach, last_states
from db.journal.errors import OutcomeUnknown, Unavailable, disk_fault, renewed
from db.journal.filed import Filing, as_filed
from db.journal.format import encode
from db.journal.measures import Histogram
from db.journal.memory import Grouping
from db.journal.opening import Look, Opened, open_files
from db.journal.part_list import TABLE
from db.journal.parts import Entry, Rule
from db.journal.runner import Runner
from db.journal.tables import Tables
from db.journal.transaction import Transaction
from db.journal.upkeep import COMPACT_BYTES, Upkeep

logger = logging.getLogger(__name__)


class JournaledStorage(Tables, Storage):
    """Tables in memory, stored in the file `path` and those beside it.

    unique: fields that no two documents of a table may share; found in O(1)
    grouping: fields whose equal values form a group for `group`, or by name functions that compute
    a value, which is never stored
    parts: by table, a function that computes in which part of the table a document is (a string or
    a number), None for no part. Each part is stored in a file of its own, which is removed together
    with the part's last document, before that transaction returns
    filed: by table, how its documents are filed: in files of their own, and not in memory. Their
    ids say where each is (`filed.first_id`, `FiledState.free_id`)
    on_commit: called with each durable batch's changes, in journal order, before its writers
    continue; it must not block
    keep_journals: whether a journal stays under another name (`kept_journals`) when a compaction
    has put the next one in its place
    look: called at opening with all tables, and whether an earlier version wrote the files, which
    are still as they were found; if it raises, nothing is changed
    compact_bytes: a journal of at least this size, and no smaller than the snapshot, is compacted;
    so is one when much of what the store held has been removed

    Raises `Locked`, `Corrupt`, `Mismatch` or `Duplicate`, after which nothing is changed, or
    `OutcomeUnknown` if the disk fails.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        unique: Mapping[str, tuple[str, ...]] | None = None,
        grouping: Mapping[str, Grouping] | None = None,
        parts: Mapping[str, Rule] | None = None,
        filed: Mapping[str, Filing] | None = None,
        on_commit: Callable[[list[Change]], None] | None = None,
        compact_bytes: int = COMPACT_BYTES,
        keep_journals: bool = False,
        look: Look = lambda _tables, _outdated: None,
    ) -> None:
        self._disk = Disk(Path(path))
        super().__init__(
            unique or {}, grouping or {}, parts or {}, self._disk.parts.batches, filed=filed
        )
        self._on_commit = on_commit
        self.path, self.torn_path = self._disk.path, self._disk.torn_path
        opened = self._open_or_close(look)
        self._run, self._run_slow = Runner(), Runner()
        disk, run = self._disk, self._run
        self._committer = Committer(self.mutex, run, disk.write, self._landed, self._undo)
        self._upkeep = Upkeep(
            disk,
            self,
            self._committer,
            opened,
            run_slow=self._run_slow,
            compact_bytes=compact_bytes,
            keeps=keep_journals,
        )
        self._upkeep.fold_soon()

    def _open_or_close(self, look: Look) -> Opened:
        try:
            return open_files(self._disk, self, look)
        except BaseException as error:
            self._disk.close()
            if isinstance(error, OSError):
                raise disk_fault(error, f"{self.path} can't be opened") from error
            raise

    @property
    def sequence(self) -> int:
        """How many batches have become durable, or more. It only grows, also across restarts."""
        return self._disk.batches

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing more is written; None while all is well."""
        return self._committer.failure

    def figures(self) -> dict[str, float | Histogram]:
        """Return what an operator wants to know: see `db.journal.measures`."""
        each = self._committer.measures
        return {
            "write_seconds": each.writes,
            "batch_transactions": each.sizes,
            "journal_bytes": self._disk.journal_size,
            "snapshot_bytes": self._disk.snapshot_size,
            "compactions_total": each.compactions,
            "compaction_seconds": each.compaction_seconds,
            "compacted_timestamp_seconds": each.compacted_at,
        }

    # -- transactions -----------------------------------------------------------------

    def transaction(self) -> Transaction:
        """Everything written inside is one batch: all of it or nothing.

        However the block ends, the context then waits until everything that could be read inside is
        durable. An exception undoes the writes. A transaction inside another belongs to it, but is
        undone separately.

        Raises `OutcomeUnknown` if the disk failed.
        """
        return Transaction(self)

    @property
    def settled(self) -> bool:
        """Whether everything that can be read is durable, and no transaction is under way."""
        return self._changes is None and self._committer.last() is None

    def barrier(self) -> None:
        """Return once everything published so far is durable. Raises `OutcomeUnknown`."""
        self._committer.barrier()

    # -- TinyDB's storage -------------------------------------------------------------

    def read(self) -> dict[str, dict[str, Document]] | None:
        """Return a copy of everything, as TinyDB's storages do; None if there is nothing."""
        with self.mutex:
            return {
                name: {str(key): detach(document) for key, document in self.documents(name).items()}
                for name in self.names()
            } or None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace everything by `data`, in one transaction."""
        with self.transaction():
            for name in self.names() - set(data):
                self.drop(name)
            for name, table in data.items():
                self.create(name)
                wanted = {int(document_id): dict(row) for document_id, row in table.items()}
                for document_id in set(self.documents(name)) - set(wanted):
                    self.put(name, document_id, None)
                for document_id, document in wanted.items():
                    self.put(name, document_id, document)

    def close(self) -> None:
        """Write everything that is queued, compact the journal, and close the files."""
        with self.mutex:
            self.refuse_inside()
            if self._upkeep.closed:
                return
            self._upkeep.closed = True
        with self._upkeep.lock:
            self._committer.stop()
            try:
                self._upkeep.finish()
            except Exception:
                logger.exception("the journal stays as it is: the next opening reads it")
            finally:
                self._disk.close()
                self._run.close()
                self._run_slow.close()

    # -- upkeep -----------------------------------------------------------------------

    def compact(self) -> None:
        """Compact the journal into the snapshot beside the writers, and remove torn tails.

        Raises `OutcomeUnknown` if the disk failed; what was durable stays durable.
        """
        self._upkeep.compact()

    def kept_journals(self) -> list[Path]:
        """Return the journals that have stayed, all of them complete."""
        return self._upkeep.kept_journals()

    def backup(self) -> Iterator[bytes]:
        """Yield a snapshot of everything that is durable now, in slices, beside the writers."""
        return self._upkeep.backup()

    def fold(self, table: str, place: int) -> None:
        """Fold the lines of a part of a filed table into its run; return once that is on disk. It
        is done by itself when they are many.
        """
        self._upkeep.fold(table, place)

    def rest(self, table: str, place: int) -> None:
        """Let a part of a filed table rest, soon: its documents are only read from now on."""
        self._upkeep.rest(table, place)

    def move(
        self, table: str, old: int, new: int, documents: Iterable[tuple[int, Document]]
    ) -> bool:
        """Replace a part of a filed table by a new one with these documents, whose ids ascend, and
        return once that is durable and the old part's files are gone. Nobody may write in either
        part meanwhile. A crash leaves the one or the other.

        Return False, and leave all as it is, inside a transaction, if there is no such part, if the
        new one is there already, or if somebody did write. Raises `OutcomeUnknown` if the disk
        fails, which stops the store.
        """
        return not self.is_inside and self._upkeep.move((table, new), old, documents)

    def fill(self, table: str, place: int, documents: Iterable[tuple[int, Document]]) -> bool:
        """Make a part of a filed table of these documents, whose ids ascend, at once; return once
        that is durable. A crash leaves all or none. Return False, and do nothing, inside a
        transaction or if the part is there. Raises as `move`.
        """
        if self.is_inside:
            return False
        with self.transaction():
            self.create(table)
        return self._upkeep.move((table, place), None, documents)

    def drop_part(self, table: str, place: int) -> None:
        """Remove a part of a filed table with all its documents, without a change for each; return
        once that is durable and the part's files are gone. Call it outside a transaction.

        Raises `OutcomeUnknown`.
        """
        self.refuse_inside()
        with self.mutex:
            self.refuse_closed()
            part = self.parts.part_of(table, place)
            if part is None:
                return
            dropped, changes = self.parts.drop(part)
            self._committer.submit(Entry(encode(last_states(changes)), dropped=(part,)), changes)
        try:
            self.barrier()
        except OutcomeUnknown:
            as_filed(self.table(table)).filed.parts[place] = dropped
            raise

    def give_up(self, error: Exception) -> OutcomeUnknown:
        """Write nothing more until the store is opened again, because something beside it failed.
        Everything queued is still written. Return the error to raise.
        """
        return self._upkeep.give_up(error)

    def _landed(self, changes: list[Change]) -> None:
        self._disk.landed()
        listed = [each for each in changes if each.table == TABLE]
        try:
            if self._on_commit is not None:
                self._on_commit([each for each in changes if each.table != TABLE])
        finally:
            for change in listed:
                self.parts.landed(change)
            self._upkeep.note_landed(changes)

    def refuse_closed(self) -> None:
        if self._upkeep.closed:
            raise Unavailable("the store is closed")
        if self._committer.failure is not None:
            raise renewed(self._committer.failure)
