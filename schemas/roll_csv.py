"""A roll as a spreadsheet saves it: CSV in UTF-8 or in Korean Excel's CP949, commas or tabs."""

import csv
import io
from typing import Any

from schemas.text import fold
from schemas.validation import Fault, Invalid

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


def read_roll_csv(raw: bytes) -> tuple[list[tuple[str, dict[str, Any]]], list[Fault], str]:
    """Return the rows of a file, each with the line where it begins; faults; and its encoding.

    The first line names the columns. Empty cells are left out, empty lines passed over. Faults are
    of lines of more cells than columns: `line.3`, as its rows are called.

    Raises `Invalid` for bytes in neither encoding, and unknown or missing columns.
    """
    text, encoding = _decode(raw)
    if "\0" in text:
        raise Invalid(Fault("", "bad_character"))
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    rows: list[tuple[str, dict[str, Any]]] = []
    faults: list[Fault] = []
    begins = 1
    try:
        columns = _columns(_cells(next(reader, [])))
        begins = reader.line_num + 1
        for record in reader:
            cells, line, begins = _cells(record), f"line.{begins}", reader.line_num + 1
            row = {field: cell for field, cell in zip(columns, cells, strict=False) if cell}
            if len(cells) > len(columns):
                faults.append(Fault(line, "too_long", len(columns)))
            elif row:
                if "role" in row:
                    row["role"] = _ROLE_OF.get(fold(row["role"]), row["role"])
                rows.append((line, row))
    except csv.Error as error:
        raise Invalid(Fault(f"line.{begins}", "not_csv")) from error
    return rows, faults, encoding


def _cells(record: list[str]) -> list[str]:
    """Return a record's cells trimmed; spreadsheets pad it with empty ones, which go."""
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
    columns = [_FIELDS.get(fold(name), "") for name in names]
    faults = [
        Fault(f"line.1.{position + 1}", "unknown_field")
        for position, column in enumerate(columns)
        if not column
    ]
    if "name" not in columns:
        faults.append(Fault("line.1.name", "required"))
    if any(columns.count(field) > 1 for field in _HEADERS):
        faults.append(Fault("line.1", "duplicate"))
    if faults:
        raise Invalid(*faults)
    return columns
