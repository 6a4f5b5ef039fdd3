"""The snapshot: a TinyDB JSON file with a reserved table `_journal` that says where it stands.

    {
    "users": {
    "1":{…},
    "2":{…}
    },
    "_journal": {"1": {"sequence": …, "folds": …, "clean": …, "next_ids": {…}, "crc": …}}}

A document a line, so that a million are read and written without holding the text. Any other
layout (TinyDB's own, an editor's) is read too.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from db.journal.documents import ByTable, Document, detach, settle
from db.journal.errors import Corrupt
from db.journal.format import encode

RESERVED = "_journal"
SLICE = 250  # documents encoded between two pauses: about a millisecond
_BEGINNING = b'{\n"'
_MARK = b'"_journal": {"1": '
_END = b"}}\n"

Tables = dict[str, MutableMapping[int, Document]]


@dataclass(frozen=True)
class Position:
    """The position of a snapshot.

    sequence: its last batch
    folds: the salt of the journal that it includes
    clean: whether that journal had nothing more
    next_ids: the next free id of each table
    """

    sequence: int = 0
    folds: str = ""
    clean: bool = True
    next_ids: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that was read. `intact`: every byte is as a store wrote it. `size` 0: no file.
    `written`: a store wrote it, though it may have been damaged or edited since.
    """

    tables: Tables
    position: Position
    intact: bool
    size: int
    crc: int
    written: bool = True


class Writer:
    """Yields a snapshot's bytes in slices of 250 documents; afterwards has their `size` and `crc`.

    `tables` must not change meanwhile. `pause` is called after each slice.

    rules: by table, a function whose value is None for the documents that belong in the snapshot
    """

    def __init__(
        self,
        tables: ByTable,
        position: Position,
        pause: Callable[[], None] = lambda: None,
        rules: Mapping[str, Callable[[Document], Any]] | None = None,
    ) -> None:
        self._tables = tables
        self.position = position
        self._pause = pause
        self._rules = rules or {}
        self.size = 0
        self.crc = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body():
            yield self._count(chunk)
            self._pause()
        yield self._count(_MARK + _seal(self.position, self.crc) + _END)

    def _body(self) -> Iterator[bytes]:
        yield b"{\n"
        for name, documents in self._tables.items():
            yield encode(name) + b": {\n"
            rule, entries = self._rules.get(name), iter(documents.items())
            separator = b""
            while some := list(islice(entries, SLICE)):
                lines = [
                    b'"%d":%s' % (document_id, encode(document))
                    for document_id, document in some
                    if rule is None or rule(document) is None
                ]
                yield separator + b",\n".join(lines) if lines else b""
                separator = b",\n" if lines else separator
            yield b"\n},\n" if separator else b"},\n"

    def _count(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        self.crc = zlib.crc32(chunk, self.crc)
        return chunk


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot, or any TinyDB JSON file. No file counts as an empty one.

    Raises `Corrupt`.
    """
    size = path.stat().st_size if path.exists() else 0
    if size == 0:
        return Snapshot({}, Position(), False, 0, 0, written=False)
    crc, sealed = _verify(path)
    try:
        if sealed is not None:
            return Snapshot(_read_lines(path), sealed, True, size, crc)
        text = path.read_bytes()
        tables = detach(json.loads(text))
        encode(tables)  # what could not be written back is refused now
        written = RESERVED in tables or text.startswith(_BEGINNING)  # damage may hit the name, too
        position = _position(tables.pop(RESERVED, {}).get("1", {}))
        numbered: Tables = {
            name: {int(document_id): document for document_id, document in table.items()}
            for name, table in tables.items()
        }
        for table in numbered.values():
            for document in table.values():
                document.keys()  # it is an object
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        misshapen = isinstance(error, AttributeError | TypeError)
        why = "it has no tables of documents by number" if misshapen else error
        raise Corrupt(f"{path} is not a TinyDB JSON file: {why}") from error
    return Snapshot(numbered, position, False, size, crc, written)


def _seal(position: Position, crc: int) -> bytes:
    fields = asdict(position)
    return encode({**fields, "crc": zlib.crc32(encode(fields), crc)})


def _position(fields: dict[str, Any]) -> Position:
    return Position(
        sequence=int(fields.get("sequence", 0)),
        folds=str(fields.get("folds", "")),
        clean=bool(fields.get("clean", True)),
        next_ids={name: int(taken) for name, taken in fields.get("next_ids", {}).items()},
    )


def _verify(path: Path) -> tuple[int, Position | None]:
    """Return the CRC of the file and, if its seal is valid, its position."""
    crc, seal, sealed = 0, b"", None
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_MARK):
                seal = line + file.read()
                break
            crc = zlib.crc32(line, crc)
    with suppress(ValueError, AttributeError, TypeError):
        position = _position(json.loads(seal[len(_MARK) : -len(_END)]))
        if seal == _MARK + _seal(position, crc) + _END:
            sealed = position
    return zlib.crc32(seal, crc), sealed


def _read_lines(path: Path) -> Tables:
    tables: Tables = {}
    lines: list[bytes] = []
    documents: dict[int, Document] = {}

    def parse() -> None:
        chunk = json.loads(b"{" + b"".join(lines).rstrip(b",\n") + b"}")
        documents.update((int(key), settle(document)) for key, document in chunk.items())
        lines.clear()

    with path.open("rb") as file:
        for line in file:
            if line.endswith(b": {\n"):
                documents = tables[json.loads(line[: -len(b": {\n")])] = {}
            elif line.startswith(b"}"):
                parse()
            elif line.startswith(_MARK):
                break
            elif line != b"{\n":
                lines.append(line)
                if len(lines) == SLICE:
                    parse()
    return tables
