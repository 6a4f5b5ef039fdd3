"""Tables for spreadsheets: CSV with a byte order mark and without formulas, and XLSX."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import gevent
import xlsxwriter
from flask import Response
from gevent.lock import BoundedSemaphore

from api.slices import join_slices
from schemas.cells import guard

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
_TEXT_ALONE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_turn = BoundedSemaphore()

Rows = Iterable[Sequence[Any]]


def csv_answer(header: Sequence[str], rows: Rows) -> Response:
    """Return a table as CSV, made in slices."""
    return Response(join_slices(_csv_lines(header, rows)), mimetype=CSV)


def xlsx_answer(header: Sequence[str], rows: Rows) -> Response:
    """Return a table as XLSX, made in a thread, one at a time."""
    return book_answer({"Sheet1": (header, rows)})


def book_answer(sheets: Mapping[str, tuple[Sequence[str], Rows]]) -> Response:
    """Return several tables, each with its header, as sheets of one XLSX; made as one is."""
    listed = {name: (header, list(rows)) for name, (header, rows) in sheets.items()}
    with _turn:
        made = gevent.get_hub().threadpool.apply(_book_bytes, (listed,))
    return Response(made, mimetype=XLSX)


def csv_bytes(header: Sequence[str], rows: Rows) -> bytes:
    """Return a small table's bytes as CSV."""
    return b"".join(_csv_lines(header, rows))


def xlsx_bytes(header: Sequence[str], rows: Rows) -> bytes:
    """Return a table's bytes as XLSX, with every text as a text."""
    return _book_bytes({"Sheet1": (header, rows)})


def _book_bytes(sheets: Mapping[str, tuple[Sequence[str], Rows]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _TEXT_ALONE) as book:
        book.set_properties({"created": ALWAYS})  # or the same table is other bytes each time
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate([header, *rows]):
                for column, cell in enumerate(row):
                    if cell not in (None, ""):
                        sheet.write(number, column, cell)
    return out.getvalue()


def _csv_lines(header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Yield a table's lines. Each text is quoted, because programs differ in their separators."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, quoting=csv.QUOTE_NONNUMERIC)
    yield b"\xef\xbb\xbf"
    for row in [header, *rows]:
        writer.writerow([guard(each) if type(each) is str else each for each in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
