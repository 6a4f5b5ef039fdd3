"""Writes runs: the documents of a part, from an earlier run with changes or new, in slices."""

import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from heapq import merge
from itertools import islice

from db.journal.documents import Document
from db.journal.format import encode
from db.journal.run_format import (
    BETWEEN,
    BLOCK,
    TOGETHER,
    Meta,
    document_of,
    head_of,
    pack,
    tag_number,
    trailer_of,
)
from db.journal.runs import Run

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
    pause: called between slices of the sorting
    """

    def __init__(
        self,
        run: Run | None,
        changes: Mapping[int, Document | None],
        count_of: CountOf,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._run, self._changes, self._count_of, self._pause = run, changes, count_of, pause
        self.counts = Counter[str]({} if run is None else run.meta.counts)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        left = _in_order(self._changes, self._pause)
        following = next(left, None)
        for key, line in self._run.lines() if self._run is not None else ():
            while following is not None and following < key:
                yield from self._new(following)
                following = next(left, None)
            if following == key:
                self.counts.subtract(self._count_of(document_of(line)))
                yield from self._new(key)
                following = next(left, None)
            else:
                yield key, line
        while following is not None:
            yield from self._new(following)
            following = next(left, None)

    def _new(self, key: int) -> Iterator[tuple[int, bytes]]:
        document = self._changes[key]
        if document is not None:
            self.counts.update(self._count_of(document))
            yield key, encode(document)


class Listed:
    """Yields the lines of new documents, which come with their ids, ascending; afterwards has their
    `counts`.
    """

    def __init__(self, documents: Iterable[tuple[int, Document]], count_of: CountOf) -> None:
        self._documents, self._count_of = documents, count_of
        self.counts = Counter[str]()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for key, document in self._documents:
            self.counts.update(self._count_of(document))
            yield key, encode(document)


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
        starts, offsets, crcs = array("Q"), array("Q"), array("I")
        at, out = len(self._head), [self._head]
        lines = self._source if self._tags is None else self._tags.noting(self._source)
        for first, block in _blocks(lines, self.ids):
            starts.append(first)
            offsets.append(at)
            crcs.append(zlib.crc32(block))
            at += len(block)
            out.append(block)
            if len(out) >= TOGETHER // 8:
                yield b"".join(out)
                out = []
                self._pause()
        offsets.append(at)
        yield b"".join([*out, BETWEEN])
        at += len(BETWEEN)
        if self._tags is not None:
            size = crc = 0
            for piece in self._tags:
                size, crc = size + len(piece), zlib.crc32(piece, crc)
                yield piece
                self._pause()
            self.meta = replace(self.meta, tags=(at, crc))
            at += size
        places, sums = [at], []
        for line in (
            _line(b"1", {"ids": self.ids}),
            _line(b"2", {"starts": starts, "offsets": offsets, "crcs": crcs}),
        ):
            size = crc = 0
            for piece in line:
                size, crc = size + len(piece), zlib.crc32(piece, crc)
                yield piece
                self._pause()
            places.append(places[-1] + size)
            sums.append(crc)
        self._places, self._crcs = (places[0], places[1], places[2]), (sums[0], sums[1])

    def end(self) -> bytes:
        """Return the rest, after the body."""
        counts = {key: count for key, count in sorted(self._source.counts.items()) if count}
        meta = replace(self.meta, count=len(self.ids), counts=counts, crcs=self._crcs)
        told = b'"3": %s,\n' % encode(asdict(meta))
        return told + trailer_of(self._places, told)


class _Tags:
    """The tags of a run's documents. Each becomes a number: the tag's, and which document has it.
    They are yielded as the line 0, sorted.
    """

    def __init__(self, tag_of: TagOf) -> None:
        self._tag_of = tag_of
        self._piles: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))

    def noting(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """Yield lines, and note their tags."""
        for place, (key, line) in enumerate(lines):
            tag = self._tag_of(document_of(line))
            if tag is not None:
                number = tag_number(tag)
                self._piles[number >> PILE_BITS].append(number << 32 | place)
            yield key, line

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


def _blocks(source: Iterable[tuple[int, bytes]], ids: "array[int]") -> Iterator[tuple[int, bytes]]:
    """Yield blocks, each with its first id; note all `ids`. A comma precedes all but the first."""
    lines: list[bytes] = []
    lead = b""
    for key, line in source:
        if len(lines) == BLOCK:
            yield ids[-BLOCK], b"".join(lines)
            lines.clear()
        lines.append(b'%s\n"%d":%s' % (lead, key, line))
        ids.append(key)
        lead = b","
    if lines:
        yield ids[-len(lines)], b"".join(lines)


def _line(label: bytes, arrays: "Mapping[str, array[int]]") -> Iterator[bytes]:
    """Yield a line of arrays, in slices."""
    lead = b'"%s": {' % label
    for name, numbers in arrays.items():
        yield lead + b'"%s": "' % name.encode()
        for first in range(0, len(numbers), PACKED_AT_ONCE):
            yield pack(numbers[first : first + PACKED_AT_ONCE])
        lead = b'", '
    yield b'"},\n'
