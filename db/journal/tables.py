"""The tables in memory, and the changes of the transaction that is under way.

It decides what can be read and written, and undoes; it knows nothing of files.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from db.journal.documents import Change, Document, detach, settle
from db.journal.filed import FiledState, Filing
from db.journal.groups import ALL, Bounds
from db.journal.memory import Grouping, Prepared, TableState
from db.journal.part_list import TABLE
from db.journal.parts import Parts, Rule
from db.journal.snapshot import RESERVED
from db.journal.snapshot import Tables as Snapshots

T = TypeVar("T")


class Tables:
    """Tables by name. Read and write them under `mutex`; write only in a transaction.

    unique, grouping, parts, filed: by table, as `JournaledStorage` takes them
    lines: returns how many batches the file of a part holds
    """

    def __init__(
        self,
        unique: Mapping[str, tuple[str, ...]],
        grouping: Mapping[str, Grouping],
        parts: Mapping[str, Rule],
        lines: Callable[[int], int],
        *,
        filed: Mapping[str, Filing] | None = None,
    ) -> None:
        self.mutex = threading.RLock()
        self._unique, self._grouping = unique, grouping
        self._tables: dict[str, TableState] = {}
        self.parts = Parts(parts, filed or {}, self.table, lines)
        self._changes: list[Change] | None = None
        self._afterwards: list[Callable[[], None]] = []

    def names(self) -> set[str]:
        """Return the names of the tables."""
        with self.mutex:
            return {name for name, state in self._tables.items() if state.present}

    def documents(self, name: str) -> Mapping[int, Document]:
        """Return a table's published documents by id: read under `mutex`, never mutate."""
        return self.table(name).documents

    def find(self, name: str, field: str, value: Any) -> tuple[int, Document] | None:
        """Return the document whose unique `field` equals `value`, in O(1).

        Raises KeyError if the field is not declared unique.
        """
        return self.table(name).find(field, value)

    def group(self, name: str, field: str, value: Any, within: Bounds = ALL) -> list[int]:
        """Return the ids, ascending, of the documents whose grouping `field` equals `value`.

        Only those `within` bounds, in O(1) for each. A missing field equals None. Raises KeyError
        if the field is not declared grouping.
        """
        state = self.table(name)
        if not state.groups[field].get(value):  # no roll, in most rooms: nothing to lock
            return []
        with self.mutex:
            return state.group(field, value).between(*within)

    def members(self, name: str, field: str, value: Any) -> list[int]:
        """Return the same ids in no order, for groups that are never paged."""
        with self.mutex:
            return list(self.table(name).group(field, value).ids)

    def values(self, name: str, field: str) -> list[Any]:
        """Return the values by which a table's documents are grouped."""
        with self.mutex:
            return list(self.table(name).groups[field])

    def is_unique(self, name: str, field: str) -> bool:
        """Return whether `find` supports the field."""
        return field in self._unique.get(name, ())

    def next_id(self, name: str) -> int:
        """Issue the next id of a table. An id is never issued twice, also after a deletion."""
        return self.issue_ids(name, 1)[0]

    def issue_ids(self, name: str, count: int) -> range:
        """Issue the next ids of a table, some at once."""
        with self.mutex:
            state = self.table(name)
            state.next_id += count
            return range(state.next_id - count, state.next_id)

    def everything(self) -> tuple[Snapshots, dict[str, int]]:
        """Return the published documents by table, without those of parts, and the next ids."""
        listed = self.parts.listed.table
        filed = self.parts.filed
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

    def under_way(self) -> list[Change]:
        """Return the changes of the transaction that is under way."""
        return self._changes or []

    def states(self) -> list[TableState]:
        """Return the tables that there have been."""
        return [*self._tables.values()]

    def held(self, name: str) -> TableState:
        """Return a table, also the one that lists the parts."""
        return self.parts.listed.table if name == TABLE else self.table(name)

    @property
    def is_inside(self) -> bool:
        """Whether the caller is in a transaction."""
        with self.mutex:
            return self._changes is not None

    def refuse_inside(self) -> None:
        """Raise RuntimeError inside a transaction, because the writer may need the mutex
        meanwhile.
        """
        if self.is_inside:
            raise RuntimeError("not inside a transaction")

    # -- transactions -----------------------------------------------------------------

    def attempt_each(
        self, acts: Iterable[Callable[..., T]], *given: Any
    ) -> list[tuple[T | None, Exception | None]]:
        """Call `act(*given)` for one act after the other, as parts of the current transaction.
        Return for each what it returned, or what it raised; then its own writes are undone, and no
        others: as in an inner transaction, without taking the lock again.

        Raises RuntimeError outside a transaction.
        """
        results: list[tuple[T | None, Exception | None]] = []
        changes = self._changes
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

    def prepare(self, name: str, document_id: int, document: Document) -> Prepared:
        """Return a document in the form that `put` stores fastest. Call it before the transaction.

        Raises TypeError for values that JSON can't contain.
        """
        return self.table(name).prepare(document_id, settle(detach(document)))

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
        changes, state = self._writable(), self.table(name)
        if not state.present:
            self.create(name)
        change = state.put(document_id, after, prepared)
        if change is not None:
            changes.append(change)

    def create(self, name: str) -> None:
        """Make a table, even if it is empty. Call it inside a transaction."""
        changes, state = self._writable(), self.table(name)
        if not state.present:
            changes.append(state.set_present(True))

    def drop(self, name: str) -> None:
        """Remove a table and its documents. Call it inside a transaction. Its ids stay used."""
        changes = self._writable()
        state = self.table(name)
        removed = [state.put(document_id, None) for document_id in list(state.documents)]
        changes += [change for change in removed if change is not None]
        changes.append(state.set_present(False))

    def _writable(self) -> list[Change]:
        """Return the changes of the transaction that is under way. Raises RuntimeError, or as
        `refuse_closed`.
        """
        if self._changes is None:
            raise RuntimeError("writes belong in a transaction")
        self.refuse_closed()
        return self._changes

    def refuse_closed(self) -> None:
        """Raise `OutcomeUnknown` if nothing can be written any more."""

    def _undo(self, changes: list[Change]) -> None:
        for change in reversed(changes):
            self.held(change.table).undo(change)

    def table(self, name: str) -> TableState:
        """Return a table, for frequent readers. It is always the same object."""
        state = self._tables.get(name)
        if state is None:
            if name in (RESERVED, TABLE):
                raise ValueError(f"the table name {name} is reserved")
            with self.mutex:  # or two at once would each make one
                unique, grouping = self._unique.get(name, ()), self._grouping.get(name, ())
                if name in self.parts.filed:
                    fresh: TableState = FiledState(name)
                else:
                    fresh = TableState(name, unique, grouping, self.parts.rules.get(name))
                state = self._tables.setdefault(name, fresh)
        return state
