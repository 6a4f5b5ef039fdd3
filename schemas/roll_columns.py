"""Which column of a roll's file is which field: told by its header, or chosen by the host."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count
from typing import Literal, NamedTuple

from schemas.strings import read_line
from voting.faults import Faults
from voting.model.rooms import COLUMN_LETTERS, COLUMNS
from voting.text import name_key, without_hidden

WORD_LETTERS = 40
FILE_COLUMNS = 100
"""How many columns a file has at most, the ignored ones too."""

Field = Literal["name", "email", "ref", "role"]

# the first word is the surest: of two columns for a field, the other stays free
_HEADERS: dict[Field, tuple[str, ...]] = {
    "name": ("name", "full name", "이름", "성명", "성함"),
    "email": ("email", "e-mail", "email address", "이메일", "이메일 주소", "메일"),
    "ref": ("ref", "member number", "student number", "학번", "회원 번호", "학생 번호", "번호"),
    "role": ("role", "역할"),
}
FIELDS = tuple(_HEADERS)
MARKED = ("claimed", "checked_in")
"""Columns of a roll that was saved here; they are left out, for a file claims no row."""


class Column(NamedTuple):
    """A column: what it is called, and its field, None for a free column or an ignored one."""

    called: str
    field: Field | None = None
    ignored: bool = False


class Choice(NamedTuple):
    """What a host chose: by field, the name of its column, "" for none; and columns to ignore."""

    fields: Mapping[Field, str]
    ignored: Iterable[str] = ()


NO_CHOICE = Choice({})


def read_columns(names: list[str], choice: Choice, line: int, faults: Faults) -> list[Column]:
    """Return the columns of a header; note as faults what a roll can't be read by.

    A column is chosen by what a preview calls it, or by its header; of columns that compare alike,
    by the very letters.
    """
    if len(names) > FILE_COLUMNS:
        faults.note(("line", line), "too_long", FILE_COLUMNS)
        return []
    called = _called(names)
    places = _Places(called, names)
    chosen = _chosen(places, choice, faults)
    ignored = set()
    for name in choice.ignored:
        at = places.find(name)
        if at is None or at in chosen:
            faults.note(("ignored_columns",), "not_allowed")
        else:
            ignored.add(at)
    fields = _with_known(names, chosen, ignored, choice)
    marked = {at for at, name in enumerate(called) if name_key(name) in MARKED}
    ignored |= marked - fields.keys()
    if "name" not in fields.values():
        faults.note(("line", line, "name"), "required")
    if len(called) - len(fields) - len(ignored) > COLUMNS:
        faults.note(("line", line), "too_long", COLUMNS + len(fields) + len(ignored))
    return [Column(name, fields.get(place), place in ignored) for place, name in enumerate(called)]


class _Places:
    """Where the columns of a header stand, by their names."""

    def __init__(self, called: list[str], names: list[str]) -> None:
        self._exact = _first_places([*called, *names], len(called), str)
        self._alike = _first_places([*called, *names], len(called), name_key)

    def find(self, name: str) -> int | None:
        """Return the place of the column that a host calls so, None where there is none."""
        name = name[:COLUMN_LETTERS]
        return self._exact.get(name, self._alike.get(name_key(name))) if name else None


def _first_places(words: list[str], columns: int, key: Callable[[str], str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, word in enumerate(words):
        if 0 < len(word) <= WORD_LETTERS:
            places.setdefault(key(word), at % columns)
    return places


def _chosen(places: _Places, choice: Choice, faults: Faults) -> dict[int, Field]:
    """Return the field of each column for which one was chosen."""
    fields: dict[int, Field] = {}
    for field, name in choice.fields.items():
        place = places.find(name)
        if place is not None and place not in fields:
            fields[place] = field
        elif name:
            faults.note((f"{field}_column",), "not_allowed")
    return fields


def _with_known(
    names: list[str], chosen: Mapping[int, Field], ignored: set[int], choice: Choice
) -> dict[int, Field]:
    """Return the fields that were chosen, and the others where the headers tell them."""
    fields = dict(chosen)
    places = _first_places(names, len(names), _header_key)
    for field, words in _HEADERS.items():
        known = (_header_key(word) for word in words if field not in choice.fields)
        found = (places[key] for key in known if key in places)
        place = next((each for each in found if each not in fields and each not in ignored), None)
        if place is not None:
            fields[place] = field
    return fields


def _header_key(header: str) -> str:
    """Return what headers compare by: as names, and spaces make no other word."""
    return name_key(header).replace(" ", "")


def _called(names: list[str]) -> list[str]:
    """Return what each column is called: its header, cut and told apart from every other."""
    lines = [without_hidden(str(read_line(name)))[:COLUMN_LETTERS].strip() for name in names]
    called: list[str] = []
    for position, line in enumerate(lines, 1):
        numbers = (f"#{number}" for number in count(position))
        apart = (f"{line[: COLUMN_LETTERS - 5]} {each}".strip() for each in numbers)
        first = [line] if line and line not in called else []
        called.append(next(chain(first, (each for each in apart if each not in (*called, *lines)))))
    return called
