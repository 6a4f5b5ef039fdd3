"""Where the names in records are: how those of a poll and of a person are found.

In files, each poll has a part for its names, by receipt (`db.journal.filed`), with an index by
person in its run. Nothing of them is in memory once the poll has ended. PostgreSQL's engine has
them in a table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from db.ballots import number_of
from db.engine import Engine
from db.journal import JournaledStorage
from db.journal.documents import Document
from db.journal.filed import Filing, as_filed, first_id
from db.rows import Json, name_row
from db.tables import NAMES, POLLS
from voting.model.polls import ENDED
from voting.model.records import RecordName, receipt_key_of
from voting.store import Duplicate


class Names(Protocol):
    """The names in the records of a store."""

    def new_id(self, name: RecordName) -> int:
        """Return the id of a new name. Raises `Duplicate` if its ballot has another."""

    def find(self, poll_id: int, receipt: str) -> tuple[int, Json] | None:
        """Return the name of a ballot with its id; None if there is none."""

    def ids(self, by: str, value: Any) -> list[int]:
        """Return the ids of the names of a `poll`, by receipt; of a `person`, in all polls; or of a
        `voter`: a poll and a person.
        """

    def size(self, by: str, value: Any) -> int:
        """Return how many those are."""

    def rows(self, poll_id: int) -> Iterator[tuple[int, Json]]:
        """Yield a poll's names with their ids; they may come and go meanwhile."""

    def fill(self, poll_id: int, names: Iterable[RecordName], /) -> bool:
        """Keep all names of a poll at once; see `Store.add_names`."""

    def clear(self, poll_id: int, /) -> None:
        """Remove a poll's names as far as that takes no time for each."""

    def rest(self, poll_id: int, /) -> None:
        """Note that a poll's names are only read from now on, and that nothing may be left of those
        that were replaced.
        """


class TableNames:
    """Names in a table of an engine that has them in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._table = engine, engine.table(NAMES)

    def new_id(self, _name: RecordName) -> int:
        return self._engine.next_id(NAMES)

    def find(self, poll_id: int, receipt: str) -> tuple[int, Json] | None:
        return self._table.find("receipt_key", receipt_key_of(poll_id, receipt))

    def ids(self, by: str, value: Any) -> list[int]:
        if by == "voter":
            poll_id, person = value
            own, rows = self.ids("person", person), self._table.documents
            return [key for key in own if (row := rows.get(key)) and row["poll"] == poll_id]
        return self._engine.group(NAMES, by, value)

    def size(self, by: str, value: Any) -> int:
        return len(self.ids(by, value) if by == "voter" else self._table.group(by, value).ids)

    def rows(self, poll_id: int) -> Iterator[tuple[int, Json]]:
        for key in self.ids("poll", poll_id):
            row = self._table.documents.get(key)
            if row is not None:
                yield key, row

    def fill(self, _poll_id: int, _names: Iterable[RecordName]) -> bool:
        return False

    def clear(self, _poll_id: int) -> None:
        """Do nothing."""

    def rest(self, _poll_id: int) -> None:
        """Do nothing."""


class FiledNames:
    """Names in files of their own. Their ids say where each is."""

    def __init__(self, storage: JournaledStorage) -> None:
        self._storage = storage
        self._state = as_filed(storage.table(NAMES))
        self._filed = self._state.filed

    def new_id(self, name: RecordName) -> int:
        key, row = self._look_up(name.poll, name.receipt)
        if row is not None:
            raise Duplicate("receipt_key")
        return key

    def find(self, poll_id: int, receipt: str) -> tuple[int, Json] | None:
        key, row = self._look_up(poll_id, receipt)
        return None if row is None else (key, row)

    def _look_up(self, poll_id: int, receipt: str) -> tuple[int, Json | None]:
        """Return the id of a ballot's name with the name, or without one the id that it would get:
        the next that is free. Receipts are random, so that is nearly always the first.
        """
        key = first_id(poll_id, number_of(receipt))
        while (row := self._filed.get(key)) is not None and row["receipt"] != receipt:
            key += 1
        return key, row

    def ids(self, by: str, value: Any) -> list[int]:
        if by == "voter":
            poll_id, person = value
            return self._filed.tagged_in(poll_id, person, _tag_of)
        if by == "person":
            return self._filed.tagged(value, _tag_of)
        part = self._filed.parts.get(value)
        return [] if part is None else part.ids()

    def size(self, by: str, value: Any) -> int:
        if by == "poll":
            return self._state.sizes[value]
        return len(self.ids(by, value))

    def rows(self, poll_id: int) -> Iterator[tuple[int, Json]]:
        part = self._filed.parts.get(poll_id)
        return iter(()) if part is None else part.items()

    def fill(self, poll_id: int, names: Iterable[RecordName]) -> bool:
        return self._storage.fill(NAMES, poll_id, _rows(poll_id, names))

    def clear(self, poll_id: int) -> None:
        self._storage.drop_part(NAMES, poll_id)

    def rest(self, poll_id: int) -> None:
        self._storage.rest(NAMES, poll_id)


def _rows(poll_id: int, names: Iterable[RecordName]) -> Iterator[tuple[int, Json]]:
    last = 0
    for name in names:
        last = max(last + 1, first_id(poll_id, number_of(name.receipt)))
        yield last, name_row(name)


def _tag_of(row: Document) -> str | None:
    person: str | None = row["person"]
    return person


def _filed_under(row: Document) -> tuple[int, int]:
    return row["poll"], number_of(row["receipt"])


def _count_nothing(_row: Document) -> Mapping[str, int]:
    return {}


def _is_at_rest(poll_id: int, documents: Callable[[str], Mapping[int, Document]]) -> bool:
    poll = documents(POLLS).get(poll_id)
    return poll is None or poll["state"] in ENDED


FILED = {NAMES: Filing(_filed_under, _count_nothing, _is_at_rest, _tag_of)}
