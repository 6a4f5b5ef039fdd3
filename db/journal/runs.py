"""Runs: the documents of a part in a file, sorted by id, of which blocks are read when needed.

    {
    "ballots": {
    "17":{…},
    "23":{…}
    },
    "_run": {
    "1": {"ids": …},
    "2": {"starts": …, "offsets": …, "crcs": …},
    "3": {"table": …, "sequence": …, "count": …, "counts": {…}, …},
    "4": {"at": […], "crc": …}}}

It is a TinyDB JSON file. Each block of 32 documents has a checksum. The last line has a fixed
length: it says where the others begin. Arrays are base64 of little-endian numbers.
"""

import os
import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from db.journal.documents import Document, settle
from db.journal.errors import Corrupt
from db.journal.format import encode

BLOCK = 32
TOGETHER = 64
"""How many blocks are read or written at once, where all are."""

SORTED_AT_ONCE = 4_000
PACKED_AT_ONCE = 30_000
"""A multiple of 3: base64 has no padding between slices."""

CountOf = Callable[[Document], Mapping[str, int]]
"""Computes what a document adds to the counts of its part."""


@dataclass(frozen=True)
class Meta:
    """What a run says of itself.

    table: of its documents
    sequence: the part's last batch in it
    rests: the journal's batch without which it does not count
    clean: whether the part had nothing more
    salt: of the part
    count: how many documents it has; counts: the sum of what they count
    crcs: of the first two lines after the documents
    """

    table: str
    sequence: int
    rests: int
    clean: bool
    salt: str
    count: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    crcs: tuple[int, int] = (0, 0)


class Handle:
    """An open file. It is closed when nobody reads from it any more."""

    __slots__ = ("_descriptor",)

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def read(self, start: int, size: int) -> bytes:
        """Return bytes of the file."""
        return os.pread(self._descriptor, size, start)

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)


class Merge:
    """Yields the lines of a run with the changes since; afterwards has their `counts`.

    changes: documents by id, None for one that was removed; they must not change meanwhile
    pause: called between slices of the sorting
    """

    def __init__(
        self,
        run: "Run | None",
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
                self.counts.subtract(self._count_of(_document(line)))
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
    """

    def __init__(
        self, source: Merge | Listed, meta: Meta, pause: Callable[[], None] = lambda: None
    ) -> None:
        self._head = _head(meta.table)
        self._source, self.meta, self._pause = source, meta, pause
        self.ids = array("Q")
        self._places, self._crcs = (0, 0, 0), (0, 0)

    def __iter__(self) -> Iterator[bytes]:
        yield from self.body()
        yield self.end()

    def body(self) -> Iterator[bytes]:
        """Yield all but what the run says of itself."""
        starts, offsets, crcs = array("Q"), array("Q"), array("I")
        at, out = len(self._head), [self._head]
        for first, block in _blocks(self._source, self.ids):
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
        end = b'\n},\n"_run": {\n'
        yield b"".join([*out, end])
        places, sums = [at + len(end)], []
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
        return told + _trailer(self._places, told)


class Run:
    """A run's file: what it says of itself is in memory. What else it holds is read when asked for.

    lenient: leave out damaged blocks

    Raises `Corrupt`.
    """

    def __init__(self, path: Path, *, lenient: bool = False) -> None:
        self.path, self.lenient = path, lenient
        self.size = path.stat().st_size
        handle = Handle(path)
        trailer = handle.read(max(0, self.size - TRAILER), TRAILER)
        self._at: tuple[int, ...] = (0, 0, 0)
        told = b""
        with suppress(ValueError, LookupError, TypeError, msgspec.MsgspecError):
            self._at = tuple(msgspec.json.decode(trailer[5:-3])["at"])
            told = handle.read(self._at[2], self.size - TRAILER - self._at[2])
        if not told or trailer != _trailer(self._at, told):
            raise Corrupt(f"{path} is damaged at its end")
        fields = msgspec.json.decode(told[5:-2])
        self.meta = Meta(**{**fields, "crcs": tuple(fields["crcs"])})
        self._handle: Handle | None = None
        self._index: tuple[array[int], array[int], array[int]] | None = None
        self._last: tuple[int, bytes] = (-1, b"")
        self._ids: array[int] | None = None

    def hold(self, ids: "array[int] | None" = None) -> None:
        """Keep the ids in memory and the file open: 8 bytes for each document. They are read, and
        every checksum is verified, unless the `ids` are given. Raises `Corrupt`.
        """
        if self._ids is not None:
            return
        if ids is None:
            self.verify()
            ids = self._read_ids()
        self._handle, self._ids = Handle(self.path), ids

    def release(self) -> None:
        """Keep no ids in memory, and the file open only while it is read."""
        self._ids = self._handle = None

    def opened(self) -> "Run":
        """Return a run whose file stays open, whatever becomes of its name."""
        if self._handle is not None:
            return self
        run = Run(self.path, lenient=self.lenient)
        run._handle = Handle(self.path)
        return run

    def get(self, key: int) -> Document | None:
        """Return a document; None if there is none. Raises `Corrupt`."""
        ids = self._ids
        if ids is None:
            block = bisect_right(self._indexed()[0], key) - 1
        else:
            place = bisect_left(ids, key)
            if place == len(ids) or ids[place] != key:
                return None
            block = place // BLOCK
        data = self._block(block) if block >= 0 else b""
        label = b'\n"%d":' % key
        start = data.find(label)
        if start < 0:
            return None
        end = data.find(b"\n", start + 1)
        line = data[start + len(label) : end if end > 0 else len(data)]
        return _document(line.removesuffix(b","))

    def between(self, first: int, end: int) -> list[int]:
        """Return the ids from `first` to before `end`, which are few."""
        ids = self._ids
        if ids is not None:
            place = last = bisect_left(ids, first)
            while last < len(ids) and ids[last] < end:
                last += 1
            return ids[place:last].tolist() if last > place else []
        starts = self._indexed()[0]
        blocks = range(max(0, bisect_right(starts, first) - 1), bisect_left(starts, end))
        near = (key for block in blocks for key, _ in _lines(self._block(block)))
        return [key for key in near if first <= key < end]

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each id with its document in JSON, in order. Raises `Corrupt`."""
        handle = self._handle or Handle(self.path)
        _, offsets, crcs = self._indexed(handle)
        for first in range(0, len(crcs), TOGETHER):
            last = min(first + TOGETHER, len(crcs))
            start = offsets[first]
            data = handle.read(start, offsets[last] - start)
            for block in range(first, last):
                piece = data[offsets[block] - start : offsets[block + 1] - start]
                if zlib.crc32(piece) == crcs[block]:
                    yield from _lines(piece)
                elif not self.lenient:
                    raise self._damage(block)

    def items(self) -> Iterator[tuple[int, Document]]:
        """Yield each document with its id, in order. Raises `Corrupt`."""
        return ((key, _document(line)) for key, line in self.lines())

    def verify(self) -> None:
        """Verify every byte that counts. Raises `Corrupt`."""
        handle = Handle(self.path)
        starts, offsets, crcs = self._indexed(handle)
        ids, blocks = self._read_ids(), len(crcs)
        whole = len(ids) == self.meta.count and [*ids[::BLOCK]] == [*starts]
        head, end = _head(self.meta.table), b'\n},\n"_run": {\n'
        edges = handle.read(0, offsets[0]), handle.read(offsets[-1], len(end))
        if not whole or edges != (head, end):
            raise Corrupt(f"{self.path} is damaged")
        for first in range(0, blocks, TOGETHER):
            last = min(first + TOGETHER, blocks)
            data = memoryview(handle.read(offsets[first], offsets[last] - offsets[first]))
            for block in range(first, last):
                start, stop = offsets[block] - offsets[first], offsets[block + 1] - offsets[first]
                if zlib.crc32(data[start:stop]) != crcs[block]:
                    raise self._damage(block)

    def _block(self, block: int) -> bytes:
        if self._last[0] == block:
            return self._last[1]
        handle = self._handle or Handle(self.path)
        _, offsets, crcs = self._indexed(handle)
        data = handle.read(offsets[block], offsets[block + 1] - offsets[block])
        if zlib.crc32(data) != crcs[block]:
            raise self._damage(block)
        self._last = block, data
        return data

    def _indexed(self, handle: Handle | None = None) -> "tuple[array[int], array[int], array[int]]":
        if self._index is None:
            read = self._line(1, handle or self._handle or Handle(self.path))
            fields = {name: b64decode(text) for name, text in read.items()}
            crcs = _unpack("I", fields["crcs"])
            self._index = _unpack("Q", fields["starts"]), _unpack("Q", fields["offsets"]), crcs
        return self._index

    def _read_ids(self) -> "array[int]":
        return _unpack("Q", b64decode(self._line(0, self._handle or Handle(self.path))["ids"]))

    def _line(self, number: int, handle: Handle) -> dict[str, str]:
        line = handle.read(self._at[number], self._at[number + 1] - self._at[number])
        if zlib.crc32(line) != self.meta.crcs[number]:
            raise Corrupt(f"{self.path} is damaged at its end")
        fields: dict[str, str] = msgspec.json.decode(line[5:-2])
        return fields

    def _damage(self, block: int) -> Corrupt:
        first = block * BLOCK
        return Corrupt(f"{self.path} is damaged between its documents {first} and {first + BLOCK}")


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


def _lines(block: bytes) -> Iterator[tuple[int, bytes]]:
    for line in block.split(b"\n")[1:]:
        key, _, document = line.partition(b":")
        yield int(key[1:-1]), document.removesuffix(b",")


def _document(line: bytes) -> Document:
    document: dict[str, Any] = msgspec.json.decode(line)
    return settle(document)


def _head(table: str) -> bytes:
    return b"{\n%s: {" % encode(table)


def _trailer(at: tuple[int, ...], told: bytes) -> bytes:
    places = b"[%14d, %14d, %14d]" % at
    return b'"4": {"at": %s, "crc": %10d}}}\n' % (places, zlib.crc32(told + places))


TRAILER = len(_trailer((0, 0, 0), b""))


def _line(label: bytes, arrays: "Mapping[str, array[int]]") -> Iterator[bytes]:
    """Yield a line of arrays, in slices."""
    lead = b'"%s": {' % label
    for name, numbers in arrays.items():
        yield lead + b'"%s": "' % name.encode()
        for first in range(0, len(numbers), PACKED_AT_ONCE):
            yield _pack(numbers[first : first + PACKED_AT_ONCE])
        lead = b'", '
    yield b'"},\n'


def _pack(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return b64encode(numbers.tobytes())


def _unpack(kind: str, data: bytes) -> "array[int]":
    numbers = array(kind, data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
