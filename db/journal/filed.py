"""Filed tables: each document is in a part that its id names, and is read when it is asked for.

The upper bits of an id are the number of its part, the lower ones come from the document. So one is
found without an index. In memory there is what has changed since a part's run was written and, of a
part in which documents are still looked for, 8 bytes for each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from db.journal.documents import Change, Document, Stored, as_document
from db.journal.filed_part import NEAR, FiledPart, merged
from db.journal.format import encode
from db.journal.memory import TableState
from db.journal.run_writing import CountOf, TagOf
from db.journal.runs import Run

PLACE_BITS = 40
TAGS_KEPT = 1 << 20
"""So many tags stay in memory, about, once a document has been looked for by its tag: 8 MiB."""


@dataclass(frozen=True)
class Filing:
    """How a table is filed.

    number: computes in which part a document is, and a number below 2**40 that finds it there
    count: computes what it adds to the counts of its part
    rests: computes whether nothing is looked for in a part any more, from its number and the
    documents of the tables
    tag: computes a text by which documents are found in all parts, and None for those without; None
    if no document has one
    """

    number: Callable[[Document], tuple[int, int]]
    count: CountOf
    rests: Callable[[int, Callable[[str], Mapping[int, Document]]], bool]
    tag: TagOf | None = None


def first_id(place: int, number: int) -> int:
    """Return the first of the ids that a document may have."""
    return place << PLACE_BITS | min(number, (1 << PLACE_BITS) - NEAR)


def place_of(document_id: int) -> int:
    """Return in which part a document is."""
    return document_id >> PLACE_BITS


class FiledDocuments(MutableMapping[int, Document]):
    """The documents of a filed table by id, and the `strays`, which are in no part yet."""

    def __init__(self) -> None:
        self.parts: dict[int, FiledPart] = {}
        self.strays: MutableMapping[int, Document] = {}

    def __getitem__(self, key: int) -> Document:
        found: Document | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def get(self, key: int, default: Any = None) -> Any:
        part = self.parts.get(key >> PLACE_BITS)
        found = None if part is None else part.get(key)
        return self.strays.get(key, default) if found is None else found

    def __setitem__(self, key: int, document: Document) -> None:
        place = key >> PLACE_BITS
        part = self.parts.get(place) or self.begun(place)
        part.put(key, part.has(key), document)

    def __delitem__(self, key: int) -> None:
        self.parts[key >> PLACE_BITS].put(key, True, None)

    def begun(self, place: int) -> FiledPart:
        """Return a new part."""
        part = self.parts[place] = FiledPart()
        return part

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, int):
            return False
        part = self.parts.get(key >> PLACE_BITS)
        return (part is not None and part.has(key)) or key in self.strays

    def __len__(self) -> int:
        return sum(part.size for part in [*self.parts.values()]) + len(self.strays)

    def __iter__(self) -> Iterator[int]:
        return (key for key, _ in self.items())

    def items(self) -> Iterator[tuple[int, Document]]:  # type: ignore[override]
        """Yield the documents with their ids, those of one part after those of another."""
        for part in [*self.parts.values()]:
            yield from part.items()
        yield from self.strays.items()

    def values(self) -> Iterator[Document]:  # type: ignore[override]
        return (document for _, document in self.items())

    def near(self, first: int) -> list[int]:
        """Return the ids of documents from `first` on, among `NEAR`."""
        part = self.parts.get(first >> PLACE_BITS)
        return [] if part is None else part.near(first)

    def tagged(self, tag: str, tag_of: TagOf) -> list[int]:
        """Return the ids of the documents that have a tag, in all parts. Raises `Corrupt`.

        It takes a read of each part the first time. Then the tags of the first parts are in memory.
        """
        found, kept = list[int](), 0
        for part in [*self.parts.values()]:
            found += part.tagged(tag, tag_of, keep=kept < TAGS_KEPT)
            kept += 0 if part.run is None else part.run.tags_kept
        return found

    def tagged_in(self, place: int, tag: str, tag_of: TagOf) -> list[int]:
        """Return the ids of the documents of one part that have a tag. Raises `Corrupt`."""
        part = self.parts.get(place)
        if part is None:
            return []
        kept = sum(each.run.tags_kept for each in self.parts.values() if each.run is not None)
        return part.tagged(tag, tag_of, keep=kept < TAGS_KEPT)

    def durable(self, pending: Iterable[Change]) -> "Frozen":
        """Return the documents without the changes that are not durable yet, in order."""
        own = list(pending)
        parts = {place: (part.run, part.since()) for place, part in self.parts.items()}
        for change in reversed(own):
            key = change.document_id or 0
            if key >> PLACE_BITS in parts:  # else it is dropped as a whole
                parts[key >> PLACE_BITS][1][key] = change.before
        return Frozen([*parts.values()])


class Frozen:
    """The documents of a filed table as they were at a moment."""

    def __init__(self, parts: list[tuple[Run | None, dict[int, Stored]]]) -> None:
        self._parts = [(run and run.opened(), changes) for run, changes in parts]

    def items(self) -> Iterator[tuple[int, Document]]:
        """Yield them with their ids, once."""
        while self._parts:
            run, changes = self._parts.pop()
            yield from merged(run, changes)


class _Sizes:
    def __init__(self, documents: FiledDocuments) -> None:
        self._documents = documents

    def __getitem__(self, place: int) -> int:
        part = self._documents.parts.get(place)
        return 0 if part is None else part.size


class FiledState(TableState):
    """A filed table. Nothing but ids and parts finds its documents, and it issues no ids."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.filed = FiledDocuments()
        self.documents = self.filed
        self.sizes = _Sizes(self.filed)  # type: ignore[assignment]

    def load(self, documents: MutableMapping[int, Document]) -> None:
        self.present = True
        self.filed.strays = documents

    def reserve(self, document_id: int) -> None:
        """Do nothing."""

    def replay(self, changes: Mapping[int, Stored] | None) -> None:
        self.present = changes is not None
        if changes is None:
            self.filed.strays.clear()
        for key, stored in (changes or {}).items():
            document = as_document(stored)
            if document is None:
                self.filed.strays.pop(key, None)
            else:
                self.filed.strays[key] = document

    def build_indexes(self) -> None:
        """Do nothing."""

    def put(
        self, document_id: int, after: Document | None, _prepared: object = None
    ) -> Change | None:
        place = document_id >> PLACE_BITS
        part = self.filed.parts.get(place) or self.filed.begun(place)
        before = part.get(document_id)
        if before == after and encode(before) == encode(after):
            return None
        part.put(document_id, before is not None, after)
        return Change(self.name, document_id, before, after)

    def undo(self, change: Change) -> None:
        key = change.document_id
        if key is None:
            super().undo(change)
        else:
            part = self.filed.parts.get(key >> PLACE_BITS) or self.filed.begun(key >> PLACE_BITS)
            part.put(key, part.has(key), change.before)

    def free_id(self, first: int) -> int:
        """Return the first free id; only the first `NEAR` are found by `near`."""
        while len(taken := self.filed.near(first)) == NEAR:
            first += NEAR
        return next(key for key in range(first, first + NEAR) if key not in taken)


def as_filed(state: TableState) -> FiledState:
    """Return a table that is filed. Raises TypeError for another."""
    if not isinstance(state, FiledState):
        raise TypeError(f"{state.name} is not filed")
    return state
