"""Cells of tables: what keeps a spreadsheet from taking a text for a formula, and back again.

A quote before a sign keeps the cell text, also where a program takes another character for the
separator and finds a cell within this one. Source: OWASP on CSV injection.
"""

import re

_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_CELL_BEGINS = r"(?=[\s\"]*(?:[;\t\r\n|]|\Z))"
_BARE = re.compile(rf"({_SIGN}'*+){_CELL_BEGINS}")
_GUARDED = re.compile(rf"({_SIGN}'*)'{_CELL_BEGINS}")
"""For a text that is read backwards, from a sign to where its cell begins: so each space is looked
at once. A search from each beginning would look at all the spaces after it."""
_BARE_NUMBER = re.compile("'+[0-9]")
_TEXT_CELL = re.compile(r'="(.*)"', re.DOTALL)


def guard(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    guarded = _BARE.sub(r"\1'", text[::-1])[::-1]
    return f"'{guarded}" if _BARE_NUMBER.match(text) else guarded


def unguard(cell: str) -> str:
    """Return the text of a cell: of one that `guard` made, or a spreadsheet, as `="007"`."""
    if text := _TEXT_CELL.fullmatch(cell):
        return text[1].replace('""', '"')
    if "'" not in cell:
        return cell
    bare = _GUARDED.sub(r"\1", cell[::-1])[::-1]
    return bare[1:] if _BARE_NUMBER.match(cell) else bare
