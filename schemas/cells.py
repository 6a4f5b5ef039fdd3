"""Cells of tables: what keeps a spreadsheet from taking a text for a formula, and back again.

A quote before a sign keeps the cell text, also where a program takes another character for the
separator and finds a cell within this one. Source: OWASP on CSV injection.
"""

import re

_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_BEFORE = r"((?:^|[;\t\r\n|])[\s\"]*)"
_BARE = re.compile(rf"{_BEFORE}(?='*{_SIGNS})|(^)(?='+[0-9])")
_GUARDED = re.compile(rf"{_BEFORE}'(?='*{_SIGNS})|(^)'(?='*[0-9])")
_TEXT_CELL = re.compile(r'="(.*)"', re.DOTALL)


def guard(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return _BARE.sub(r"\1\2'", text)


def unguard(cell: str) -> str:
    """Return the text of a cell: of one that `guard` made, or a spreadsheet, as `="007"`."""
    text = _TEXT_CELL.fullmatch(cell)
    return text[1].replace('""', '"') if text else _GUARDED.sub(r"\1\2", cell)
