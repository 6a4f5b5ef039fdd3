"""Parts of tables: documents that are stored in a file of their own, which is dropped whole.

A rule computes for each document of a table in which part it is; None for the journal and its
snapshot. In a filed table (`filed`) the id says it. A part begins with its first document and is
dropped with its last. Then its files are removed, so that nothing is left of any of its documents,
and nothing else has to be rewritten.

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

from db.journal.documents import Change, Document, as_document, last_states
from db.journal.errors import Corrupt, Mismatch
from db.journal.filed import PLACE_BITS, FiledPart, FiledState, Filing, as_filed, first_id, place_of
from db.journal.format import Header, Journal, Transaction, encode
from db.journal.memory import TableState
from db.journal.run_writing import Merge, TagOf
from db.journal.runs import Run
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
    """A part as its files hold it.

    journal: the lines that count
    documents: those after them; of a filed part what they change, None for what they remove
    run: the run that they continue
    lined: whether there is a file of lines
    adopted: what the run is to be made of, because its documents were elsewhere
    tag: computes its documents' tags
    filed: whether it is a part of a filed table
    """

    id: int
    place: Place
    journal: Journal
    documents: dict[int, Any]
    run: Run | None = None
    lined: bool = True
    adopted: Merge | None = None
    tag: TagOf | None = None
    filed: bool = False


def part_path(path: Path, part: int) -> Path:
    """Return the file of lines of a part of the store at `path`."""
    return path.with_name(f"{path.name}.part.{part}")


def run_path(path: Path, part: int) -> Path:
    """Return the file of a part's run."""
    return path.with_name(f"{path.name}.part.{part}.run")


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
    filed: how each filed table is filed
    state: returns a table by its name
    lines: returns how many batches a part's file holds
    """

    def __init__(
        self,
        rules: Mapping[str, Rule],
        filed: Mapping[str, Filing],
        state: Callable[[str], TableState],
        lines: Callable[[int], int],
    ) -> None:
        self.rules, self.filed = rules, filed
        self.table = TableState(TABLE, ("name",))
        self._state = state
        self._lines = lines
        self._arriving: dict[int, Run] = {}
        self._leaving: set[int] = set()

    def count_removed(self, changes: Iterable[Change]) -> int:
        """Return how many of some changes remove a document that is in no part."""
        removed = [each for each in changes if each.after is None and each.before is not None]
        return sum(
            each.table not in self.filed
            and (each.table not in self.rules or self.rules[each.table](each.before) is None)  # type: ignore[arg-type]
            for each in removed
        )

    def entry(self, changes: list[Change]) -> Entry:
        """Return a transaction for the disk. Those changes are added to it that list its parts.

        Raises ValueError if a document would change from one part to another.
        """
        if not (self.rules or self.filed):
            return Entry(encode(last_states(changes)))
        if (alone := self._entry_alone(changes)) is not None:
            return alone
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
            tables = {table for table, _ in apart if table not in self.filed}
            self._note_ended(map(self._lines, dropped), tables, changes)
        main += changes[given:]
        whole = main or (len(parts) > 1 and any(table in self.filed for table, _ in apart))
        return Entry(encode(last_states(main)) if whole else None, parts, begun, tuple(dropped))

    def _entry_alone(self, changes: list[Change]) -> Entry | None:
        """Return, sooner, a transaction that changes documents of one filed part and drops none."""
        table, key = changes[0].table, changes[0].document_id
        if table not in self.filed or key is None:
            return None
        place, states = key >> PLACE_BITS, {}
        for change in changes:
            key = change.document_id
            if change.table != table or key is None or key >> PLACE_BITS != place:
                return None
            states[str(key)] = change.after
        part = self.table.indexes["name"].get(_name((table, place)))
        if part is None or not self._state(table).sizes[place]:
            return None
        return Entry(None, {part: encode({table: states})})

    def part_of(self, table: str, place: int) -> int | None:
        """Return the id of a part; None if there is none."""
        found = self.table.find("name", _name((table, place)))
        return None if found is None else found[0]

    def filed_part(self, part: int) -> tuple[Document, FiledPart] | None:
        """Return a filed part's row, and the part as it is in memory; None if there is none."""
        row = self.table.documents.get(part)
        if row is None or row.get("table") not in self.filed:
            return None
        return row, self._filed(row["table"]).filed.parts[row["part"]]

    def is_at_rest(self, table: str, place: int) -> bool:
        """Return whether nothing is looked for in a filed part any more."""
        return self.filed[table].rests(place, lambda name: self._state(name).documents)

    def move(self, old: int | None, new: int, row: Document, run: Run) -> list[Change]:
        """List a new filed part, in the stead of another one if there is one; `landed` puts its run
        in memory.
        """
        changes: list[Change] = []
        if old is not None:
            self._list(old, None, changes)
            self._leaving.add(old)
        self._list(new, row, changes)
        if old is not None:
            self._note_ended([self._lines(old)], (), changes)
        self._arriving[new] = run
        return changes

    def drop(self, part: int) -> tuple[FiledPart, list[Change]]:
        """List a filed part no more, and forget it; return it."""
        changes: list[Change] = []
        row = self.table.documents[part]
        self._list(part, None, changes)
        self._note_ended([self._lines(part)], (), changes)
        return self._filed(row["table"]).filed.parts.pop(row["part"]), changes

    def landed(self, change: Change) -> None:
        """Forget what a part that is durably dropped had in memory; have there the run of one that
        was moved.

        change: of the list of parts
        """
        part, row = change.document_id or 0, change.after or change.before
        if row is None:
            return
        if change.after is not None:
            run = self._arriving.pop(part, None)
            if run is not None:
                self._filed(row["table"]).filed.parts[row["part"]] = FiledPart(run)
        elif part in self._leaving:
            self._leaving.discard(part)
            del self._filed(row["table"]).filed.parts[row["part"]]
        else:
            self.forget(row)

    def forget(self, row: Document) -> None:
        """Forget the run of a filed part that was dropped."""
        if row.get("table") in self.filed:
            parts = self._filed(row["table"]).filed.parts
            part = parts.get(row["part"])
            if part is not None:
                part.begin_anew()
                if not part.changes:
                    del parts[row["part"]]

    def _filed(self, table: str) -> FiledState:
        return as_filed(self._state(table))

    def load(self, found: Iterable[FoundPart]) -> None:
        """Load the documents of parts. `build_indexes` makes the indexes later.

        Raises `Corrupt` if the journal has one of them too, `Mismatch` if no rule puts them there.
        """
        reserve_ids(self.table, self._state)
        for part in found:
            (table, value), documents = part.place, part.documents
            if table in self.filed:
                self._load_filed(part)
                continue
            state, rule = self._state(table), self.rules.get(table)
            if rule is None or any(rule(document) != value for document in documents.values()):
                raise Mismatch(f"the documents of {_name(part.place)} belong in no such part")
            if not state.documents.keys().isdisjoint(documents):
                raise Corrupt(f"documents of {_name(part.place)} are in the snapshot, too")
            state.load_part(value, documents)

    def _load_filed(self, part: FoundPart) -> None:
        (table, value), run = part.place, part.run
        if run is not None and (part.documents or not self.is_at_rest(table, value)):
            run.hold()
        filed = self._filed(table)
        filed.present = True
        filed.filed.parts[value] = FiledPart(run, part.documents)

    def strays(self, *, ruled: bool) -> dict[Place, dict[int, Document]]:
        """Return the documents of the journal and its snapshot that belong in parts: those of a
        backup, or of a version without such parts. Call it before `load`.

        ruled: also those that a rule puts in parts; else none can be there
        """
        strays: dict[Place, dict[int, Document]] = defaultdict(dict)
        for table, rule in self.rules.items() if ruled else ():
            for document_id, document in self._state(table).documents.items():
                if (value := rule(document)) is not None:
                    strays[table, value][document_id] = document
        for table, filing in self.filed.items():
            filed = self._filed(table).filed
            for document_id, document in filed.strays.items():
                strays[table, filing.number(document)[0]][document_id] = document
            filed.strays = {}
        return strays

    def stray_earlier(self, found: Iterable[FoundPart]) -> list[FoundPart]:
        """Let the documents of a filed table be strays that an earlier version has put in parts;
        return the other parts.
        """
        kept = []
        for part in found:
            if part.place[0] in self.filed and not self.table.documents[part.id].get("filed"):
                self._filed(part.place[0]).filed.strays.update(part.documents)
                self._list(part.id, None, [])
                self._note_ended([part.journal.last], (), [])
            else:
                kept.append(part)
        return kept

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
            if table in self.filed:
                parts[place] = self._adopt_filed(place, documents, part)
                continue
            self._state(table).sizes[value] += len(documents)
            if part is None:
                part_id, row = self._begin(place, [])
                part = FoundPart(part_id, place, Journal.begin(part_header(row["salt"])), {})
            rows = {str(document_id): document for document_id, document in documents.items()}
            journal = part.journal.with_batch([encode({table: rows}), rest_on(sequence)])
            parts[place] = FoundPart(part.id, place, journal, part.documents | documents)
        return list(parts.values())

    def _adopt_filed(
        self, place: Place, documents: dict[int, Document], known: FoundPart | None
    ) -> FoundPart:
        """Return a new filed part with some documents, under ids that find them, and with those of
        the part that is known. A crash leaves that part, or the new one.
        """
        table, value = place
        state, filing = self._filed(table), self.filed[table]
        if known is not None:
            self._list(known.id, None, [])
            self._note_ended([known.journal.last], (), [])
        for document in documents.values():
            state.filed[state.free_id(first_id(*filing.number(document)))] = document
        part_id, row = self._begin(place, [])
        part = state.filed.parts[value]
        journal = Journal.begin(part_header(row["salt"]))
        adopted = Merge(part.run, part.since(), filing.count)
        return FoundPart(
            part_id,
            place,
            journal,
            {},
            lined=False,
            adopted=adopted,
            tag=filing.tag,
            filed=True,
        )

    def _split(self, changes: Iterable[Change]) -> tuple[list[Change], dict[Place, list[Change]]]:
        """Return the changes of the journal, and those of each part."""
        main: list[Change] = []
        apart: dict[Place, list[Change]] = {}
        for change in changes:
            table, before, after = change.table, change.before, change.after
            rule = self.rules.get(table)
            if table in self.filed and change.document_id is not None:
                place = table, place_of(change.document_id)
                if (own := apart.get(place)) is None:
                    apart[place] = [change]
                else:
                    own.append(change)
                continue
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
        row = self.row(place)
        part_id = self.table.next_id
        self._list(part_id, row, changes)
        return part_id, row

    def row(self, place: Place) -> Document:
        """Return what is listed of a new part."""
        table, value = place
        row = {"name": _name(place), "table": table, "part": value, "salt": secrets.token_hex(8)}
        return {**row, "filed": True} if table in self.filed else row

    def _list(self, row_id: int, row: Document | None, changes: list[Change]) -> None:
        """Write a row of the list of parts."""
        change = self.table.put(row_id, row)
        if change is not None:
            changes.append(change)

    def _note_ended(
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
        self._list(row_id, {"name": "", "ended": ended, "next_ids": next_ids}, changes)


def rest_on(sequence: int) -> bytes:
    """Return the note in a part's batch that it counts only if the journal has another."""
    return encode({RESERVED: {"1": {"sequence": sequence}}})


def rests_on(batch: list[Transaction]) -> int:
    """Return without which batch of the journal this batch of a part doesn't count; 0 for none."""
    note = batch[-1].get(RESERVED) if batch else None
    return int((as_document(note[1]) or {})["sequence"]) if note else 0


def part_header(salt: str, base: int = 0) -> Header:
    """Return the first line of a part's file, which continues no snapshot.

    base: the part's last batch in its run
    """
    return Header(base, salt, 0, 0)


def _name(place: Place) -> str:
    return f"{place[0]}/{place[1]}"
