"""Writes runs: the documents of a part, from an earlier run with changes or new, in slices."""

import zlib
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from heapq import merge
from itertools import chain, islice

from db.journal.documents import Document, Stored, as_document
from db.journal.format import encode
from db.journal.run_format import BETWEEN, BLOCK, Meta, head_of, pack, tag_number, trailer_of
from db.journal.runs import Run, Stretch, document_of

SLICE = 256
"""So many new documents are written at once."""
SORTED_AT_ONCE = 4_000
PACKED_AT_ONCE = 30_000
"""A multiple of 3: base64 has no padding between slices."""
TAGS_AT_ONCE, PILE_BITS = 3_000, 20
"""So many tags are sorted at once, from piles of those whose upper bits are the same."""

CountOf = Callable[[Document], Mapping[str, int]]
"""Computes what a document adds to the counts of its part."""
TagOf = Callable[[Document], str | None]
"""Computes a document's tag; None if it has none."""


class Merge:
    """Yields the lines of a run with the changes since; afterwards has their `counts`.

    changes: documents by id, None for one that was removed; they must not change meanwhile
    pause: called after each few changes
    """

    def __init__(
        self,
        run: Run | None,
        changes: Mapping[int, Stored],
        count_of: CountOf,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._run, self._changes, self._count_of, self._pause = run, changes, count_of, pause
        self.counts = Counter[str]({} if run is None else run.meta.counts)

    def __iter__(self) -> Iterator[Stretch]:
        left = _in_order(self._changes, self._pause)
        following, added = next(left, None), 0
        for stretch in self._run.stretches() if self._run is not None else ():
            ids, lines = stretch
            if following is None or following > ids[-1]:
                yield stretch
                continue
            merged, place = Slice(), 0
            while following is not None and following <= ids[-1]:
                at = bisect_left(ids, following, place)
                merged.ids.extend(ids[place:at])
                merged.lines += lines[place:at]
                place = at
                if ids[at] == following:
                    self.counts.subtract(self._count_of(document_of(lines[at])))
                    place += 1
                self._add(following, merged)
                following = next(left, None)
                added += 1
                if added % BLOCK == 0:
                    self._pause()
                if added % SLICE == 0:
                    yield merged.ids, merged.lines
                    merged = Slice()
            merged.ids.extend(ids[place:])
            merged.lines += lines[place:]
            yield merged.ids, merged.lines
        rest = chain(() if following is None else (following,), left)
        while some := list(islice(rest, SLICE)):
            merged = Slice()
            for number, key in enumerate(some):
                self._add(key, merged)
                if number % BLOCK == 0:
                    self._pause()
            yield merged.ids, merged.lines

    def _add(self, key: int, merged: "Slice") -> None:
        stored = self._changes[key]
        document = as_document(stored)
        if document is not None:
            self.counts.update(self._count_of(document))
            merged.add(key, encode(stored))


class Listed:
    """Yields the lines of new documents, which come with their ids, ascending; afterwards has their
    `counts`. `pause` is called after each few.
    """

    def __init__(
        self,
        documents: Iterable[tuple[int, Document]],
        count_of: CountOf,
        pause: Callable[[], None],
    ) -> None:
        self._documents, self._count_of, self._pause = documents, count_of, pause
        self.counts = Counter[str]()

    def __iter__(self) -> Iterator[Stretch]:
        made = Slice()
        for key, document in self._documents:
            self.counts.update(self._count_of(document))
            made.add(key, encode(document))
            if len(made.lines) % BLOCK == 0:
                self._pause()
            if len(made.lines) == SLICE:
                yield made.ids, made.lines
                made = Slice()
        yield made.ids, made.lines


class Slice:
    """Lines that are being gathered."""

    def __init__(self) -> None:
        self.ids = array("Q")
        self.lines: list[bytes] = []

    def add(self, key: int, document: bytes) -> None:
        """Add a document in JSON."""
        self.ids.append(key)
        self.lines.append(b'"%d":%s' % (key, document))


class RunWriter:
    """Yields a run's bytes in slices; afterwards has its `ids`. `pause` is called after each.

    meta: may be replaced before the `end` is asked for
    tag_of: computes the documents' tags; None if they have none
    """

    def __init__(
        self,
        source: Merge | Listed,
        meta: Meta,
        pause: Callable[[], None] = lambda: None,
        tag_of: TagOf | None = None,
    ) -> None:
        self._head = head_of(meta.table)
        self._source, self.meta, self._pause = source, meta, pause
        self.ids = array("Q")
        self._tags = None if tag_of is None else _Tags(tag_of)
        self._places, self._crcs = (0, 0, 0), (0, 0)

    def __iter__(self) -> Iterator[bytes]:
        yield from self.body()
        yield self.end()

    def body(self) -> Iterator[bytes]:
        """Yield all but what the run says of itself."""
        tags, blocks = self._tags, _Blocks(self._head, self.ids)
        source = iter(self._source) if tags is None else tags.noting(self._source, self._pause)
        for piece in blocks.made_of(source):
            yield piece
            self._pause()
        at = blocks.size
        if tags is not None:
            size, crc = yield from self._summed(tags)
            self.meta = replace(self.meta, tags=(at, crc))
            at += size
        ids, ids_crc = yield from self._summed(_line(b"1", {"ids": self.ids}))
        index, index_crc = yield from self._summed(_line(b"2", blocks.index()))
        self._places, self._crcs = (at, at + ids, at + ids + index), (ids_crc, index_crc)

    def _summed(self, pieces: Iterable[bytes]) -> Generator[bytes, None, tuple[int, int]]:
        """Yield the pieces of a line; return its size and checksum."""
        size = crc = 0
        for piece in pieces:
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            yield piece
            self._pause()
        return size, crc

    def end(self) -> bytes:
        """Return the rest, after the body."""
        counts = {key: count for key, count in sorted(self._source.counts.items()) if count}
        meta = replace(self.meta, count=len(self.ids), counts=counts, crcs=self._crcs)
        told = b'"3": %s,\n' % encode(asdict(meta))
        return told + trailer_of(self._places, told)


class _Blocks:
    """The documents of a run, in blocks. A comma precedes all but the first.

    size: of the head and the blocks, in bytes, and of what follows them
    """

    def __init__(self, head: bytes, ids: "array[int]") -> None:
        self._head, self._ids, self.size = head, ids, len(head)
        self._starts, self._offsets, self._crcs = array("Q"), array("Q"), array("I")

    def made_of(self, source: Iterable[Stretch]) -> Iterator[bytes]:
        """Yield the head, blocks of the lines, and what follows; note all ids."""
        left, out = list[bytes](), [self._head]
        for ids, lines in source:
            self._ids.extend(ids)
            left += lines
            whole = len(left) - len(left) % BLOCK
            first = len(self._ids) - len(left)
            out += [self._block(first + at, left[at : at + BLOCK]) for at in range(0, whole, BLOCK)]
            del left[:whole]
            yield b"".join(out)
            out = []
        if left:
            out.append(self._block(len(self._ids) - len(left), left))
        self._offsets.append(self.size)
        self.size += len(BETWEEN)
        yield b"".join([*out, BETWEEN])

    def _block(self, first: int, lines: list[bytes]) -> bytes:
        block = (b",\n" if first else b"\n") + b",\n".join(lines)
        self._starts.append(self._ids[first])
        self._offsets.append(self.size)
        self._crcs.append(zlib.crc32(block))
        self.size += len(block)
        return block

    def index(self) -> "dict[str, array[int]]":
        """Return where the blocks are."""
        return {"starts": self._starts, "offsets": self._offsets, "crcs": self._crcs}


class _Tags:
    """The tags of a run's documents. Each becomes a number: the tag's, and which document has it.
    They are yielded as the line 0, sorted.
    """

    def __init__(self, tag_of: TagOf) -> None:
        self._tag_of = tag_of
        self._piles: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))

    def noting(self, source: Iterable[Stretch], pause: Callable[[], None]) -> Iterator[Stretch]:
        """Yield lines, and note their tags, with pauses."""
        place = 0
        for stretch in source:
            for line in stretch[1]:
                tag = self._tag_of(document_of(line))
                if tag is not None:
                    number = tag_number(tag)
                    self._piles[number >> PILE_BITS].append(number << 32 | place)
                place += 1
                if place % BLOCK == 0:
                    pause()
            yield stretch

    def __iter__(self) -> Iterator[bytes]:
        yield b'"0": {"tags": "'
        tags = array("Q")
        for pile in sorted(self._piles):
            tags.extend(sorted(self._piles.pop(pile)))
            while len(tags) >= TAGS_AT_ONCE:
                yield pack(tags[:TAGS_AT_ONCE])
                del tags[:TAGS_AT_ONCE]
        yield pack(tags) + b'"},\n'


def _in_order(numbers: Iterable[int], pause: Callable[[], None]) -> Iterator[int]:
    """Yield numbers, ascending. They are sorted in slices."""
    left, pieces = iter(numbers), list[list[int]]()
    while piece := sorted(islice(left, SORTED_AT_ONCE)):
        if pieces:
            pause()
        pieces.append(piece)
    return merge(*pieces)


def _line(label: bytes, arrays: "Mapping[str, array[int]]") -> Iterator[bytes]:
    """Yield a line of arrays, in slices."""
    lead = b'"%s": {' % label
    for name, numbers in arrays.items():
        yield lead + b'"%s": "' % name.encode()
        for first in range(0, len(numbers), PACKED_AT_ONCE):
            yield pack(numbers[first : first + PACKED_AT_ONCE])
        lead = b'", '
    yield b'"},\n'
