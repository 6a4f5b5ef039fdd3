"""A roll as a spreadsheet saves it: CSV in UTF-8 or in Korean Excel's CP949, commas or tabs."""

import csv
import io
from typing import Any

from schemas.text import fold
from schemas.validation import Fault, Invalid, check_value

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


def read_roll_csv(raw: bytes) -> tuple[list[dict[str, Any]], list[int], str]:
    """Return the rows of a file, their line numbers, and the encoding that it was in.

    The first line names the columns. Empty cells are left out, empty lines passed over.

    Raises `Invalid` for bytes in neither encoding, unknown or missing columns, and lines of
    more cells than columns, each named by its line.
    """
    text, encoding = _decode(raw)
    check_value(text)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",")
    try:
        columns = _columns(next(reader, []))
        rows, lines, faults = [], [], []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                faults.append(Fault(f"line.{reader.line_num}", "too_long", len(columns)))
                continue
            row = {field: cell.strip() for field, cell in zip(columns, cells, strict=False)}
            row = {field: cell for field, cell in row.items() if cell}
            if "role" in row:
                row["role"] = _ROLE_OF.get(fold(row["role"]), row["role"])
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise Invalid(Fault(f"line.{reader.line_num}", "not_csv")) from error
    if faults:
        raise Invalid(*faults)
    return rows, lines, encoding


def by_line(error: Invalid, lines: list[int]) -> Invalid:
    """Return the same faults with the lines of the file in the place of the rows' positions."""
    faults = []
    for fault in error.faults:
        step, _, rest = fault.field.removeprefix("rows.").partition(".")
        known = fault.field.startswith("rows.") and step.isdecimal() and int(step) < len(lines)
        field = f"line.{lines[int(step)]}.{rest}".rstrip(".") if known else fault.field
        faults.append(Fault(field, fault.code, fault.constraint))
    return Invalid(*faults)


def _decode(raw: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return raw.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise Invalid(Fault("", "not_text"))


def _columns(names: list[str]) -> list[str]:
    columns = [_FIELDS.get(fold(name.strip()), "") for name in names]
    faults = [
        Fault(f"line.1.{position + 1}", "unknown_field")
        for position, column in enumerate(columns)
        if not column
    ]
    if "name" not in columns:
        faults.append(Fault("line.1.name", "required"))
    if len(set(columns)) < len(columns):
        faults.append(Fault("line.1", "duplicate"))
    if faults:
        raise Invalid(*faults)
    return columns
