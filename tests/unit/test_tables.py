"""Tables for spreadsheets: no text is a formula, whatever separates cells for the reader."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from api.tables import csv_bytes, xlsx_bytes
from schemas.cells import unguard

SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CELLS = st.text(st.sampled_from([*SIGNS, *";,\t\n\r|\"' a0가\u00a0"]), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=4)


def read(raw: bytes, separator: str) -> list[list[str]]:
    text = raw.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@given(ROWS)
@example([["a;=HYPERLINK(1)", "a\t=1", "a\n=1"], ["=1", " =1", "\u00a0=1"], ["=;=;=", "", "|=1"]])
def test_csv_has_no_formula_whatever_separates_its_cells(rows: list[list[str]]) -> None:
    raw = csv_bytes(["one", "two", "three"], rows)

    for separator in (",", ";", "\t", "|"):
        cells = [cell for row in read(raw, separator) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(SIGNS)]


@given(ROWS)
@example([["'=1", "a;'=1", "'007"], ["''=1", "\"'=1", "007"], ["'t Hooft", "-1", "''x"]])
def test_csv_that_is_read_again_has_every_text_as_it_was(rows: list[list[str]]) -> None:
    _, *found = read(csv_bytes(["one", "two", "three"], rows), ",")

    assert [[unguard(cell) for cell in row] for row in found] == rows


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@a",
        "007",
        "1e5",
        "https://example.org",
        "mailto:a@b",
        "TRUE",
        "_x0041_",
    ],
)
def test_xlsx_has_every_text_as_a_text(text: str) -> None:
    book = load_workbook(io.BytesIO(xlsx_bytes(["name", "votes"], [[text, 7], [None, ""]])))

    (head, row) = book.active.iter_rows()
    assert [(cell.value, cell.data_type) for cell in row] == [(text, "s"), (7, "n")]
    assert head[0].value == "name"
    assert row[0].hyperlink is None
