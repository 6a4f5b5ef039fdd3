"""Runs: a part's documents in a file, of which blocks are read when needed; see `run_format`."""

import os
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from db.journal.documents import Document, read_document
from db.journal.errors import Corrupt
from db.journal.run_format import (
    BETWEEN,
    BLOCK,
    TOGETHER,
    TRAILER,
    Meta,
    head_of,
    tag_number,
    trailer_of,
    unpack,
)

RECENT = 16
"""Of so many runs without their ids in memory the block that was read last is."""
NOTHING = -1, b""
STRETCH_BYTES = 512 << 10
"""Blocks of about so many bytes are read at once, or fewer."""

Stretch = tuple["array[int]", list[bytes]]
"""Ids, ascending, and a line for each: `"17":{…}`."""


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
        if not told or trailer != trailer_of(self._at, told):
            raise Corrupt(f"{path} is damaged at its end")
        fields = msgspec.json.decode(told[5:-2])
        arrays = {"crcs": tuple(fields["crcs"]), "tags": tuple(fields.get("tags", ()))}
        self.meta = Meta(**{**fields, **arrays})
        self._handle: Handle | None = None
        self._index: tuple[array[int], array[int], array[int]] | None = None
        self._last: tuple[int, bytes] = NOTHING
        self._ids: array[int] | None = None
        self._tags: array[int] | None = None

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
        return read_document(line.removesuffix(b","))

    def ids(self) -> "array[int]":
        """Return the ids, ascending. Raises `Corrupt`."""
        return self._read_ids() if self._ids is None else self._ids

    def count_among(self, keys: Iterable[int]) -> int:
        """Return how many of some documents there are."""
        ids = self._ids
        if ids is None:
            return sum(len(self.between(key, key + 1)) for key in keys)
        count, place = 0, 0
        for key in sorted(keys):
            place = bisect_left(ids, key, place)
            count += place < len(ids) and ids[place] == key
        return count

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
        near = (_id_of(line) for block in blocks for line in _lines(self._block(block)))
        return [key for key in near if first <= key < end]

    def tagged(self, tag: str, *, keep: bool = False) -> Iterator[tuple[int, Document]]:
        """Yield the documents that have a tag with their ids, and seldom another. Raises `Corrupt`.

        It takes a read of 8 bytes for each document of the run.

        keep: keep what was read in memory, for the next time
        """
        number = tag_number(tag)
        tags = self._read_tags() if self._tags is None else self._tags
        if keep:
            self._tags = tags
        for place in range(bisect_left(tags, number << 32), len(tags)):
            found, at = divmod(tags[place], 1 << 32)
            if found != number:
                return
            line = _lines(self._block(at // BLOCK))[at % BLOCK]
            yield _id_of(line), document_of(line)

    @property
    def tags_kept(self) -> int:
        """How many tags are in memory."""
        return 0 if self._tags is None else len(self._tags)

    def stretches(self) -> Iterator[Stretch]:
        """Yield the lines of some blocks with their ids, in order. Raises `Corrupt`."""
        handle = self._handle or Handle(self.path)
        _, offsets, crcs = self._indexed(handle)
        ids = None if self.lenient else self._ids  # to read them all at once takes long
        last = 0
        while last < len(crcs):
            first, start = last, offsets[last]
            most = bisect_right(offsets, start + STRETCH_BYTES, first) - 1
            last = max(first + 1, min(first + TOGETHER, most))
            data = handle.read(start, offsets[last] - start)
            lines: list[bytes] = []
            for block in range(first, last):
                piece = data[offsets[block] - start : offsets[block + 1] - start]
                if zlib.crc32(piece) == crcs[block]:
                    lines += _lines(piece)
                elif not self.lenient:
                    raise self._damage(block)
            if ids is None:
                yield array("Q", map(_id_of, lines)), lines
            else:
                yield ids[first * BLOCK : last * BLOCK], lines

    def items(self) -> Iterator[tuple[int, Document]]:
        """Yield each document with its id, in order. Raises `Corrupt`."""
        for ids, lines in self.stretches():
            for key, line in zip(ids, lines, strict=True):
                yield key, document_of(line)

    def verify(self) -> None:
        """Verify every byte that counts. Raises `Corrupt`."""
        handle = Handle(self.path)
        starts, offsets, crcs = self._indexed(handle)
        ids, blocks = self._read_ids(), len(crcs)
        self._read_tags(handle)
        whole = len(ids) == self.meta.count and [*ids[::BLOCK]] == [*starts]
        edges = handle.read(0, offsets[0]), handle.read(offsets[-1], len(BETWEEN))
        if not whole or edges != (head_of(self.meta.table), BETWEEN):
            raise Corrupt(f"{self.path} is damaged")
        for first in range(0, blocks, TOGETHER):
            last = min(first + TOGETHER, blocks)
            data = memoryview(handle.read(offsets[first], offsets[last] - offsets[first]))
            for block in range(first, last):
                start, stop = offsets[block] - offsets[first], offsets[block + 1] - offsets[first]
                if zlib.crc32(data[start:stop]) != crcs[block]:
                    raise self._damage(block)

    def _block(self, block: int) -> bytes:
        last = self._last
        if last[0] == block:
            return last[1]
        handle = self._handle or Handle(self.path)
        _, offsets, crcs = self._indexed(handle)
        data = handle.read(offsets[block], offsets[block + 1] - offsets[block])
        if zlib.crc32(data) != crcs[block]:
            raise self._damage(block)
        self._last = block, data
        if self._ids is None:
            _forget_oldest(self)
        return data

    def _indexed(self, handle: Handle | None = None) -> "tuple[array[int], array[int], array[int]]":
        if self._index is None:
            read = self._line(1, handle or self._handle or Handle(self.path))
            crcs = unpack("I", read["crcs"])
            self._index = unpack("Q", read["starts"]), unpack("Q", read["offsets"]), crcs
        return self._index

    def _read_ids(self) -> "array[int]":
        return unpack("Q", self._line(0, self._handle or Handle(self.path))["ids"])

    def _read_tags(self, handle: Handle | None = None) -> "array[int]":
        if not self.meta.tags:
            return array("Q")
        start, crc = self.meta.tags
        line = self._checked(handle or self._handle or Handle(self.path), start, self._at[0], crc)
        return unpack("Q", line["tags"])

    def _line(self, number: int, handle: Handle) -> dict[str, str]:
        start, end = self._at[number : number + 2]
        return self._checked(handle, start, end, self.meta.crcs[number])

    def _checked(self, handle: Handle, start: int, end: int, crc: int) -> dict[str, str]:
        line = handle.read(start, end - start)
        if zlib.crc32(line) != crc:
            raise Corrupt(f"{self.path} is damaged at its end")
        fields: dict[str, str] = msgspec.json.decode(line[5:-2])
        return fields

    def _damage(self, block: int) -> Corrupt:
        first = block * BLOCK
        return Corrupt(f"{self.path} is damaged between its documents {first} and {first + BLOCK}")


_RECENT: deque[Run] = deque()


def _forget_oldest(latest: Run) -> None:
    """Note which run without its ids in memory was read last, and let the oldest's block go."""
    if latest in _RECENT:
        return
    if len(_RECENT) == RECENT:
        _RECENT.popleft()._last = NOTHING
    _RECENT.append(latest)


def document_of(line: bytes) -> Document:
    """Return the document of a line."""
    return read_document(line[line.index(b":") + 1 :])


def _id_of(line: bytes) -> int:
    return int(line[1 : line.index(b'"', 1)])


def _lines(block: bytes) -> list[bytes]:
    return block.removeprefix(b",")[1:].split(b",\n")
