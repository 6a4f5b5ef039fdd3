"""The engine: tables in memory over the files of `disk`, as a TinyDB storage.

It decides when a change is published, when it is durable and who is notified. A transaction
is checked, encoded, published and queued under one mutex. Its caller continues once it is on disk.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from db.journal.committer import Committer
from db.journal.disk import Disk
from db.journal.documents import Change, Document, detach, last_states, take_back
from db.journal.errors import OutcomeUnknown, Unavailable, disk_fault, renewed
from db.journal.filed import FiledPart, Filing, as_filed
from db.journal.files import direct
from db.journal.folding import Fold
from db.journal.format import encode
from db.journal.measures import Histogram, Measures
from db.journal.memory import Grouping
from db.journal.moving import Move
from db.journal.parts import TABLE, Entry, FoundPart, Rule, count_ended, run_path
from db.journal.recovery import Found
from db.journal.runner import Runner
from db.journal.runs import Run
from db.journal.snapshot import Position, Writer
from db.journal.snapshot import Tables as Snapshots
from db.journal.tables import Tables
from db.journal.transaction import Transaction

logger = logging.getLogger(__name__)

TableDocuments = Mapping[str, Mapping[int, Document]]
"""The documents of each table."""

COMPACT_BYTES = 8 << 20
PAUSE_SECONDS = SLICE_SECONDS = 0.001
REMOVED, REMOVED_SHARE = 1_000, 4
"""The snapshot is compacted, too, when so many of its documents have been removed, and at least
one for every `REMOVED_SHARE` that are left: what was removed should leave the files.
"""
MANY = 100_000


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
        look: Callable[[TableDocuments, bool], None] = lambda _tables, _outdated: None,
    ) -> None:
        self._disk = Disk(Path(path))
        super().__init__(
            unique or {},
            grouping or {},
            parts or {},
            self._disk.part_lines,
            filed=filed,
        )
        self._on_commit, self._compact_bytes, self._look = on_commit, compact_bytes, look
        self._measures, self._compacting = Measures(), threading.Lock()
        self._closed, self._removed, self._keeps = False, 0, keep_journals
        self._to_rest, self._resumed = set[int](), 0.0
        self.path, self.torn_path = self._disk.path, self._disk.torn_path
        self._open_or_close()
        self._run, self._run_slow = Runner(), Runner()
        self._committer = Committer(
            self.mutex,
            self._run,
            self._disk.write,
            self._landed,
            self._undo,
            measures=self._measures,
        )
        self._fold_soon()

    def _open_or_close(self) -> None:
        try:
            self._open()
        except BaseException as error:
            self._disk.close()
            if isinstance(error, OSError):
                raise disk_fault(error, f"{self.path} can't be opened") from error
            raise

    # -- what is kept -----------------------------------------------------------------

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
        each = self._measures
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
        with self.mutex:
            flight = self._committer.last()
        if flight is not None:
            self._committer.land(flight)

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
            if self._closed:
                return
            self._closed = True
        with self._compacting:
            self._committer.stop()
            try:
                if self.failure is None:
                    for part in self._disk.lined_parts():
                        self._fold(part, clean=True)
                if self.failure is None and not self._compacted:
                    self._rewrite(clean=True)
            except Exception:
                logger.exception("the journal stays as it is: the next opening reads it")
            finally:
                self._disk.close()
                self._run.close()
                self._run_slow.close()

    # -- compaction -------------------------------------------------------------------

    def compact(self) -> None:
        """Compact the journal into the snapshot beside the writers, and remove torn tails.

        Raises `OutcomeUnknown` if the disk failed; what was durable stays durable.
        """
        self.refuse_inside()
        with self._compacting:
            if self._closed:
                raise Unavailable("the store is closed")
            try:
                self._rewrite(clean=False)
                self._disk.forget_torn()
            except OSError as error:
                raise disk_fault(error, "the journal was not compacted") from error

    def kept_journals(self) -> list[Path]:
        """Return the journals that have stayed, all of them complete."""
        with self._compacting:
            return self._disk.kept_journals()

    def fold(self, table: str, place: int) -> None:
        """Fold the lines of a part of a filed table into its run; return once that is on disk. It
        is done by itself when they are many.
        """
        with self._compacting:
            self._fold(self._parts.part_of(table, place) or 0)

    def rest(self, table: str, place: int) -> None:
        """Let a part of a filed table rest, soon: its documents are only read from now on."""
        with self.mutex:
            part = self._parts.part_of(table, place)
            if part is not None:
                self._to_rest.add(part)
                self._fold_soon()

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
        return self._move(table, old, new, documents)

    def fill(self, table: str, place: int, documents: Iterable[tuple[int, Document]]) -> bool:
        """Make a part of a filed table of these documents, whose ids ascend, at once; return once
        that is durable. A crash leaves all or none. Return False, and do nothing, inside a
        transaction or if the part is there. Raises as `move`.
        """
        with self.mutex:
            if self._changes is not None:
                return False
        with self.transaction():
            self.create(table)
        return self._move(table, None, place, documents)

    def drop_part(self, table: str, place: int) -> None:
        """Remove a part of a filed table with all its documents, without a change for each; return
        once that is durable and the part's files are gone. Call it outside a transaction.

        Raises `OutcomeUnknown`.
        """
        self.refuse_inside()
        with self.mutex:
            self._refuse_closed()
            part = self._parts.part_of(table, place)
            if part is None:
                return
            dropped, changes = self._parts.drop(part)
            self._committer.submit(Entry(encode(last_states(changes)), dropped=(part,)), changes)
        try:
            self.barrier()
        except OutcomeUnknown:
            as_filed(self._state(table)).filed.parts[place] = dropped
            raise

    def _move(
        self, table: str, old: int | None, new: int, documents: Iterable[tuple[int, Document]]
    ) -> bool:
        with self.mutex:
            if self._changes is not None:
                return False
        with self._compacting:
            move = Move(self._disk, self._parts, (table, new), self._committer.submit)
            with self.mutex:
                self._refuse_closed()
                if not move.begin(old):
                    return False
            switch = self._committer.between_batches
            try:
                move.run(documents, self.mutex, switch, self._run_slow, self._refuse_closed)
            except OSError as error:
                raise self.give_up(error) from error
            if move.submitted:
                self.barrier()
                move.free(self._pause)
        self._fold_soon()
        return move.submitted

    def backup(self) -> Iterator[bytes]:
        """Yield a snapshot of everything that is durable now, in slices, beside the writers."""
        with self.mutex:
            tables, next_ids = self._durable()
            pending = [each for each in self._pending() if each.document_id is not None]
            for name in tables.keys() & self._parts.filed:
                own = (each for each in pending if each.table == name)
                tables[name] = as_filed(self._state(name)).filed.durable(own)  # type: ignore[assignment]
            for found in (tables, next_ids):
                found.pop(TABLE, None)
            return iter(Writer(tables, self._disk.position(next_ids, clean=True), self._pause))

    def _rewrite(self, *, clean: bool) -> None:
        with self.mutex:
            if self.failure is not None:
                raise renewed(self.failure)
            tables, next_ids = self._durable()
            position = self._disk.position(next_ids, clean=clean)
            writer = Writer(tables, position, self._pause, self._parts.rules)
            self._disk.mark()
        switch = direct if clean else self._committer.between_batches
        if self._keeps:
            self._run_slow(self._disk.keep_journal)
        began = time.perf_counter()
        self._disk.compact(writer, self._run_slow, switch)
        self._measures.note_compaction(time.perf_counter() - began)
        self._compacted = clean
        self._compact_at = max(self._compact_bytes, writer.size)

    def _durable(self) -> tuple[Snapshots, dict[str, int]]:
        """Return the tables as they are on the disk, what is published without what is still on its
        way, and the next id of each.
        """
        tables, next_ids = self._everything()
        for change in reversed(self._pending()):
            if change.document_id is None or change.table not in self._parts.filed:
                take_back(tables, change)
        return tables, next_ids

    def _pending(self) -> list[Change]:
        """Return the changes that are published and not durable, in order."""
        return [*self._committer.pending(), *(self._changes or ())]

    def _everything(self) -> tuple[Snapshots, dict[str, int]]:
        listed = self._parts.table
        filed = self._parts.filed
        tables: Snapshots = {
            name: {} if name in filed else dict(self.documents(name)) for name in self.names()
        }
        next_ids = {
            name: each.next_id
            for name, each in self._tables.items()
            if each.next_id > 1 and name not in filed
        }
        if listed.next_id > 1:
            tables[TABLE], next_ids[TABLE] = dict(listed.documents), listed.next_id
        return tables, next_ids

    def _pause(self) -> None:
        """Let others run, if a slice has taken long enough since they did."""
        if not self._closed and time.perf_counter() - self._resumed >= SLICE_SECONDS:
            time.sleep(PAUSE_SECONDS)
            self._resumed = time.perf_counter()

    def _fold(self, part: int, *, clean: bool = False) -> None:
        """Fold the lines of a filed part into its run, if it still has any."""
        found = self._parts.filed_part(part)
        if found is None:
            return
        done = self._parts.is_at_rest(found[0]["table"], found[0]["part"])
        if done and part not in self._disk.lined_parts() and found[1].run is not None:
            found[1].run.release()
        rest = clean or done
        fold = Fold(self._disk, self._parts, part, self._pending, rest=rest)
        switch = direct if clean else self._committer.between_batches
        fold.run(self.mutex, switch, self._run_slow, self._pause)

    def _fold_soon(self) -> None:
        if (self._disk.full or self._to_rest) and not self._compacting.locked():
            threading.Thread(target=self._fold_due, name="folding", daemon=True).start()

    def _fold_due(self) -> None:
        """Fold what is due, in the order in which it comes."""
        with self._compacting:
            while not self._closed and (self._to_rest or self._disk.full):
                due = self._to_rest or self._disk.full
                part = due.pop()
                self._disk.full.discard(part)
                try:
                    self._fold(part)
                except Exception:
                    logger.exception("part %s was not folded: it is tried again later", part)

    def _compact_by_size(self) -> None:
        with self._compacting:
            try:
                if not self._closed:
                    self._rewrite(clean=False)
            except Exception:
                logger.exception("compaction failed: it is tried again at twice the size")
        self._fold_soon()

    def give_up(self, error: Exception) -> OutcomeUnknown:
        """Write nothing more until the store is opened again, because something beside it failed.
        Everything queued is still written. Return the error to raise.
        """
        if self._closed and isinstance(error, OutcomeUnknown):
            return error
        return self._committer.give_up(error)

    def refuse_inside(self) -> None:
        """Raise RuntimeError inside a transaction, because the writer may need the mutex
        meanwhile.
        """
        with self.mutex:
            if self._changes is not None:
                raise RuntimeError("not inside a transaction")

    # -- opening ----------------------------------------------------------------------

    def _open(self) -> None:
        collecting = gc.isenabled()
        gc.disable()  # it would walk everything again and again as the tables grow
        try:
            found = self._disk.find()
            found.fill(self._held)
            parts = self._disk.find_parts(self._parts.table, found.sequence)
            self._parts.table.build_indexes()
            if found.outdated:
                parts = self._parts.stray_earlier(parts)
            strays = self._parts.strays(ruled=not found.goes_on)
            self._parts.load(parts)
            if (moving := sum(map(len, strays.values()))) >= MANY:
                text = "%s: %s documents get files of their own; a million take half a minute"
                logger.info(text, self.path, f"{moving:,}")
            parts = self._parts.adopt(strays, parts, found.sequence + 1)
            for state in (*self._tables.values(), self._parts.table):
                state.build_indexes()
            if sum(len(state.documents) for state in self._tables.values()) >= MANY:
                gc.freeze()  # a full collection would walk them all: 0.4 s a million
        finally:
            if collecting:
                gc.enable()
        self._look({name: self.documents(name) for name in self.names()}, found.outdated)
        self._begin(found, parts, moved=bool(strays))

    def _begin(self, found: Found, parts: list[FoundPart], *, moved: bool) -> None:
        anew = None
        if moved or not (found.goes_on or found.complete):
            tables, next_ids = self._everything()
            sequence = found.sequence + moved  # the parts' lines count if this snapshot is there
            position = Position(sequence, found.salt, clean=True, next_ids=next_ids)
            anew = Writer(tables, position, rules=self._parts.rules)
            if found.edited:
                logger.warning("%s was written by another program: taken as it is", self.path)
        self._disk.begin(found, parts, anew)
        for part in parts:
            if part.adopted is not None:
                run = Run(run_path(self._disk.path, part.id))
                as_filed(self._state(part.place[0])).filed.parts[part.place[1]] = FiledPart(run)
                if not self._parts.is_at_rest(*part.place):
                    run.hold()
        self._disk.batches = self._disk.sequence + count_ended(self._parts.table)
        self._disk.batches += sum(part.journal.last for part in parts)
        self._to_rest |= {
            part.id
            for part in parts
            if part.filed and part.lined and self._parts.is_at_rest(*part.place)
        }
        self._compacted = anew is not None or (not found.newer and found.snapshot.position.clean)
        self._compact_at = max(self._compact_bytes, self._disk.snapshot_size)

    # -- for the committer ------------------------------------------------------------

    def _landed(self, changes: list[Change]) -> None:
        self._disk.landed()
        self._compacted = self._compacted and not self._disk.rewritten
        listed = [each for each in changes if each.table == TABLE]
        try:
            if self._on_commit is not None:
                self._on_commit([each for each in changes if each.table != TABLE])
        finally:
            for change in listed:
                self._parts.landed(change)
            self._fold_soon()
            self._removed += self._parts.count_removed(changes)
            if self._is_due() and not self._compacting.locked():
                self._compact_at = max(self._compact_at, 2 * self._disk.journal_size)
                self._removed = 0
                threading.Thread(
                    target=self._compact_by_size, name="compaction", daemon=True
                ).start()

    # -- helpers ----------------------------------------------------------------------

    def _is_due(self) -> bool:
        """Return whether a compaction is worth its time."""
        if self._disk.journal_size >= self._compact_at:
            return True
        if self._removed < REMOVED:
            return False
        left = sum(len(state.documents) for state in self._tables.values())
        return self._removed * REMOVED_SHARE >= left

    def _refuse_closed(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")
        if self._committer.failure is not None:
            raise renewed(self._committer.failure)
