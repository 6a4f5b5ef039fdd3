"""The list of a store's parts: the reserved table `_parts` of the journal.

It has the salt of each part's file. So a transaction that begins or drops a part does so when the
journal has it, and a file that is missing, or of another store, is noticed. The id of a part is
never issued again.
"""

import secrets
from collections.abc import Callable, Iterable

from db.journal.documents import Change, Document
from db.journal.memory import TableState
from db.journal.part_files import Place

TABLE = "_parts"
IN_FLIGHT = 2
"""How many batches may be published and not yet on the disk: one is written, one gathers."""


def count_ended(listed: TableState) -> int:
    """Return how many batches the parts that were dropped have had, or more."""
    return sum(row.get("ended", 0) for row in listed.documents.values())


def reserve_ids(listed: TableState, state: Callable[[str], TableState]) -> None:
    """Reserve the ids of documents whose part was dropped."""
    for row in listed.documents.values():
        for table, next_id in row.get("next_ids", {}).items():
            state(table).reserve(next_id - 1)


class PartList:
    """Which parts there are.

    state: returns a table by its name
    """

    def __init__(self, state: Callable[[str], TableState]) -> None:
        self.table = TableState(TABLE, ("name",))
        self._state = state

    def find(self, place: Place) -> tuple[int, Document] | None:
        """Return a part's id and its row; None if there is no such part."""
        return self.table.find("name", name_of(place))

    def begin(self, place: Place, changes: list[Change], *, filed: bool) -> tuple[int, Document]:
        """List a new part; return its id and its row."""
        row = new_row(place, filed=filed)
        part_id = self.table.next_id
        self.write(part_id, row, changes)
        return part_id, row

    def write(self, row_id: int, row: Document | None, changes: list[Change]) -> None:
        """Write a row, or remove it, and note the change."""
        change = self.table.put(row_id, row)
        if change is not None:
            changes.append(change)

    def drop(self, part: int, batches: int, changes: list[Change]) -> None:
        """List a part of a filed table no more, which has had so many batches."""
        self.write(part, None, changes)
        self.note_ended([batches], (), changes)

    def note_ended(
        self, dropped: Iterable[int], tables: Iterable[str], changes: list[Change]
    ) -> None:
        """Keep what outlives parts: the next ids of their tables, and how many batches they had.

        dropped: the numbers of batches of some parts

        Each number of batches is rounded up to a power of two, so that it doesn't show how often a
        part was changed.
        """
        row_id, known = self.table.find("name", "") or (self.table.next_id, {})
        ended = known.get("ended", 0)
        ended += sum(1 << (batches + IN_FLIGHT).bit_length() for batches in dropped)
        next_ids = {table: self._state(table).next_id for table in tables}
        next_ids = known.get("next_ids", {}) | next_ids
        self.write(row_id, {"name": "", "ended": ended, "next_ids": next_ids}, changes)


def name_of(place: Place) -> str:
    """Return the name under which a part is listed."""
    return f"{place[0]}/{place[1]}"


def new_row(place: Place, *, filed: bool) -> Document:
    """Return what is listed of a new part."""
    table, value = place
    row = {"name": name_of(place), "table": table, "part": value, "salt": secrets.token_hex(8)}
    return {**row, "filed": True} if filed else row
