"""Recognises given rows: as rows that are on the roll, or as rows that were removed from it."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from voting.faults import Fault, Faults
from voting.model.rooms import RemovedRow, Room, Row
from voting.store import Store
from voting.text import name_key, normalise, normalise_email


class KnownRows:
    """The rows of a room, present and removed, by ref, email and name. A removed row is recognised
    by its ref or email alone. The cost of finding one doesn't grow with the roll.

    `matched` holds the ids of the rows that were found. A row that has only a name is found once.
    """

    def __init__(self, store: Store, room: Room) -> None:
        self.matched: set[int] = set()
        self._given: set[tuple[str, str]] = set()
        self._store, self._code = store, room.code
        self._alike: dict[tuple[str, str], Iterator[Row]] = {}
        self._removed: dict[tuple[str, str], Iterator[RemovedRow]] = {}
        self._back: set[int] = set()

    def match(self, label: str, fields: Mapping[str, Any], faults: Faults) -> dict[int, Row]:
        """Return the rows by id that a given row stands for. Adds a fault if they are two, or if an
        earlier given row stands for the same one.
        """
        keys = keys_of(fields.get("ref"), fields.get("email"))
        twice = [Fault(f"{label}.{key[0]}", "duplicate") for key in keys if key in self._given]
        self._given.update(keys)
        matches = self._find(fields["name"], keys)
        if len(matches) > 1:
            twice.append(Fault(label, "two_rows"))
        elif not self.matched.isdisjoint(matches) and not twice:
            twice.append(Fault(label, "duplicate"))
        faults.add(*twice)
        self.matched |= matches.keys()
        return matches

    def _find(self, name: str, keys: list[tuple[str, str]]) -> dict[int, Row]:
        """Return the rows by id that have one of the keys; without keys, one that has the name."""
        if not keys:
            mark = "name", name_key(name)
            if mark not in self._alike:
                same = self._store.group(Row, (self._code, *mark), "name_mark")
                self._alike[mark] = iter(same)
            return {row.id: row for row in islice(self._alike[mark], 1)}
        found = (self._store.find(Row, f"{kind}_key", f"{self._code}/{key}") for kind, key in keys)
        return {row.id: row for row in found if row is not None}

    def find_removed(self, row: Row) -> Row | None:
        """Return the removed row with a new row's ref or email; of several, the last one."""
        for mark in keys_of(row.ref, row.email):
            for each in self._removed_by(mark):
                if each.id not in self._back:
                    self._back.add(each.id)
                    return Row(**each.kept)
        return None

    def _removed_by(self, mark: tuple[str, str]) -> Iterator[RemovedRow]:
        if mark not in self._removed:
            alike = self._store.group(RemovedRow, (self._code, *mark), f"{mark[0]}_mark")
            self._removed[mark] = reversed(alike)
        return self._removed[mark]


def keys_of(ref: str | None, email: str | None) -> list[tuple[str, str]]:
    """Return ref and email, as far as they are given, in the form in which they are compared."""
    pairs = (("ref", ref, normalise), ("email", email, normalise_email))
    return [(kind, compared(value)) for kind, value, compared in pairs if value]
