"""The tables in memory: documents by id, unique indexes, and undoing changes.

A published document is never mutated: a change replaces it. So undoing puts the old one back, and a
copy of a table's dict is a snapshot of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, NamedTuple

from db.journal.documents import Change, Document, Stored, as_document
from db.journal.errors import Corrupt, Duplicate
from db.journal.format import encode
from db.journal.groups import NOBODY, Group

Grouping = Mapping[str, Callable[[Document], Any]] | Iterable[str]
"""The fields whose equal values form a group, or by name functions that compute a value."""


class Prepared(NamedTuple):
    """A document that nobody else holds, the one that it replaces, and the values by which their
    table groups them.
    """

    document: Document
    values: list[Any] | None
    before: Document | None
    values_before: list[Any] | None


class TableState:
    """One table: `documents` by id, the next free id, an index for each unique and grouping field,
    and the `sizes` of its parts.

    A table that is not `present`, because it was dropped or never made, is kept for its ids.

    part_of: computes in which part of the table a document is; None for no part
    """

    def __init__(
        self,
        name: str,
        unique: Iterable[str] = (),
        grouping: Grouping = (),
        part_of: Callable[[Document], Any] | None = None,
    ) -> None:
        self.name = name
        self._part_of = part_of
        self.sizes = Counter[Any]()
        self.present = False
        self.documents: MutableMapping[int, Document] = {}
        self.next_id = 1
        self.indexes: dict[str, MutableMapping[Any, int]] = {field: {} for field in unique}
        named = (
            grouping if isinstance(grouping, Mapping) else {each: _field(each) for each in grouping}
        )
        self._grouping = list(named.items())
        self.groups: dict[str, MutableMapping[Any, Group]] = {name: {} for name in named}

    def load(self, documents: MutableMapping[int, Document]) -> None:
        """Load the documents of a snapshot. `build_indexes` makes the indexes later."""
        self.present = True
        self.documents = documents
        self.reserve(max(documents, default=0))

    def load_part(self, part: Any, documents: dict[int, Document]) -> None:
        """Load the documents of a part, after those of the snapshot and the journal."""
        self.present = True
        self.documents.update(documents)
        self.sizes[part] += len(documents)
        self.reserve(max(documents, default=0))

    def reserve(self, document_id: int) -> None:
        """Never issue this id, or one below it, again."""
        if document_id >= self.next_id:
            self.next_id = document_id + 1

    def replay(self, changes: Mapping[int, Stored] | None) -> None:
        """Apply the last states of documents; None drops the table. `build_indexes` makes the
        indexes later.
        """
        self.present = changes is not None
        if changes is None:
            self.documents.clear()
            return
        self.reserve(max(changes, default=0))
        for document_id, stored in changes.items():
            document = as_document(stored)
            if document is None:
                self.documents.pop(document_id, None)
            else:
                self.documents[document_id] = document

    def build_indexes(self) -> None:
        """Make the indexes, once snapshot and journal have been read.

        Raises `Duplicate`, or `Corrupt` for a value that can't be compared.
        """
        for field, index in self.indexes.items():
            index.clear()
            for document_id, document in self.documents.items():
                value = self._scalar(field, document_id, document, _field(field))
                if value is not None and index.setdefault(value, document_id) != document_id:
                    raise Duplicate(self.name, field)
        for name, value_of in self._grouping:
            self.groups[name].clear()
            for document_id, document in self.documents.items():
                value = self._scalar(name, document_id, document, value_of)
                self._join(name, value, document_id)

    def _scalar(
        self, field: str, document_id: int, document: Document, value_of: Callable[[Document], Any]
    ) -> Any:
        try:
            hash(value := value_of(document))
        except (AttributeError, LookupError, TypeError) as error:
            raise Corrupt(f"{self.name}.{field} of document {document_id} is no scalar") from error
        return value

    def prepare(self, document_id: int, document: Document) -> Prepared:
        """Return a document as `put` takes it fastest: one that nobody else holds."""
        before = self.documents.get(document_id)
        return Prepared(document, self._values_of(document), before, self._values_of(before))

    def put(
        self, document_id: int, after: Document | None, prepared: Prepared | None = None
    ) -> Change | None:
        """Publish a document (None: remove it); return the change, which `undo` can undo. Return
        None if exactly this is stored: 1, 1.0 and True are equal but differ.

        prepared: what `prepare` returned for it

        Raises `Duplicate` if a unique value is taken, and TypeError if the value of a unique or
        grouping field is not a scalar; then nothing is changed.
        """
        before = self.documents.get(document_id)
        if before == after and encode(before) == encode(after):
            return None
        if prepared is not None and prepared.before is before:
            old, new = prepared.values_before, prepared.values
        else:
            old, new = self._values_of(before), self._values_of(after)
        if after is not None:
            for field, index in self.indexes.items():
                value = after.get(field)
                if value is not None and index.get(value, document_id) != document_id:
                    raise Duplicate(self.name, field)
        if document_id >= self.next_id:
            self.next_id = document_id + 1
        self._set(document_id, before, after, old, new)
        return Change(self.name, document_id, before, after)

    def _values_of(self, document: Document | None) -> list[Any] | None:
        """Return the values by which a document is grouped; None for none. Raises TypeError if one
        is not a scalar.
        """
        if document is None:
            return None
        values = [value_of(document) for _, value_of in self._grouping]
        hash(tuple(values))
        return values

    def set_present(self, present: bool) -> Change:
        """Make the table present or not; return the change."""
        before, self.present = self.present, present
        return Change(self.name, None, {} if before else None, {} if present else None)

    def undo(self, change: Change) -> None:
        """Undo the latest change. Its id stays used."""
        if change.document_id is None:
            self.present = change.before is not None
        else:
            before, after = change.after, change.before
            old, new = self._values_of(before), self._values_of(after)
            self._set(change.document_id, before, after, old, new)

    def find(self, field: str, value: Any) -> tuple[int, Document] | None:
        """Return the document whose unique `field` equals `value`, with its id, in O(1).

        Raises KeyError where the field is not declared unique.
        """
        document_id = self.indexes[field].get(value)
        if document_id is None:
            return None
        document = self.documents.get(document_id)
        if document is None or document.get(field) != value:  # without a lock: it changed meanwhile
            return None
        return document_id, document

    def group(self, name: str, value: Any) -> Group:
        """Return the documents of a group by its value."""
        return self.groups[name].get(value, NOBODY)

    def _set(
        self,
        document_id: int,
        before: Document | None,
        after: Document | None,
        old: list[Any] | None,
        new: list[Any] | None,
    ) -> None:
        if old is None and new is not None:
            for groups, value in zip(self.groups.values(), new, strict=True):
                if (group := groups.get(value)) is None:
                    group = groups[value] = Group()
                group.add(document_id)
        else:
            self._move(document_id, old, new)
        for field, index in self.indexes.items():
            if before is not None and (value := before.get(field)) is not None:
                index.pop(value, None)
            if after is not None and (value := after.get(field)) is not None:
                index[value] = document_id
        if self._part_of is not None:
            if before is not None:
                self._count(before, -1)
            if after is not None:
                self._count(after, 1)
        if after is None:
            self.documents.pop(document_id, None)
        else:
            self.documents[document_id] = after

    def _count(self, document: Document, count: int) -> None:
        if (part := self._part_of(document)) is not None:  # type: ignore[misc]
            self.sizes[part] += count
            if not self.sizes[part]:
                del self.sizes[part]

    def _move(self, document_id: int, old: list[Any] | None, new: list[Any] | None) -> None:
        """Let a document that was grouped by old values be so by new ones, if there are any."""
        for position, name in enumerate(self.groups):
            if old is not None and (new is None or old[position] != new[position]):
                self._part(name, old[position], document_id)
            if new is not None and (old is None or old[position] != new[position]):
                self._join(name, new[position], document_id)

    def _join(self, name: str, value: Any, document_id: int) -> None:
        groups = self.groups[name]
        group = groups.get(value)
        if group is None:
            group = groups[value] = Group()
        group.add(document_id)

    def _part(self, name: str, value: Any, document_id: int) -> None:
        group = self.groups[name][value]
        group.discard(document_id)
        if not group.ids:
            del self.groups[name][value]


def _field(name: str) -> Callable[[Document], Any]:
    return lambda document: document.get(name)


States = dict[str, TableState]
"""Tables by name."""
