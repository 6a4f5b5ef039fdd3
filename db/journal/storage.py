"""The engine: tables in memory over a snapshot and a journal, as a TinyDB storage.

It decides when a change is published, when it is durable and who is told. A transaction is
checked, encoded, published and queued under one mutex; its caller goes on once it is on disk.
"""

import gc
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from db.journal import files
from db.journal.committer import Committer, blocking_runner, renewed
from db.journal.errors import OutcomeUnknown, Unavailable
from db.journal.files import Run
from db.journal.format import Header, batch_payload, encode, seal
from db.journal.memory import Change, Document, TableState, detach, fold
from db.journal.recovery import Found, find
from db.journal.snapshot import RESERVED, Position, Tables, Writer

logger = logging.getLogger(__name__)

COMPACT_BYTES = 64 << 20
PAUSE_SECONDS = 0.001


class JournaledStorage(Storage):
    """Tables in memory; on disk `path`, `path.journal`, `path.lock` and `path.journal.torn`.

    unique: fields that no two documents of a table may share, looked up in O(1)
    on_commit: told each durable batch's changes, in journal order, before its writers go on;
        it must not block
    compact_bytes: a journal of at least this size, and no smaller than the snapshot, is folded in

    Raises `Locked`, `Corrupt`, `Mismatch` or `Unavailable`; nothing is changed then.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        unique: Mapping[str, tuple[str, ...]] | None = None,
        on_commit: Callable[[list[Change]], None] | None = None,
        compact_bytes: int = COMPACT_BYTES,
    ) -> None:
        self.path = Path(path)
        self.journal_path = self.path.with_name(self.path.name + ".journal")
        self.torn_path = self.path.with_name(self.path.name + ".journal.torn")
        self.mutex = threading.RLock()
        self._unique = unique or {}
        self._on_commit = on_commit
        self._compact_bytes = compact_bytes
        self._tables: dict[str, TableState] = {}
        self._changes: list[Change] | None = None
        self._meanwhile: list[bytes] | None = None
        self._compacting = threading.Lock()
        self._closed = False
        self._lock = files.lock(self.path.with_name(self.path.name + ".lock"))
        try:
            self._open()
        except OSError as error:
            os.close(self._lock)
            raise Unavailable(f"{self.path} can't be opened: {error}") from error
        except BaseException:
            os.close(self._lock)
            raise
        self._run, self._run_slow = blocking_runner(), blocking_runner()
        self._committer = Committer(self.mutex, self._run, self._write, self._landed, self._undo)

    # -- what is kept -----------------------------------------------------------------

    @property
    def sequence(self) -> int:
        """The number of the last durable batch. It only grows, also over restarts."""
        return self._sequence

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing more is written; None while all is well."""
        return self._committer.failure

    def names(self) -> set[str]:
        """Return the names of the tables."""
        return {name for name, state in self._tables.items() if state.present}

    def documents(self, name: str) -> Mapping[int, Document]:
        """Return a table's published documents by id: read under `mutex`, never mutate."""
        return self._state(name).documents

    def find(self, name: str, field: str, value: Any) -> tuple[int, Document] | None:
        """Return the document whose unique `field` equals `value`, in O(1).

        Raises KeyError where the field is not declared unique.
        """
        state = self._state(name)
        document_id = state.find(field, value)
        return None if document_id is None else (document_id, state.documents[document_id])

    def is_unique(self, name: str, field: str) -> bool:
        """Tell whether `find` can be asked for the field."""
        return field in self._unique.get(name, ())

    def next_id(self, name: str) -> int:
        """Take the next id of a table. An id is never given twice, also after a deletion."""
        state = self._state(name)
        taken = state.next_id
        state.next_id += 1
        return taken

    # -- transactions -----------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside is one batch: all of it or none.

        Leaving it, by any way, waits until all that could be read inside is durable. An
        exception takes the writes back. A transaction inside another belongs to it, but is
        taken back alone.

        Raises `OutcomeUnknown` where the disk failed.
        """
        raised: Exception | None = None
        with self.mutex:
            outer, start = self._changes, len(self._changes or ())
            changes = self._changes = [] if outer is None else outer
            try:
                yield
                if outer is None and changes:
                    self._committer.submit(encode(fold(changes)), changes)
            except BaseException as error:
                self._undo(changes[start:])
                del changes[start:]
                if outer is not None or not isinstance(error, Exception):
                    raise
                raised = error
            finally:
                self._changes = outer
            flight = self._committer.last() if outer is None else None
        if flight is not None:
            flight.wait()
        if raised is not None:
            raise raised

    def barrier(self) -> None:
        """Return once everything published so far is durable. Raises `OutcomeUnknown`."""
        with self.mutex:
            flight = self._committer.last()
        if flight is not None:
            flight.wait()

    def put(self, name: str, document_id: int, document: Document | None) -> None:
        """Publish a document, or remove it; call it inside a transaction.

        Raises `Duplicate`, TypeError for what JSON can't hold, `OutcomeUnknown` after a failure.
        """
        after = None if document is None else detach(document)
        self.create(name)
        self._writable().append(self._state(name).put(document_id, after))

    def create(self, name: str) -> None:
        """Let a table be, even empty; call it inside a transaction."""
        changes = self._writable()
        state = self._state(name)
        if not state.present:
            changes.append(state.set_present(True))

    def drop(self, name: str) -> None:
        """Remove a table and its documents; call it inside a transaction. Its ids stay used."""
        changes = self._writable()
        state = self._state(name)
        changes += [state.put(document_id, None) for document_id in list(state.documents)]
        changes.append(state.set_present(False))

    # -- TinyDB's storage -------------------------------------------------------------

    def read(self) -> dict[str, dict[str, Document]] | None:
        """Return a copy of everything, as TinyDB's storages do; None for nothing."""
        with self.mutex:
            return {
                name: {str(key): detach(document) for key, document in self.documents(name).items()}
                for name in self.names()
            } or None

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Make `data` everything there is, in one transaction."""
        with self.transaction():
            for name in self.names() - set(data):
                self.drop(name)
            for name, table in data.items():
                self.create(name)
                wanted = {int(document_id): dict(row) for document_id, row in table.items()}
                for document_id in set(self.documents(name)) - set(wanted):
                    self.put(name, document_id, None)
                for document_id, document in wanted.items():
                    if self.documents(name).get(document_id) != document:
                        self.put(name, document_id, document)

    def close(self) -> None:
        """Take what is queued to disk, fold the journal in, and let the file go."""
        if self._closed:
            return
        self._closed = True
        with self._compacting:
            self._committer.stop()
        try:
            if self.failure is None and not self._folded:
                self._compact(clean=True)
        finally:
            os.close(self._journal)
            os.close(self._lock)

    # -- compaction -------------------------------------------------------------------

    def compact(self) -> None:
        """Fold the journal into the snapshot beside the writers, and remove what was torn.

        Raises `OutcomeUnknown` where the disk failed; what was durable stays so.
        """
        try:
            self._compact()
            files.remove(self.torn_path)
        except OSError as error:
            raise Unavailable(f"compaction failed: {error}") from error

    def backup(self) -> Iterator[bytes]:
        """Yield a snapshot of what is durable now, in slices, beside the writers."""
        with self.mutex:
            tables, position = self._view(clean=True)
        return iter(Writer(tables, position))

    def _compact(self, *, clean: bool = False) -> None:
        with self._compacting:
            if self._closed and not clean:
                return
            with self.mutex:
                if self.failure is not None:
                    raise renewed(self.failure)
                tables, position = self._view(clean)
                self._meanwhile = []
            try:
                writer = Writer(tables, position, self._pause)
                files.replace(self.path, writer, self._run_slow)
                header = _new_header(position.sequence, writer.size, writer.crc)
                if clean:
                    self._begin_journal(header)
                else:
                    self._committer.between_batches(lambda: self._switch_journal(header))
                self._folded = clean
            finally:
                self._meanwhile = None

    def _pause(self) -> None:
        if not self._closed:
            time.sleep(PAUSE_SECONDS)

    def _view(self, clean: bool) -> tuple[Tables, Position]:
        """Return what is durable: what is published, less what is still on its way."""
        tables: Tables = {name: dict(self.documents(name)) for name in self.names()}
        for change in reversed(self._committer.pending()):
            _take_back(tables, change)
        next_ids = {name: state.next_id for name, state in self._tables.items()}
        return tables, Position(self._sequence, self._header.salt, clean, next_ids)

    def _switch_journal(self, header: Header) -> None:
        old = self._journal
        try:
            self._begin_journal(header, self._run)
        except OSError as error:  # which journal a crash would leave is not known any more
            self._committer.fail(error)
            raise
        os.close(old)

    def _begin_journal(self, header: Header, run: Run = lambda call: call()) -> None:
        """Put a journal with `header`, and what came meanwhile, in the place of the old."""
        lines = [header.line()]
        lines += [seal(payload, header.seed) for payload in self._meanwhile or ()]
        self._journal_size = files.replace(self.journal_path, lines, run)
        self._journal = files.open_append(self.journal_path)
        self._header = header

    def _compact_by_size(self) -> None:
        try:
            self._compact()
        except Exception:
            logger.exception("compaction failed; it is tried again when the journal has doubled")
        finally:
            self._compact_at = max(self._compact_bytes, 2 * self._journal_size)

    # -- opening ----------------------------------------------------------------------

    def _open(self) -> None:
        found = find(self.path, self.journal_path)
        self._load(found)
        self._sequence = found.sequence
        if found.torn:
            logger.warning("the journal's tail was torn by a crash: kept in %s", self.torn_path)
            size = self.journal_path.stat().st_size - len(found.torn)
            files.cut(self.journal_path, size, self.torn_path)
        if found.continued is None:
            self._begin(found)
        else:
            self._header = found.continued.header
            self._journal_size = found.continued.size
            self._journal = files.open_append(self.journal_path)
        self._folded = not found.newer and found.snapshot.intact and found.snapshot.position.clean
        self._compact_at = max(self._compact_bytes, self.path.stat().st_size)

    def _begin(self, found: Found) -> None:
        """Begin a journal after a snapshot that has none, which may be no file at all."""
        size, crc = found.snapshot.size, found.snapshot.crc
        if size == 0:
            writer = Writer({}, Position())
            files.replace(self.path, writer)
            size, crc = writer.size, writer.crc
        self._begin_journal(_new_header(found.sequence, size, crc))

    def _load(self, found: Found) -> None:
        collecting = gc.isenabled()
        gc.disable()  # it would walk everything again and again as the tables grow
        try:
            found.fill(self._state)
            for state in self._tables.values():
                state.build_indexes()
        finally:
            if collecting:
                gc.enable()

    # -- for the committer ------------------------------------------------------------

    def _write(self, transactions: list[bytes]) -> None:
        self._payload = batch_payload(self._sequence + 1, transactions)
        line = seal(self._payload, self._header.seed)
        files.append(self._journal, line)
        self._journal_size += len(line)

    def _landed(self, changes: list[Change]) -> None:
        self._sequence += 1
        self._folded = False
        if self._meanwhile is not None:
            self._meanwhile.append(self._payload)
        elif self._journal_size >= self._compact_at and not self._compacting.locked():
            self._compact_at *= 2
            threading.Thread(target=self._compact_by_size, name="compaction", daemon=True).start()
        if self._on_commit is not None:
            try:
                self._on_commit(changes)
            except Exception:  # the batch is durable whatever its listener makes of it
                logger.exception("the listener to commits failed")

    def _undo(self, changes: list[Change]) -> None:
        for change in reversed(changes):
            self._state(change.table).undo(change)

    # -- helpers ----------------------------------------------------------------------

    def _writable(self) -> list[Change]:
        if self._changes is None:
            raise RuntimeError("writes belong in a transaction")
        if self._closed:
            raise Unavailable("the store is closed")
        if self.failure is not None:
            raise renewed(self.failure)
        return self._changes

    def _state(self, name: str) -> TableState:
        state = self._tables.get(name)
        if state is None:
            if name == RESERVED:
                raise ValueError(f"the table name {RESERVED} is reserved")
            state = self._tables[name] = TableState(name, self._unique.get(name, ()))
        return state


def _new_header(base: int, size: int, crc: int) -> Header:
    return Header(base, secrets.token_hex(8), size, crc)


def _take_back(tables: Tables, change: Change) -> None:
    if change.document_id is None:
        if change.before is None:
            tables.pop(change.table, None)
        return
    table = tables.setdefault(change.table, {})
    if change.before is None:
        table.pop(change.document_id, None)
    else:
        table[change.document_id] = change.before
