"""Which column of a roll's file is which field: told by its header, or chosen by the host."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.rooms import COLUMN_LETTERS, COLUMNS
from schemas.strings import read_line
from schemas.text import name_key, without_hidden
from schemas.validation import Faults

WORD_LETTERS = 40

_HEADERS = {  # the first word is the surest: of two columns for a field, the other stays free
    "name": ("name", "full name", "이름", "성명", "성함"),
    "email": ("email", "e-mail", "email address", "이메일", "메일"),
    "ref": ("ref", "학번", "회원번호", "번호"),
    "role": ("role", "역할"),
}
FIELDS = tuple(_HEADERS)
MARKED = ("claimed", "checked_in")
"""Columns of a roll that was saved here; they are left out, for a file claims no row."""


class Column(NamedTuple):
    """A column: what it is called, and its field, None for a free column or an ignored one."""

    called: str
    field: str | None = None
    ignored: bool = False


class Choice(NamedTuple):
    """What a host chose: by field, the name of its column, "" for none; and columns to ignore."""

    fields: Mapping[str, str]
    ignored: Iterable[str] = ()


NO_CHOICE = Choice({})


def read_columns(names: list[str], choice: Choice, line: int, faults: Faults) -> list[Column]:
    """Return the columns of a header; note as faults what a roll can't be read by.

    A column is chosen by its header or, where two are the same, by what a preview calls it.
    """
    called = _called(names)
    places: dict[str, int] = {}
    for words in (names, called):
        for place, name in enumerate(words):
            if 0 < len(name) <= WORD_LETTERS:
                places.setdefault(name_key(name), place)
    fields = _fields(places, choice, faults)
    ignored = {places[each] for each in MARKED if each in places} - fields.keys()
    for name in choice.ignored:
        at = places.get(name_key(name[:COLUMN_LETTERS]))
        if at is None or at in fields:
            faults.note(("ignored_columns",), "not_allowed")
        else:
            ignored.add(at)
    if "name" not in fields.values():
        faults.note(("line", line, "name"), "required")
    if len(called) - len(fields) - len(ignored) > COLUMNS:
        faults.note(("line", line), "too_long", COLUMNS + len(fields) + len(ignored))
    return [Column(name, fields.get(place), place in ignored) for place, name in enumerate(called)]


def _fields(places: Mapping[str, int], choice: Choice, faults: Faults) -> dict[int, str]:
    """Return the field of each column that has one; what is chosen goes before what is told."""
    fields: dict[int, str] = {}
    for field, name in choice.fields.items():
        place = places.get(name_key(name[:COLUMN_LETTERS])) if name else None
        if place is not None and place not in fields:
            fields[place] = field
        elif name:
            faults.note((f"{field}_column",), "not_allowed")
    ignored = set(map(name_key, choice.ignored))
    for field, words in _HEADERS.items():
        known = (name_key(word) for word in words if field not in choice.fields)
        found = (places[key] for key in known if key in places and key not in ignored)
        place = next((each for each in found if each not in fields), None)
        if place is not None:
            fields[place] = field
    return fields


def _called(names: list[str]) -> list[str]:
    """Return what each column is called: its header, cut and told apart from one before it."""
    called: list[str] = []
    for position, name in enumerate(names, 1):
        line = without_hidden(str(read_line(name)))[:COLUMN_LETTERS].strip() or f"#{position}"
        called.append(line if line not in called else f"{line[: COLUMN_LETTERS - 5]} #{position}")
    return called
