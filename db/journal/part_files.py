"""A part on the disk: its files, what begins them, and what of them counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.journal import files
from db.journal.documents import as_document
from db.journal.format import Header, Journal, Transaction, encode
from db.journal.run_writing import Merge, TagOf
from db.journal.runs import Run
from db.journal.snapshot import RESERVED

Place = tuple[str, Any]
"""A table, and the value that its rule computes."""


@dataclass(frozen=True)
class FoundPart:
    """A part as its files hold it.

    journal: the lines that count
    documents: those after them; of a filed part what they change, None for what they remove
    run: the run that they continue
    lined: whether there is a file of lines
    adopted: what the run is to be made of, because its documents were elsewhere
    tag: computes its documents' tags
    filed: whether it is a part of a filed table
    """

    id: int
    place: Place
    journal: Journal
    documents: dict[int, Any]
    run: Run | None = None
    lined: bool = True
    adopted: Merge | None = None
    tag: TagOf | None = None
    filed: bool = False


def part_path(path: Path, part: int) -> Path:
    """Return the file of lines of a part of the store at `path`."""
    return files.beside(path, f".part.{part}")


def run_path(path: Path, part: int) -> Path:
    """Return the file of a part's run."""
    return files.beside(path, f".part.{part}.run")


def rest_on(sequence: int) -> bytes:
    """Return the note in a part's batch that it counts only if the journal has another."""
    return encode({RESERVED: {"1": {"sequence": sequence}}})


def rests_on(batch: list[Transaction]) -> int:
    """Return without which batch of the journal this batch of a part doesn't count; 0 for none."""
    note = batch[-1].get(RESERVED) if batch else None
    return int((as_document(note[1]) or {})["sequence"]) if note else 0


def part_header(salt: str, base: int = 0) -> Header:
    """Return the first line of a part's file, which continues no snapshot.

    base: the part's last batch in its run
    """
    return Header(base, salt, 0, 0)
