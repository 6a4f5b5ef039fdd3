"""What is done to the files beside the writers, one thing at a time, in slices: the journal is
compacted, lines are folded, and whole parts are written.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from db.journal.committer import Committer
from db.journal.disk import Disk
from db.journal.documents import Change, Document, take_back
from db.journal.errors import OutcomeUnknown, Unavailable, disk_fault, renewed
from db.journal.filed import as_filed
from db.journal.files import Run, direct
from db.journal.folding import Fold
from db.journal.moving import Move
from db.journal.opening import Opened
from db.journal.part_files import Place
from db.journal.part_list import TABLE
from db.journal.snapshot import Tables as Snapshots
from db.journal.snapshot import Writer
from db.journal.tables import Tables

logger = logging.getLogger(__name__)

COMPACT_BYTES = 8 << 20
PAUSE_SECONDS = SLICE_SECONDS = 0.001
REMOVED, REMOVED_SHARE = 1_000, 4
"""The snapshot is compacted, too, when so many of its documents have been removed, and at least
one for every `REMOVED_SHARE` that are left: what was removed should leave the files.
"""


class Upkeep:
    """Compacts and folds.

    opened: what opening has found to do
    run_slow: runs each blocking step
    compact_bytes, keeps: `compact_bytes` and `keep_journals` of `JournaledStorage`
    lock: held while something is done
    closed: whether the store is closing, so that nothing begins and nothing pauses
    """

    def __init__(
        self,
        disk: Disk,
        tables: Tables,
        committer: Committer,
        opened: Opened,
        *,
        run_slow: Run,
        compact_bytes: int,
        keeps: bool,
    ) -> None:
        self._disk, self._tables, self._parts = disk, tables, tables.parts
        self._committer, self._run_slow = committer, run_slow
        self._to_rest, self._compacted = opened.to_rest, opened.compacted
        self._compact_bytes, self._keeps, self._removed = compact_bytes, keeps, 0
        self._compact_at = max(compact_bytes, disk.snapshot_size)
        self.lock, self.closed, self._resumed = threading.Lock(), False, 0.0

    def compact(self) -> None:
        """As `JournaledStorage.compact`."""
        self._tables.refuse_inside()
        with self.lock:
            if self.closed:
                raise Unavailable("the store is closed")
            try:
                self._rewrite(clean=False)
                self._disk.forget_torn()
            except OSError as error:
                raise disk_fault(error, "the journal was not compacted") from error

    def kept_journals(self) -> list[Path]:
        """As `JournaledStorage.kept_journals`."""
        with self.lock:
            return self._disk.kept_journals()

    def fold(self, table: str, place: int) -> None:
        """As `JournaledStorage.fold`."""
        with self.lock:
            self._fold(self._parts.part_of(table, place) or 0)

    def rest(self, table: str, place: int) -> None:
        """As `JournaledStorage.rest`."""
        with self._tables.mutex:
            part = self._parts.part_of(table, place)
            if part is not None:
                self._to_rest.add(part)
                self.fold_soon()

    def finish(self) -> None:
        """Fold and compact everything, once nothing is written any more. Call it under `lock`."""
        if self._committer.failure is None:
            for part in self._disk.parts.lined():
                self._fold(part, clean=True)
        if self._committer.failure is None and not self._compacted:
            self._rewrite(clean=True)

    def move(
        self, place: Place, old: int | None, documents: Iterable[tuple[int, Document]]
    ) -> bool:
        """Make a filed part of documents, in the stead of the part of the same table with the
        number `old`, if there is one; as `JournaledStorage.move`.
        """
        with self.lock:
            move = Move(self._disk, self._tables, place, self._committer.submit)
            with self._tables.mutex:
                self._tables.refuse_closed()
                if not move.begin(old):
                    return False
            switch, refuse = self._committer.between_batches, self._tables.refuse_closed
            try:
                move.run(documents, switch, self._run_slow, refuse)
            except OSError as error:
                raise self.give_up(error) from error
            if move.submitted:
                self._committer.barrier()
                move.free(self.pause)
        self.fold_soon()
        return move.submitted

    def give_up(self, error: Exception) -> OutcomeUnknown:
        """As `JournaledStorage.give_up`."""
        if self.closed and isinstance(error, OutcomeUnknown):
            return error
        return self._committer.give_up(error)

    def backup(self) -> Iterator[bytes]:
        """As `JournaledStorage.backup`."""
        with self._tables.mutex:
            tables, next_ids = self._durable()
            pending = [each for each in self._pending() if each.document_id is not None]
            for name in tables.keys() & self._parts.filed:
                own = (each for each in pending if each.table == name)
                tables[name] = as_filed(self._tables.table(name)).filed.durable(own)  # type: ignore[assignment]
            for found in (tables, next_ids):
                found.pop(TABLE, None)
            return iter(Writer(tables, self._disk.position(next_ids, clean=True), self.pause))

    def _rewrite(self, *, clean: bool) -> None:
        with self._tables.mutex:
            if self._committer.failure is not None:
                raise renewed(self._committer.failure)
            tables, next_ids = self._durable()
            position = self._disk.position(next_ids, clean=clean)
            writer = Writer(tables, position, self.pause, self._parts.rules)
            self._disk.mark()
        switch = direct if clean else self._committer.between_batches
        if self._keeps:
            self._run_slow(self._disk.keep_journal)
        began = time.perf_counter()
        self._disk.compact(writer, self._run_slow, switch)
        self._committer.measures.note_compaction(time.perf_counter() - began)
        self._compacted = clean
        self._compact_at = max(self._compact_bytes, writer.size)

    def _durable(self) -> tuple[Snapshots, dict[str, int]]:
        """Return the tables as they are on the disk, what is published without what is still on its
        way, and the next id of each.
        """
        tables, next_ids = self._tables.everything()
        for change in reversed(self._pending()):
            if change.document_id is None or change.table not in self._parts.filed:
                take_back(tables, change)
        return tables, next_ids

    def _pending(self) -> list[Change]:
        """Return the changes that are published and not durable, in order."""
        return [*self._committer.pending(), *self._tables.under_way()]

    def pause(self) -> None:
        """Let others run, if a slice has taken long enough since they did."""
        if not self.closed and time.perf_counter() - self._resumed >= SLICE_SECONDS:
            time.sleep(PAUSE_SECONDS)
            self._resumed = time.perf_counter()

    def _fold(self, part: int, *, clean: bool = False) -> None:
        """Fold the lines of a filed part into its run, if it still has any."""
        found = self._parts.filed_part(part)
        if found is None:
            return
        done = self._parts.is_at_rest(found[0]["table"], found[0]["part"])
        if done and part not in self._disk.parts.lined() and found[1].run is not None:
            found[1].run.release()
        fold = Fold(self._disk, self._tables, part, self._pending, rest=clean or done)
        switch = direct if clean else self._committer.between_batches
        fold.run(switch, self._run_slow, self.pause)

    def fold_soon(self) -> None:
        """Begin to fold what is due, unless something else is being done."""
        if (self._disk.parts.full or self._to_rest) and not self.lock.locked():
            threading.Thread(target=self.fold_due, name="folding", daemon=True).start()

    def fold_due(self) -> None:
        """Fold what is due, in the order in which it comes."""
        with self.lock:
            while not self.closed and (self._to_rest or self._disk.parts.full):
                due = self._to_rest or self._disk.parts.full
                part = due.pop()
                self._disk.parts.full.discard(part)
                try:
                    self._fold(part)
                except Exception:
                    logger.exception("part %s was not folded: it is tried again later", part)

    def _compact_by_size(self) -> None:
        with self.lock:
            try:
                if not self.closed:
                    self._rewrite(clean=False)
            except Exception:
                logger.exception("compaction failed: it is tried again at twice the size")
        self.fold_soon()

    def note_landed(self, changes: list[Change]) -> None:
        """Note a batch that has become durable, and begin what has become due."""
        self._compacted = self._compacted and not self._disk.rewritten
        self.fold_soon()
        self._removed += self._parts.count_removed(changes)
        if self._is_due() and not self.lock.locked():
            self._compact_at = max(self._compact_at, 2 * self._disk.journal_size)
            self._removed = 0
            threading.Thread(target=self._compact_by_size, name="compaction", daemon=True).start()

    def _is_due(self) -> bool:
        """Return whether a compaction is worth its time."""
        if self._disk.journal_size >= self._compact_at:
            return True
        if self._removed < REMOVED:
            return False
        left = sum(len(state.documents) for state in self._tables.states())
        return self._removed * REMOVED_SHARE >= left
