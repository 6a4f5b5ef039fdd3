"""A roll as a spreadsheet saves it: CSV in any usual encoding, with commas, semicolons or tabs."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.cells import unguard
from schemas.encodings import decode
from schemas.rooms import COLUMN_LETTERS, COLUMNS, ROLL_ROWS
from schemas.strings import RESIDUE, read_line
from schemas.text import name_key, without_hidden
from schemas.validation import Fault, Faults, Invalid

WORD_LETTERS = 40
Row = tuple[str, dict[str, Any]]

_HEADERS = {  # the first word is the surest: of two columns for a field, the other stays free
    "name": ("name", "full name", "이름", "성명", "성함"),
    "email": ("email", "e-mail", "email address", "이메일", "메일"),
    "ref": ("ref", "학번", "회원번호", "번호"),
    "role": ("role", "역할"),
}
FIELDS = tuple(_HEADERS)
MARKED = ("claimed", "checked_in")
"""Columns of a roll that was saved here; they are left out, for a file claims no row."""
_ROLES = {
    "host": ("host", "진행자", "의장", "호스트"),
    "voter": ("voter", "투표자", "회원", "유권자"),
    "observer": ("observer", "참관인", "참관자"),
}
_ROLE_OF = {name_key(word): role for role, words in _ROLES.items() for word in words}
_SEPARATOR = re.compile('"?sep=([,;\t])"?\n', re.IGNORECASE)


class RollFile:
    """A file, whose header is read; `rows` reads the others one by one.

    `columns` has for each column what it is called and the field that it is: name, email, ref,
    role, "" for a free column, None for one that is left out.

    chosen: the names of the columns for fields, where the headers don't tell

    Raises `Invalid` for an encoding that isn't clear, and where no column has the names.
    """

    def __init__(
        self, raw: bytes, encoding: str | None = None, chosen: Mapping[str, str] | None = None
    ) -> None:
        decoded = decode(raw, encoding)
        self.encoding, self.guessed = decoded.encoding, decoded.guessed
        self._text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
        if "\0" in self._text:
            raise Invalid(Fault("", "bad_character"))
        declared = _SEPARATOR.match(self._text)
        self._above = 1 if declared else 0  # lines above the header
        start = declared.end() if declared else 0
        head = self._text[start:].partition("\n")[0]
        self._separator = declared[1] if declared else _separator_of(head)
        self._reader = csv.reader(
            io.StringIO(self._text[start:], newline=""),
            delimiter=self._separator,
            skipinitialspace=self._separator != "\t",
            strict=True,
        )
        line, names = next(self._records(), (1, []))
        self.columns = _columns(names, chosen or {}, line)

    def rows(self, faults: Faults) -> Iterator[Row]:
        """Yield each row after the name of the line where it begins, `line.3`.

        Empty cells are left out, empty lines passed over. Faults are of lines of more cells than
        columns. Raises `Invalid` for what is no CSV, and more rows than a roll has.
        """
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
        for (called, field), cell in zip(self.columns, cells, strict=False):
            if cell and field:
                row[field] = cell
            elif cell and field is not None:
                row.setdefault("columns", {})[called] = cell
        if "role" in row:
            row["role"] = _known(_ROLE_OF, row["role"]) or row["role"]
        return row

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each record's cells after the line where it begins."""
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
        """Return how many lines after a record's first the cell begins that never ends, or goes
        on after its closing quote.
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
    if counts["\t"]:
        return "\t"
    return ";" if counts[";"] > counts[","] else ","


def _cells(record: list[str]) -> list[str]:
    """Return a record's cells trimmed; spreadsheets pad it with empty ones, which go."""
    if not any(record):
        return []
    cells = [unguard(cell.strip(RESIDUE)) for cell in record]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _columns(
    names: list[str], chosen: Mapping[str, str], line: int
) -> list[tuple[str, str | None]]:
    called = _called(names)
    keys = [name_key(name) if len(name) <= WORD_LETTERS else "" for name in names]
    fields: dict[int, str | None] = {keys.index(each): None for each in MARKED if each in keys}
    faults = Faults()
    for field, words in _HEADERS.items():
        asked = [name_key(chosen[field])] if field in chosen else map(name_key, words)
        place = next((keys.index(key) for key in asked if key in keys), None)
        if place is not None:
            fields[place] = field
        elif field in chosen:
            faults.note((f"{field}_column",), "not_allowed")
    if "name" not in fields.values():
        faults.note(("line", line, "name"), "required")
    if len(called) - len(fields) > COLUMNS:
        faults.note(("line", line), "too_long", COLUMNS + len(fields))
    faults.check()
    return [(name, fields.get(place, "")) for place, name in enumerate(called)]


def _called(names: list[str]) -> list[str]:
    """Return what each column is called: its header, cut and told apart from one before it."""
    called: list[str] = []
    for position, name in enumerate(names, 1):
        line = without_hidden(str(read_line(name)))[:COLUMN_LETTERS].strip() or f"#{position}"
        called.append(line if line not in called else f"{line[: COLUMN_LETTERS - 5]} #{position}")
    return called


def _known(words: Mapping[str, str], word: str) -> str:
    """Return what a word stands for, "" for one that isn't known; a long one is not normalised."""
    return words.get(name_key(word), "") if len(word) <= WORD_LETTERS else ""
