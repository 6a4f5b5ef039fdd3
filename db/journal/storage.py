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
from typing import Any, TypeVar

from tinydb.storages import Storage

from db.journal.committer import Committer, Flight
from db.journal.disk import Disk
from db.journal.errors import OutcomeUnknown, Unavailable, disk_fault, renewed
from db.journal.files import direct
from db.journal.format import encode
from db.journal.memory import (
    ALL,
    Bounds,
    Change,
    Document,
    Grouping,
    Prepared,
    TableState,
    detach,
    last_states,
    settle,
    take_back,
)
from db.journal.runner import Runner
from db.journal.snapshot import RESERVED, Tables, Writer

logger = logging.getLogger(__name__)

T = TypeVar("T")

COMPACT_BYTES = 64 << 20
PAUSE_SECONDS = 0.001
MANY = 100_000


class JournaledStorage(Storage):
    """Tables in memory, stored in the file `path` and those beside it.

    unique: fields that no two documents of a table may share; found in O(1)
    grouping: fields whose equal values form a group for `group`, or by name functions that compute
    a value, which is never stored
    on_commit: called with each durable batch's changes, in journal order, before its writers
    continue; it must not block
    compact_bytes: a journal of at least this size, and no smaller than the snapshot, is compacted

    Raises `Locked`, `Corrupt`, `Mismatch` or `Duplicate`, after which nothing is changed, or
    `OutcomeUnknown` if the disk fails.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        unique: Mapping[str, tuple[str, ...]] | None = None,
        grouping: Mapping[str, Grouping] | None = None,
        on_commit: Callable[[list[Change]], None] | None = None,
        compact_bytes: int = COMPACT_BYTES,
    ) -> None:
        self.mutex = threading.RLock()
        self._unique, self._grouping = unique or {}, grouping or {}
        self._on_commit = on_commit
        self._compact_bytes = compact_bytes
        self._tables: dict[str, TableState] = {}
        self._changes: list[Change] | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._compacting = threading.Lock()
        self._closed = False
        self._disk = Disk(Path(path))
        self.path, self.torn_path = self._disk.path, self._disk.torn_path
        try:
            self._open()
        except BaseException as error:
            self._disk.close()
            if isinstance(error, OSError):
                raise disk_fault(error, f"{self.path} can't be opened") from error
            raise
        self._run, self._run_slow = Runner(), Runner()
        self._committer = Committer(
            self.mutex, self._run, self._disk.write, self._landed, self._undo
        )

    # -- what is kept -----------------------------------------------------------------

    @property
    def sequence(self) -> int:
        """The number of the last durable batch. It only grows, also across restarts."""
        return self._disk.sequence

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing more is written; None while all is well."""
        return self._committer.failure

    def names(self) -> set[str]:
        """Return the names of the tables."""
        with self.mutex:
            return {name for name, state in self._tables.items() if state.present}

    def documents(self, name: str) -> Mapping[int, Document]:
        """Return a table's published documents by id: read under `mutex`, never mutate."""
        return (self._tables.get(name) or self._state(name)).documents

    def table(self, name: str) -> TableState:
        """Return a table, for frequent readers. It is always the same object."""
        return self._state(name)

    def find(self, name: str, field: str, value: Any) -> tuple[int, Document] | None:
        """Return the document whose unique `field` equals `value`, in O(1).

        Raises KeyError if the field is not declared unique.
        """
        return (self._tables.get(name) or self._state(name)).find(field, value)

    def group(self, name: str, field: str, value: Any, within: Bounds = ALL) -> list[int]:
        """Return the ids, ascending, of the documents whose grouping `field` equals `value`.

        Only those `within` bounds, in O(1) for each. A missing field equals None. Raises KeyError
        if the field is not declared grouping.
        """
        state = self._tables.get(name) or self._state(name)
        if not state.groups[field].get(value):  # no roll, in most rooms: nothing to lock
            return []
        with self.mutex:
            return state.group(field, value).between(*within)

    def members(self, name: str, field: str, value: Any) -> list[int]:
        """Return the same ids in no order, for groups that are never paged."""
        with self.mutex:
            return list(self._state(name).group(field, value).ids)

    def size(self, name: str, field: str, value: Any) -> int:
        """Return how many documents a group has, in O(1)."""
        state = self._tables.get(name) or self._state(name)
        return len(state.group(field, value).ids)

    def values(self, name: str, field: str) -> list[Any]:
        """Return the values by which a table's documents are grouped."""
        with self.mutex:
            return list(self._state(name).groups[field])

    def is_unique(self, name: str, field: str) -> bool:
        """Return whether `find` supports the field."""
        return field in self._unique.get(name, ())

    def next_id(self, name: str) -> int:
        """Issue the next id of a table. An id is never issued twice, also after a deletion."""
        with self.mutex:
            state = self._state(name)
            state.next_id += 1
            return state.next_id - 1

    # -- transactions -----------------------------------------------------------------

    def transaction(self) -> "Transaction":
        """Everything written inside is one batch: all of it or nothing.

        However the block ends, the context then waits until everything that could be read inside is
        durable. An exception undoes the writes. A transaction inside another belongs to it, but is
        undone separately.

        Raises `OutcomeUnknown` if the disk failed.
        """
        return Transaction(self)

    def attempt_each(
        self, acts: Iterable[Callable[..., T]], *given: Any
    ) -> list[tuple[T | None, Exception | None]]:
        """Call `act(*given)` for one act after the other, as parts of the current transaction.
        Return for each what it returned, or what it raised; then its own writes are undone, and no
        others: as in an inner transaction, without taking the lock again.

        Raises RuntimeError outside a transaction.
        """
        changes, results = self._changes, list[tuple[T | None, Exception | None]]()
        if changes is None:
            raise RuntimeError("only inside a transaction")
        for act in acts:
            start, promised = len(changes), len(self._afterwards)
            try:
                results.append((act(*given), None))
            except Exception as error:  # noqa: BLE001 (returned)
                self._undo(changes[start:])
                del changes[start:], self._afterwards[promised:]
                results.append((None, error))
        return results

    def afterwards(self, work: Callable[[], None]) -> None:
        """Call `work` outside the transaction once it is durable; never if it is undone.

        Raises RuntimeError outside a transaction.
        """
        if self._changes is None:
            raise RuntimeError("only inside a transaction")
        self._afterwards.append(work)

    def barrier(self) -> None:
        """Return once everything published so far is durable. Raises `OutcomeUnknown`."""
        with self.mutex:
            flight = self._committer.last()
        if flight is not None:
            self._committer.land(flight)

    def prepare(self, name: str, document_id: int, document: Document) -> Prepared:
        """Return a document in the form that `put` stores fastest. Call it before the transaction.

        Raises TypeError for values that JSON can't contain.
        """
        return self._state(name).prepare(document_id, settle(detach(document)))

    def put(
        self, name: str, document_id: int, document: Document | None, *, given: bool = False
    ) -> None:
        """Publish a document, or remove it. Call it inside a transaction.

        given: nobody else holds any part of the document, it is as JSON would return it, and its
        lists have passed `share_list`

        Raises `Duplicate`, TypeError for values that JSON can't contain, `OutcomeUnknown` after a
        failure.
        """
        after = document if given or document is None else settle(detach(document))
        self._publish(name, document_id, after)

    def put_prepared(self, name: str, document_id: int, prepared: Prepared) -> None:
        """Publish a document that was prepared; as `put`."""
        self._publish(name, document_id, prepared.document, prepared)

    def _publish(
        self,
        name: str,
        document_id: int,
        after: Document | None,
        prepared: Prepared | None = None,
    ) -> None:
        changes, state = self._writable(), self._tables.get(name) or self._state(name)
        if not state.present:
            self.create(name)
        change = state.put(document_id, after, prepared)
        if change is not None:
            changes.append(change)

    def create(self, name: str) -> None:
        """Make a table, even if it is empty. Call it inside a transaction."""
        changes, state = self._writable(), self._state(name)
        if not state.present:
            changes.append(state.set_present(True))

    def drop(self, name: str) -> None:
        """Remove a table and its documents. Call it inside a transaction. Its ids stay used."""
        changes = self._writable()
        state = self._state(name)
        removed = [state.put(document_id, None) for document_id in list(state.documents)]
        changes += [change for change in removed if change is not None]
        changes.append(state.set_present(False))

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
        """Compact the journal into the snapshot beside the writers, and remove the file of torn
        tails.

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

    def backup(self) -> Iterator[bytes]:
        """Yield a snapshot of everything that is durable now, in slices, beside the writers."""
        with self.mutex:
            return iter(self._snapshot(clean=True))

    def _rewrite(self, *, clean: bool) -> None:
        with self.mutex:
            if self.failure is not None:
                raise renewed(self.failure)
            writer = self._snapshot(clean=clean)
            self._disk.mark()
        switch = direct if clean else self._committer.between_batches
        self._disk.compact(writer, self._run_slow, switch)
        self._compacted = clean
        self._compact_at = max(self._compact_bytes, writer.size)

    def _snapshot(self, *, clean: bool) -> Writer:
        """Return everything that is durable: what is published without what is still on its way."""
        tables: Tables = {name: dict(self.documents(name)) for name in self.names()}
        for change in reversed([*self._committer.pending(), *(self._changes or ())]):
            take_back(tables, change)
        next_ids = {
            name: state.next_id for name, state in self._tables.items() if state.next_id > 1
        }
        return Writer(tables, self._disk.position(next_ids, clean=clean), self._pause)

    def _pause(self) -> None:
        if not self._closed:
            time.sleep(PAUSE_SECONDS)

    def _compact_by_size(self) -> None:
        with self._compacting:
            try:
                if not self._closed:
                    self._rewrite(clean=False)
            except Exception:
                logger.exception("compaction failed: it is tried again at twice the size")

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
            found.fill(self._state)
            for state in self._tables.values():
                state.build_indexes()
            if sum(len(state.documents) for state in self._tables.values()) >= MANY:
                gc.freeze()  # a full collection would walk them all: 0.4 s a million
        finally:
            if collecting:
                gc.enable()
        self._disk.begin(found)
        self._compacted = not found.newer and found.snapshot.position.clean
        self._compact_at = max(self._compact_bytes, self._disk.snapshot_size)

    # -- for the committer ------------------------------------------------------------

    def _landed(self, changes: list[Change]) -> None:
        self._disk.landed()
        self._compacted = False
        try:
            if self._on_commit is not None:
                self._on_commit(changes)
        finally:
            if self._disk.journal_size >= self._compact_at and not self._compacting.locked():
                self._compact_at = 2 * self._disk.journal_size
                threading.Thread(
                    target=self._compact_by_size, name="compaction", daemon=True
                ).start()

    def _undo(self, changes: list[Change]) -> None:
        for change in reversed(changes):
            self._state(change.table).undo(change)

    # -- helpers ----------------------------------------------------------------------

    def _writable(self) -> list[Change]:
        if self._changes is None:
            raise RuntimeError("writes belong in a transaction")
        if self._closed:
            raise Unavailable("the store is closed")
        if self._committer.failure is not None:
            raise renewed(self._committer.failure)
        return self._changes

    def _state(self, name: str) -> TableState:
        state = self._tables.get(name)
        if state is None:
            if name == RESERVED:
                raise ValueError(f"the table name {RESERVED} is reserved")
            with self.mutex:  # or two at once would each make one
                fresh = TableState(name, self._unique.get(name, ()), self._grouping.get(name, ()))
                state = self._tables.setdefault(name, fresh)
        return state


class Transaction:
    """One use of `JournaledStorage.transaction`. A generator would take twice the time."""

    __slots__ = ("_changes", "_outer", "_promised", "_start", "_storage")

    def __init__(self, storage: JournaledStorage) -> None:
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
                    committer.submit(encode(last_states(self._changes)), self._changes)
                except BaseException as error:  # noqa: BLE001 (raised again below)
                    raised = refused = error
            if raised is not None:
                storage._undo(self._changes[self._start :])
                del self._changes[self._start :], storage._afterwards[self._promised :]
            if self._outer is None and (raised is None or isinstance(raised, Exception)):
                flight = committer.last()
                if flight is not None and not storage._compacting.locked():
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
