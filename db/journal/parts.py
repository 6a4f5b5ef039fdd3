"""Parts of tables: documents that are stored in a file of their own, which is dropped whole.

A rule computes for each document of a table in which part it is; None for the journal and its
snapshot. In a filed table (`filed`) the id says it. A part begins with its first document and is
dropped with its last. Then its files are removed, so that nothing is left of any of its documents,
and nothing else has to be rewritten.

Which parts there are is listed in the journal (`part_list`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from db.journal.documents import Change, Document, last_states
from db.journal.filed import PLACE_BITS, FiledState, Filing, as_filed, place_of
from db.journal.filed_part import FiledPart
from db.journal.format import encode
from db.journal.memory import TableState
from db.journal.part_files import Place
from db.journal.part_list import PartList, name_of
from db.journal.runs import Run

Rule = Callable[[Document], Any]


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
        self.listed = PartList(state)
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
            found = self.listed.find(place)
            if self._state(place[0]).sizes[place[1]] == 0:
                if found is not None:
                    dropped.append(found[0])
                    self.listed.write(found[0], None, changes)
                continue
            if found is None:
                found = self.listed.begin(place, changes, filed=place[0] in self.filed)
                begun[found[0]] = found[1]["salt"]
            parts[found[0]] = encode(last_states(own))
        if dropped:
            tables = {table for table, _ in apart if table not in self.filed}
            self.listed.note_ended(map(self._lines, dropped), tables, changes)
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
        part = self.listed.table.indexes["name"].get(name_of((table, place)))
        if part is None or not self._state(table).sizes[place]:
            return None
        return Entry(None, {part: encode({table: states})})

    def part_of(self, table: str, place: int) -> int | None:
        """Return the id of a part; None if there is none."""
        found = self.listed.find((table, place))
        return None if found is None else found[0]

    def filed_part(self, part: int) -> tuple[Document, FiledPart] | None:
        """Return a filed part's row, and the part as it is in memory; None if there is none."""
        row = self.listed.table.documents.get(part)
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
            self.listed.drop(old, self._lines(old), changes)
            self._leaving.add(old)
        self.listed.write(new, row, changes)
        self._arriving[new] = run
        return changes

    def drop(self, part: int) -> tuple[FiledPart, list[Change]]:
        """List a filed part no more, and forget it; return it."""
        changes: list[Change] = []
        row = self.listed.table.documents[part]
        self.listed.drop(part, self._lines(part), changes)
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

    def _split(self, changes: Iterable[Change]) -> tuple[list[Change], dict[Place, list[Change]]]:
        """Return the changes of the journal, and those of each part."""
        main: list[Change] = []
        apart: dict[Place, list[Change]] = defaultdict(list)
        for change in changes:
            table, before, after = change.table, change.before, change.after
            rule = self.rules.get(table)
            if table in self.filed and change.document_id is not None:
                apart[table, place_of(change.document_id)].append(change)
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
                (main if old is None else apart[table, old]).append(gone)
            (main if new is None else apart[table, new]).append(change)
        return main, apart
