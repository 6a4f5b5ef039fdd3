"""Parts of tables: documents that are stored in a file of their own, which is dropped whole.

A rule computes for each document of a table in which part it is; None for the journal and its
snapshot. A part begins with its first document and is dropped with its last. Then its file is
removed, so that nothing is left of any of its documents, and nothing else has to be rewritten.

The reserved table `_parts` of the journal lists the parts that there are, each with the salt of its
file. So a transaction that begins or drops a part does so when the journal has it, and a file that
is missing, or of another store, is noticed. The id of a part is never issued again.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from db.journal.documents import Change, Document, last_states
from db.journal.errors import Corrupt, Mismatch
from db.journal.format import Header, Journal, Transaction, encode
from db.journal.memory import TableState
from db.journal.snapshot import RESERVED

TABLE = "_parts"

Rule = Callable[[Document], Any]
Place = tuple[str, Any]
"""A table, and the value that its rule computes."""

IN_FLIGHT = 2
"""How many batches may be published and not yet on the disk: one is written, one gathers."""


class Entry(NamedTuple):
    """A transaction as it goes to the disk.

    main: its changes for the journal, encoded; None if there are none
    parts: those for each part's file, by the part's id
    begun: the salts of the parts that it begins
    dropped: the parts that it drops
    """

    main: bytes | None
    parts: Mapping[int, bytes] = {}
    begun: Mapping[int, str] = {}
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True)
class FoundPart:
    """A part as its file holds it: the lines that count, and the documents after them."""

    id: int
    place: Place
    journal: Journal
    documents: dict[int, Document]


def part_path(path: Path, part: int) -> Path:
    """Return the file of a part of the store at `path`."""
    return path.with_name(f"{path.name}.part.{part}")


def count_ended(listed: TableState) -> int:
    """Return how many batches the parts that were dropped have had, or more."""
    return sum(row.get("ended", 0) for row in listed.documents.values())


def reserve_ids(listed: TableState, state: Callable[[str], TableState]) -> None:
    """Reserve the ids of documents whose part was dropped."""
    for row in listed.documents.values():
        for table, next_id in row.get("next_ids", {}).items():
            state(table).reserve(next_id - 1)


class Parts:
    """Which parts there are, and which changes belong in which.

    rules: by table
    state: returns a table by its name
    lines: returns how many batches a part's file holds
    """

    def __init__(
        self,
        rules: Mapping[str, Rule],
        state: Callable[[str], TableState],
        lines: Callable[[int], int],
    ) -> None:
        self.rules = rules
        self.table = TableState(TABLE, ("name",))
        self._state = state
        self._lines = lines

    def count_removed(self, changes: Iterable[Change]) -> int:
        """Return how many of some changes remove a document that is in no part."""
        removed = [each for each in changes if each.after is None and each.before is not None]
        return sum(
            each.table not in self.rules or self.rules[each.table](each.before) is None  # type: ignore[arg-type]
            for each in removed
        )

    def entry(self, changes: list[Change]) -> Entry:
        """Return a transaction for the disk. Those changes are added to it that list its parts.

        Raises ValueError if a document would change from one part to another.
        """
        if not self.rules:
            return Entry(encode(last_states(changes)))
        main, apart = self._split(changes)
        if not apart:
            return Entry(encode(last_states(main)))
        parts, begun, dropped, given = {}, {}, [], len(changes)
        for place, own in apart.items():
            found = self.table.find("name", _name(place))
            if self._state(place[0]).sizes[place[1]] == 0:
                if found is not None:
                    dropped.append(found[0])
                    self._list(found[0], None, changes)
                continue
            if found is None:
                found = self._begin(place, changes)
                begun[found[0]] = found[1]["salt"]
            parts[found[0]] = encode(last_states(own))
        if dropped:
            self._note_ended(dropped, {table for table, _ in apart}, changes)
        main += changes[given:]
        return Entry(encode(last_states(main)) if main else None, parts, begun, tuple(dropped))

    def load(self, found: Iterable[FoundPart]) -> None:
        """Load the documents of parts. `build_indexes` makes the indexes later.

        Raises `Corrupt` if the journal has one of them too, `Mismatch` if no rule puts them there.
        """
        reserve_ids(self.table, self._state)
        for part in found:
            (table, value), documents = part.place, part.documents
            state, rule = self._state(table), self.rules.get(table)
            if rule is None or any(rule(document) != value for document in documents.values()):
                raise Mismatch(f"the documents of {_name(part.place)} belong in no such part")
            if not state.documents.keys().isdisjoint(documents):
                raise Corrupt(f"documents of {_name(part.place)} are in the snapshot, too")
            state.load_part(value, documents)

    def strays(self) -> dict[Place, dict[int, Document]]:
        """Return the documents of the journal and its snapshot that belong in parts: those of a
        backup, or of a version without parts. Call it before `load`.
        """
        strays: dict[Place, dict[int, Document]] = defaultdict(dict)
        for table, rule in self.rules.items():
            for document_id, document in self._state(table).documents.items():
                if (value := rule(document)) is not None:
                    strays[table, value][document_id] = document
        return strays

    def adopt(
        self,
        strays: Mapping[Place, dict[int, Document]],
        found: Iterable[FoundPart],
        sequence: int,
    ) -> list[FoundPart]:
        """Return the parts with the strays in them, as their files are to hold them.

        sequence: the batch without which they don't count
        """
        parts = {part.place: part for part in found}
        for place, documents in strays.items():
            (table, value), part = place, parts.get(place)
            self._state(table).sizes[value] += len(documents)
            if part is None:
                part_id, row = self._begin(place, [])
                part = FoundPart(part_id, place, Journal.begin(part_header(row["salt"])), {})
            rows = {str(document_id): document for document_id, document in documents.items()}
            journal = part.journal.with_batch([encode({table: rows}), rest_on(sequence)])
            parts[place] = FoundPart(part.id, place, journal, part.documents | documents)
        return list(parts.values())

    def _split(self, changes: Iterable[Change]) -> tuple[list[Change], dict[Place, list[Change]]]:
        """Return the changes of the journal, and those of each part."""
        main: list[Change] = []
        apart: dict[Place, list[Change]] = {}
        for change in changes:
            table, before, after = change.table, change.before, change.after
            rule = self.rules.get(table)
            if rule is None or change.document_id is None:
                main.append(change)
                continue
            old = None if before is None else rule(before)
            new = old if after is None else rule(after)
            if old != new and before is not None:
                if old is not None and new is not None:
                    raise ValueError("a document can't change from one part to another")
                gone = Change(table, change.document_id, before, None)
                (main if old is None else apart.setdefault((table, old), [])).append(gone)
            if new is None:
                main.append(change)
            elif (own := apart.get((table, new))) is None:
                apart[table, new] = [change]
            else:
                own.append(change)
        return main, apart

    def _begin(self, place: Place, changes: list[Change]) -> tuple[int, Document]:
        """List a new part; return its id and its row."""
        table, value = place
        row = {"name": _name(place), "table": table, "part": value, "salt": secrets.token_hex(8)}
        part_id = self.table.next_id
        self._list(part_id, row, changes)
        return part_id, row

    def _list(self, row_id: int, row: Document | None, changes: list[Change]) -> None:
        """Write a row of the list of parts."""
        change = self.table.put(row_id, row)
        if change is not None:
            changes.append(change)

    def _note_ended(
        self, dropped: Iterable[int], tables: Iterable[str], changes: list[Change]
    ) -> None:
        """Keep what outlives parts: the next ids of their tables, and how many batches they had.

        Each number of batches is rounded up to a power of two, so that it doesn't show how often a
        part was changed.
        """
        row_id, known = self.table.find("name", "") or (self.table.next_id, {})
        ended = known.get("ended", 0)
        ended += sum(1 << (self._lines(part) + IN_FLIGHT).bit_length() for part in dropped)
        next_ids = {table: self._state(table).next_id for table in tables}
        next_ids = known.get("next_ids", {}) | next_ids
        self._list(row_id, {"name": "", "ended": ended, "next_ids": next_ids}, changes)


def rest_on(sequence: int) -> bytes:
    """Return the note in a part's batch that it counts only if the journal has another."""
    return encode({RESERVED: {"1": {"sequence": sequence}}})


def rests_on(batch: list[Transaction]) -> int:
    """Return without which batch of the journal this batch of a part doesn't count; 0 for none."""
    note = (batch[-1].get(RESERVED) if batch else None) or {}
    return int((note.get("1") or {}).get("sequence", 0))


def part_header(salt: str) -> Header:
    """Return the first line of a part's file, which continues no snapshot."""
    return Header(0, salt, 0, 0)


def _name(place: Place) -> str:
    return f"{place[0]}/{place[1]}"
