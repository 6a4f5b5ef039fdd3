"""Finds the field of each column of a roll file: from its header, or as the host chose."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count
from typing import Literal, NamedTuple

from schemas.strings import read_line
from voting.faults import Faults
from voting.model.rooms import COLUMN_LETTERS, COLUMNS
from voting.text import name_key, without_hidden

WORD_LETTERS = 40
FILE_COLUMNS = 100
"""The greatest number of columns of a file, including the ignored ones."""

Field = Literal["name", "email", "ref", "role"]

# the first word counts first: if two columns fit a field, the other stays free
_HEADERS: dict[Field, tuple[str, ...]] = {
    "name": ("name", "full name", "이름", "성명", "성함"),
    "email": ("email", "e-mail", "email address", "이메일", "이메일 주소", "메일"),
    "ref": ("ref", "member number", "student number", "학번", "회원 번호", "학생 번호", "번호"),
    "role": ("role", "역할"),
}
FIELDS = tuple(_HEADERS)
MARKED = ("claimed", "checked_in")
"""Columns of a roll that this server exported. They are ignored, because a file claims no rows."""


class Column(NamedTuple):
    """A column: its name, and its field; None if the column is free or ignored."""

    called: str
    field: Field | None = None
    ignored: bool = False


class Choice(NamedTuple):
    """What a host chose: the column's name for each field ("" for none), and columns to ignore."""

    fields: Mapping[Field, str]
    ignored: Iterable[str] = ()


NO_CHOICE = Choice({})


def read_columns(names: list[str], choice: Choice, line: int, faults: Faults) -> list[Column]:
    """Return the columns of a header, and note the faults because of which it can't be used.

    A column is chosen by its name in a preview or by its header. If several names compare equal,
    the exact one counts.
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
    """The places of the columns of a header, by name."""

    def __init__(self, called: list[str], names: list[str]) -> None:
        self._exact = _first_places([*called, *names], len(called), str)
        self._alike = _first_places([*called, *names], len(called), name_key)

    def find(self, name: str) -> int | None:
        """Return the place of the column with this name; None if there is none."""
        name = name[:COLUMN_LETTERS]
        return self._exact.get(name, self._alike.get(name_key(name))) if name else None


def _first_places(words: list[str], columns: int, key: Callable[[str], str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, word in enumerate(words):
        if 0 < len(word) <= WORD_LETTERS:
            places.setdefault(key(word), at % columns)
    return places


def _chosen(places: _Places, choice: Choice, faults: Faults) -> dict[int, Field]:
    """Return the fields that the host chose, by place."""
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
    """Return the chosen fields, and the other fields that the headers name, by place."""
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
    """Return the form in which headers are compared: that of names, without spaces."""
    return name_key(header).replace(" ", "")


def _called(names: list[str]) -> list[str]:
    """Return a unique name for each column: its header, shortened and numbered if needed."""
    lines = [without_hidden(str(read_line(name)))[:COLUMN_LETTERS].strip() for name in names]
    called: list[str] = []
    for position, line in enumerate(lines, 1):
        numbers = (f"#{number}" for number in count(position))
        apart = (f"{line[: COLUMN_LETTERS - 5]} {each}".strip() for each in numbers)
        first = [line] if line and line not in called else []
        called.append(next(chain(first, (each for each in apart if each not in (*called, *lines)))))
    return called
