"""Cells of tables: a text becomes a cell that no spreadsheet reads as a formula, and back.

A quote before a sign makes the cell a text, even in a program that splits at another separator and
so finds a cell inside this one. Source: OWASP on CSV injection.
"""

import re

_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_CELL_BEGINS = r"(?=[\s\"]*(?:[;\t\r\n|]|\Z))"
_BARE = re.compile(rf"({_SIGN}'*+){_CELL_BEGINS}")
_GUARDED = re.compile(rf"({_SIGN}'*)'{_CELL_BEGINS}")
"""Matches a reversed text, from a sign back to the start of its cell, so each space is read only
once. A forward search would read all the spaces again from each start."""
_BARE_NUMBER = re.compile("'+[0-9]")
_TEXT_CELL = re.compile(r'="(.*)"', re.DOTALL)


def guard(text: str) -> str:
    """Return a text as a cell that no spreadsheet reads as a formula."""
    guarded = _BARE.sub(r"\1'", text[::-1])[::-1]
    return f"'{guarded}" if _BARE_NUMBER.match(text) else guarded


def unguard(cell: str) -> str:
    """Return the text of a cell that `guard` made, or that a spreadsheet wrote as `="007"`."""
    if text := _TEXT_CELL.fullmatch(cell):
        return text[1].replace('""', '"')
    if "'" not in cell:
        return cell
    bare = _GUARDED.sub(r"\1", cell[::-1])[::-1]
    return bare[1:] if _BARE_NUMBER.match(cell) else bare
