"""A roll as a spreadsheet saves it: CSV in UTF-8 or in Korean Excel's CP949, commas or tabs."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from schemas.rooms import ROLL_ROWS
from schemas.text import fold
from schemas.validation import Fault, Faults, Invalid

WORD_LETTERS = 40
_HEADERS = {
    "name": ("name", "이름", "성명"),
    "email": ("email", "e-mail", "이메일", "메일"),
    "ref": ("ref", "학번", "회원번호", "번호"),
    "role": ("role", "역할"),
}
_ROLES = {
    "host": ("host", "진행자", "의장", "호스트"),
    "voter": ("voter", "투표자", "회원", "유권자"),
    "observer": ("observer", "참관인", "참관자"),
}
_FIELDS = {fold(word): field for field, words in _HEADERS.items() for word in words}
_ROLE_OF = {fold(word): role for role, words in _ROLES.items() for word in words}


def read_roll_csv(raw: bytes) -> tuple[list[tuple[str, dict[str, Any]]], Faults, str]:
    """Return the rows of a file, each with the line where it begins; faults; and its encoding.

    The first line names the columns. Empty cells are left out, empty lines passed over. Faults are
    of lines of more cells than columns: `line.3`, as its rows are called.

    Raises `Invalid` for bytes in neither encoding, unknown or missing columns, and more rows than
    a roll has.
    """
    text, encoding = _decode(raw)
    if "\0" in text:
        raise Invalid(Fault("", "bad_character"))
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    rows: list[tuple[str, dict[str, Any]]] = []
    faults, begins = Faults(), 1
    try:
        columns = _columns(_cells(next(reader, [])))
        begins = reader.line_num + 1
        for record in reader:
            begun, begins = begins, reader.line_num + 1
            if not (cells := _cells(record)):
                continue
            row = {field: cell for field, cell in zip(columns, cells, strict=False) if cell}
            if len(cells) > len(columns):
                faults.note(("line", begun), "too_long", len(columns))
                continue
            if "role" in row:
                row["role"] = _known(_ROLE_OF, row["role"]) or row["role"]
            rows.append((f"line.{begun}", row))
            if len(rows) > ROLL_ROWS:
                raise Invalid(Fault("rows", "too_long", ROLL_ROWS))
    except csv.Error as error:
        raise Invalid(Fault(f"line.{begins}", "not_csv")) from error
    return rows, faults, encoding


def _cells(record: list[str]) -> list[str]:
    """Return a record's cells trimmed; spreadsheets pad it with empty ones, which go."""
    if not any(record):
        return []
    cells = [cell.strip() for cell in record]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _decode(raw: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return raw.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise Invalid(Fault("", "not_text"))


def _columns(names: list[str]) -> list[str]:
    columns, faults = [], Faults()
    for position, name in enumerate(names):
        columns.append(_known(_FIELDS, name))
        if not columns[-1]:
            faults.note(("line", 1, position + 1), "unknown_field")
    if "name" not in columns:
        faults.note(("line", 1, "name"), "required")
    if any(columns.count(field) > 1 for field in _HEADERS):
        faults.note(("line", 1), "duplicate")
    faults.check()
    return columns


def _known(words: Mapping[str, str], word: str) -> str:
    """Return what a word stands for, "" for one that isn't known; a long one is not normalised."""
    return words.get(fold(word), "") if len(word) <= WORD_LETTERS else ""
