"""Reads a roll as spreadsheets save it: CSV in any usual encoding, with any usual separator."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.cells import unguard
from schemas.encodings import decode
from schemas.file_kinds import require_plain
from schemas.roll_columns import NO_CHOICE, WORD_LETTERS, Choice, read_columns
from schemas.rooms import ROLL_ROWS
from schemas.strings import RESIDUE
from voting.faults import Fault, Faults, Invalid
from voting.text import name_key

SEPARATORS = {",": ",", ";": ";", "|": "|", "\t": "\t", "\\t": "\t"}
"""The separator of cells for each value of a line `sep=`."""
Row = tuple[str, dict[str, Any]]

_ROLES = {
    "host": ("host", "진행자", "의장", "호스트"),
    "voter": ("voter", "투표자", "회원", "유권자"),
    "observer": ("observer", "참관인", "참관자"),
}
_ROLE_OF = {name_key(word): role for role, words in _ROLES.items() for word in words}
_SEPARATOR = re.compile(r'"?sep=(?:(\\t|[^\n"])"?[,;|\t ]*|"?)(?:\n|\Z)', re.IGNORECASE)


class RollFile:
    """A roll file. Its header is read at once; `rows` reads the rest row by row.

    chosen: the columns that the host chose for fields

    Raises `Invalid` if the file is not text, its encoding is unclear, or it declares an unknown
    separator.
    """

    def __init__(self, raw: bytes, encoding: str | None = None, chosen: Choice = NO_CHOICE) -> None:
        require_plain(raw)
        decoded = decode(raw, encoding)
        self.encoding, self.guessed = decoded.encoding, decoded.guessed
        self._text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in self._text:
            raise Invalid(Fault("", "bad_character"))
        declared = _SEPARATOR.match(self._text)
        self._above = 1 if declared else 0  # lines above the header
        start = declared.end() if declared else 0
        head = self._text[start:].lstrip("\n").partition("\n")[0]
        self._separator = _declared(declared[1]) if declared else _separator_of(head)
        self._reader = csv.reader(
            io.StringIO(self._text[start:], newline=""),
            delimiter=self._separator,
            skipinitialspace=self._separator != "\t",
            strict=True,
        )
        records = self._records()
        line, names = next(((line, names) for line, names in records if names), (1, []))
        self._faults = Faults()
        self.columns = read_columns(names, chosen, line, self._faults)

    def rows(self, faults: Faults) -> Iterator[Row]:
        """Yield each row, preceded by the name of its first line, such as `line.3`.

        Empty cells are left out, and empty lines are skipped. Lines with more cells than columns
        are noted as faults. Raises `Invalid` for malformed CSV, for more rows than a roll may have,
        and if no column has the names.
        """
        self._faults.check()
        count = 0
        for line, cells in self._records():
            if not cells:
                continue
            if len(cells) > len(self.columns):
                faults.note(("line", line), "too_long", len(self.columns))
                continue
            count += 1
            if count > ROLL_ROWS:
                raise Invalid(Fault("rows", "too_long", ROLL_ROWS))
            yield f"line.{line}", self._row(cells)

    def _row(self, cells: list[str]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for column, cell in zip(self.columns, cells, strict=False):
            if cell and column.field:
                row[column.field] = cell
            elif cell and not column.ignored:
                row.setdefault("columns", {})[column.called] = cell
        if "role" in row:
            row["role"] = _known(_ROLE_OF, row["role"]) or row["role"]
        return row

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each record's first line, and its cells."""
        while True:
            begins = self._reader.line_num + 1 + self._above
            try:
                record = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                line = begins + self._lines_to_fault(begins)
                raise Invalid(Fault(f"line.{line}", "not_csv")) from error
            yield begins, _cells(record)

    def _lines_to_fault(self, begins: int) -> int:
        """Return how many lines after the first line of a record the malformed cell begins: one
        that is never closed, or goes on after its closing quote.
        """
        rest = self._text.split("\n", begins - 1)[-1]
        ends = f"{self._separator}\n"
        sound = re.compile(rf' *+"[^"]*+(?:""[^"]*+)*+"(?=[{ends}]|\Z)|(?! *+")[^{ends}]*+')
        place = 0
        while (cell := sound.match(rest, place)) and rest[cell.end() : cell.end() + 1] not in "\n":
            place = cell.end() + 1
        return rest.count("\n", 0, place)


def _separator_of(head: str) -> str:
    counts = Counter(re.sub('"[^"]*"', "", head))
    return "\t" if counts["\t"] else max(",;|", key=lambda each: counts[each])


def _declared(word: str | None) -> str:
    separator = SEPARATORS.get((word or "").lower())
    if separator is None:
        raise Invalid(Fault("line.1", "separator"))
    return separator


def _cells(record: list[str]) -> list[str]:
    """Return a record's cells trimmed; spreadsheets pad it with empty ones, which go."""
    if not any(record):
        return []
    cells = [unguard(cell.strip(RESIDUE)) for cell in record]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _known(words: Mapping[str, str], word: str) -> str:
    """Return what a word stands for, "" for one that isn't known; a long one is not normalised."""
    return words.get(name_key(word), "") if len(word) <= WORD_LETTERS else ""
