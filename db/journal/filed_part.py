"""A part of a filed table: the documents of a run, and what has changed since it was written."""

from collections import Counter
from collections.abc import Iterable, Iterator

from db.journal.documents import Change, Document, Stored, as_document
from db.journal.run_writing import CountOf, TagOf
from db.journal.runs import Run

NEAR = 4
"""Among how many ids a document is looked for: it gets the first of them that is free."""


class FiledPart:
    """The documents of a part: a run, and on it the changes since.

    changes: documents by id, None for one that was removed; those that opening has read are
    in JSON yet
    folding: those that are being written into a new run
    """

    __slots__ = ("changes", "folding", "run", "size")

    def __init__(self, run: Run | None = None, changes: dict[int, Stored] | None = None) -> None:
        self.run = run
        self.changes: dict[int, Stored] = changes or {}
        self.folding: dict[int, Stored] = {}
        self.size = sum(each is not None for each in self.changes.values())
        if run is not None:
            self.size += run.meta.count - run.count_among(self.changes)

    def get(self, key: int) -> Document | None:
        """Return a document; None if there is none. Raises `Corrupt`."""
        for changed in (self.changes, self.folding):
            if key in changed:
                return as_document(changed[key])
        return None if self.run is None else self.run.get(key)

    def has(self, key: int) -> bool:
        """Return whether there is a document."""
        for changed in (self.changes, self.folding):
            if key in changed:
                return changed[key] is not None
        return self.run is not None and bool(self.run.between(key, key + 1))

    def put(self, key: int, had: bool, document: Document | None) -> None:
        """Store a document, or remove it. had: whether there is one."""
        self.size += (document is not None) - had
        self.changes[key] = document

    def near(self, first: int) -> list[int]:
        """Return the ids of documents from `first` on, among `NEAR`."""
        keys = range(first, first + NEAR)
        if self.folding or not self.changes.keys().isdisjoint(keys):
            return [key for key in keys if self.has(key)]
        return [] if self.run is None else self.run.between(first, first + NEAR)

    def tagged(self, tag: str, tag_of: TagOf, *, keep: bool = False) -> list[int]:
        """Return the ids of the documents that have a tag. Raises `Corrupt`.

        keep: keep the tags of its run in memory
        """
        found = self.since()
        for key, document in () if self.run is None else self.run.tagged(tag, keep=keep):
            found.setdefault(key, document)
        decoded = ((key, as_document(each)) for key, each in found.items())
        return sorted(key for key, each in decoded if each and tag_of(each) == tag)

    def ids(self) -> list[int]:
        """Return the ids of the documents, ascending. Raises `Corrupt`."""
        since = self.since()
        kept = [] if self.run is None else [key for key in self.run.ids() if key not in since]
        return sorted([*kept, *(key for key, document in since.items() if document is not None)])

    def since(self) -> dict[int, Stored]:
        """Return what has changed since the run."""
        return self.folding | self.changes

    def items(self) -> Iterator[tuple[int, Document]]:
        """Yield the documents as they are now, whatever is changed meanwhile."""
        return merged(self.run, self.since())

    def counts(self, count_of: CountOf) -> Counter[str]:
        """Return what the documents count together."""
        counts = Counter[str]({} if self.run is None else self.run.meta.counts)
        for key, stored in self.since().items():
            document = as_document(stored)
            before = None if self.run is None else self.run.get(key)
            if before is not None:
                counts.subtract(count_of(before))
            if document is not None:
                counts.update(count_of(document))
        return counts

    def freeze(self, pending: Iterable[Change]) -> dict[int, Stored]:
        """Begin to fold: return what has durably changed since the run, for a new one.

        pending: the changes of the part's documents that are not durable yet, in order
        """
        durable, own = dict(self.changes), list(pending)
        for change in reversed(own):
            durable[change.document_id or 0] = change.before
        kept = {key: self.changes[key] for each in own if (key := each.document_id or 0)}
        self.folding, self.changes = durable, kept
        return durable

    def thaw(self, run: Run | None = None) -> None:
        """End folding, with the new run if there is one."""
        if run is None:
            self.changes = self.since()
        else:
            self.run = run
        self.folding = {}

    def begin_anew(self) -> None:
        """Forget the run, whose file was dropped, and what was removed from it."""
        self.run = None
        self.changes = {key: each for key, each in self.since().items() if each is not None}
        self.folding = {}


def merged(run: Run | None, changes: dict[int, Stored]) -> Iterator[tuple[int, Document]]:
    """Yield the documents of a run with changes, which it takes for itself."""
    for key, document in () if run is None else run.items():
        if key not in changes:
            yield key, document
        elif (changed := as_document(changes.pop(key))) is not None:
            yield key, changed
    for key, stored in changes.items():
        if (changed := as_document(stored)) is not None:
            yield key, changed
