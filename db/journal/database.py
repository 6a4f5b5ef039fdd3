"""TinyDB's own classes over the journaled storage: the same interface, in O(1) where possible.

The cost of look-ups by id and by a unique field, of inserts, and of updates and removals of known
documents doesn't grow with the table. There is no query cache, because callers may change the
documents that it would return.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, cast

from tinydb import TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from db.journal.documents import Document as Raw
from db.journal.documents import detach
from db.journal.storage import JournaledStorage


class Draft(MutableMapping[int, Raw]):
    """A table as an updater sees it: documents are copied when touched, and changes are
    collected.
    """

    def __init__(self, published: Mapping[int, Raw]) -> None:
        self._published = published
        self._touched: dict[int, Raw | None] = {}

    def __getitem__(self, document_id: int) -> Raw:
        if document_id not in self._touched:
            self._touched[document_id] = detach(self._published[document_id])
        document = self._touched[document_id]
        if document is None:
            raise KeyError(document_id)
        return document

    def __setitem__(self, document_id: int, document: Raw) -> None:
        self._touched[document_id] = document

    def __delitem__(self, document_id: int) -> None:
        if document_id not in self:
            raise KeyError(document_id)
        self._touched[document_id] = None

    def __contains__(self, document_id: object) -> bool:
        if document_id in self._touched:
            return self._touched[document_id] is not None
        return document_id in self._published

    def __iter__(self) -> Iterator[int]:
        yield from (key for key in self._published if key in self)
        yield from (
            key
            for key, document in self._touched.items()
            if document is not None and key not in self._published
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        self._touched = dict.fromkeys(self._published)

    def changes(self) -> list[tuple[int, Raw | None]]:
        """Return the touched documents; None for removed ones."""
        return list(self._touched.items())


class JournaledTable(Table):
    """A TinyDB table whose writes return once they are durable."""

    def __init__(
        self,
        storage: JournaledStorage,
        name: str,
        cache_size: int = 0,  # noqa: ARG002 (TinyDB's signature)
        persist_empty: bool = False,
    ) -> None:
        super().__init__(storage, name, cache_size=0)
        self._journal = storage
        if persist_empty:  # unlike TinyDB's, it leaves a table that is there as it is
            with storage.transaction():
                storage.create(name)

    def get(  # type: ignore[override]
        self,
        cond: QueryLike | None = None,
        doc_id: int | None = None,
        doc_ids: list[int] | None = None,
    ) -> Document | list[Document] | None:
        with self._journal.mutex:
            documents = self._journal.documents(self.name)
            if doc_id is not None:
                document = documents.get(doc_id)
                return None if document is None else self._given(doc_id, document)
            if doc_ids is not None:
                known = sorted(documents.keys() & set(doc_ids))
                return [self._given(document_id, documents[document_id]) for document_id in known]
            if cond is None:
                raise RuntimeError("You have to pass either cond or doc_id or doc_ids")
            match = next(self._matches(cond), None)
            return None if match is None else self._given(*match)

    def search(self, cond: QueryLike) -> list[Document]:
        with self._journal.mutex:
            return [self._given(*match) for match in self._matches(cond)]

    def insert(self, document: Mapping[str, Any]) -> int:
        if not isinstance(document, Mapping):
            raise ValueError("Document is not a Mapping")  # noqa: TRY004 (TinyDB's)
        with self._journal.transaction():  # the id is taken and used in one step
            if not isinstance(document, self.document_class):
                document_id = self._get_next_id()
            elif (document_id := document.doc_id) in self._journal.documents(self.name):
                raise ValueError(f"Document with ID {document_id} already exists")
            self._journal.put(self.name, document_id, dict(document))
        return document_id

    def update(
        self,
        fields: Mapping[str, Any] | Callable[[MutableMapping[str, Any]], None],
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
    ) -> list[int]:
        with self._journal.transaction():
            return super().update(fields, doc_ids=self._chosen(cond, doc_ids))

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        with self._journal.transaction():  # or two at once would both find nothing and insert
            return super().upsert(document, cond)

    def remove(
        self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None
    ) -> list[int]:
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._journal.transaction():
            return super().remove(doc_ids=self._chosen(cond, doc_ids))

    def __len__(self) -> int:
        return len(self._journal.documents(self.name))

    def __iter__(self) -> Iterator[Document]:
        with self._journal.mutex:
            rows = list(self._journal.documents(self.name).items())
        for document_id, document in rows:
            yield self._given(document_id, document)

    def _given(self, document_id: int, document: Raw) -> Document:
        return self.document_class(detach(document), self.document_id_class(document_id))

    def _chosen(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> Iterable[int]:
        if doc_ids is not None:
            return doc_ids
        if cond is not None:
            return [document_id for document_id, _ in self._matches(cond)]
        return list(self._journal.documents(self.name))

    def _matches(self, cond: QueryLike) -> Iterator[tuple[int, Raw]]:
        """Yield the documents that match, resolving `where(unique) == value` in O(1)."""
        match getattr(cond, "_hash", None):
            case ("==", (str() as field,), value) if value is not None and self._journal.is_unique(
                self.name, field
            ):
                found = self._journal.find(self.name, field, value)
                return iter(() if found is None else (found,))
        documents = self._journal.documents(self.name)
        return ((key, document) for key, document in documents.items() if cond(document))

    def _get_next_id(self) -> int:
        return self._journal.next_id(self.name)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return (self._journal.read() or {}).get(self.name, {})  # type: ignore[return-value]

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._journal.transaction():
            draft = Draft(self._journal.documents(self.name))
            updater(draft)
            self._journal.create(self.name)
            for document_id, document in draft.changes():
                self._journal.put(self.name, document_id, document)


class JournaledTinyDB(TinyDB):
    """A TinyDB of a snapshot and a journal; its options are those of `JournaledStorage`."""

    table_class = JournaledTable  # type: ignore[assignment]
    default_storage_class = JournaledStorage  # type: ignore[assignment]

    @property
    def storage(self) -> JournaledStorage:
        return cast(JournaledStorage, super().storage)

    def transaction(self) -> AbstractContextManager[None]:
        """Write to several tables in one step; see `JournaledStorage.transaction`."""
        return self.storage.transaction()

    def compact(self) -> None:
        """Compact the journal into the JSON file; see `JournaledStorage.compact`."""
        self.storage.compact()

    def tables(self) -> set[str]:
        return self.storage.names()

    def drop_table(self, name: str) -> None:
        with self.transaction():
            if name in self.tables():
                self.storage.drop(name)
        super().drop_table(name)
