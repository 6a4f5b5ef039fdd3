"""Tables as CSV for spreadsheets: with a BOM, and no cell that one would take for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from schemas.text import fold


def csv_answer(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a table as an answer."""
    return Response(csv_bytes(header, rows), mimetype="text/csv")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table's bytes.

    Source: OWASP on CSV injection; a quote before the sign keeps the cell text.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and fold(cell.lstrip()[:1]) in ("=", "+", "-", "@"):
        return f"'{cell}"
    return cell
