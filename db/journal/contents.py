"""What the files of a store hold, read while no process has them open, as far as they can be."""

from dataclasses import dataclass
from pathlib import Path

from db.journal.errors import Corrupt, Mismatch
from db.journal.filed import FiledDocuments, FiledState
from db.journal.filed_part import FiledPart
from db.journal.files import beside
from db.journal.memory import States, TableState
from db.journal.part_files import FoundPart
from db.journal.part_list import TABLE, count_ended, reserve_ids
from db.journal.recovery import Found, find, find_parts
from db.journal.snapshot import read_snapshot


@dataclass(frozen=True)
class Report:
    """The contents of a store: documents by table, the last batch's number, how many batches the
    snapshot lacks, the bytes of a torn write, and whether the file was changed by something else.
    """

    documents: dict[str, int]
    sequence: int
    newer: int
    torn: int
    changed: bool


@dataclass(frozen=True)
class Contents:
    """What was read of a store. states: the tables without the documents of `parts`."""

    found: Found
    states: States
    parts: list[FoundPart]

    @property
    def batches(self) -> int:
        """How many batches the store has had, or more."""
        ended = count_ended(self.states[TABLE])
        return self.found.sequence + ended + sum(part.journal.last for part in self.parts)

    def merge(self) -> States:
        """Return the tables with the documents of the parts in them, and no list of parts."""
        for part in self.parts:
            table, value = part.place
            state = self.states.setdefault(table, TableState(table))
            if part.filed:
                self._filed(table, state).parts[value] = FiledPart(part.run, part.documents)
            else:
                state.load_part(value, part.documents)
        self.states[TABLE].replay(None)
        return self.states

    def _filed(self, table: str, known: TableState) -> FiledDocuments:
        """Return the documents of a filed table."""
        if isinstance(known, FiledState):
            return known.filed
        state = self.states[table] = FiledState(table)
        state.load(known.documents)
        return state.filed

    def report(self) -> Report:
        """Return the report of what was read. Call it before `merge`."""
        report = report_on(self.found, self.states)
        for part in self.parts:
            documents = part.documents
            count = FiledPart(part.run, documents).size if part.filed else len(documents)
            table = part.place[0]
            report.documents[table] = report.documents.get(table, 0) + count
        return report


def is_there(path: Path) -> bool:
    """Return whether there is a store, of which a kill may have left the journal alone."""
    return path.exists() or beside(path, ".journal").exists()


def read(path: Path) -> Contents:
    """Read a store, all of it but the documents of runs, which are verified.

    Raises `Corrupt` or `Mismatch`.
    """
    contents = _complete(path, find(path, beside(path, ".journal")))
    for part in contents.parts:
        if part.run is not None:
            part.run.verify()
    return contents


def _complete(path: Path, found: Found, *, salvage: bool = False) -> Contents:
    states: States = {TABLE: TableState(TABLE)}

    def state(name: str) -> TableState:
        return states.setdefault(name, TableState(name))

    found.fill(state)
    reserve_ids(states[TABLE], state)
    parts = find_parts(path, states[TABLE], found.sequence, salvage=salvage)
    return Contents(found, states, list(parts))


def salvage(path: Path) -> tuple[Contents, str | None]:
    """Return the readable part of a store, and why it is not everything."""
    try:
        return read(path), None
    except (Corrupt, Mismatch) as error:
        lost = str(error)
    try:
        found = find(path, beside(path, ".journal"), salvage=True)
    except (Corrupt, Mismatch):
        snapshot = read_snapshot(path)
        found = Found(snapshot, 0, snapshot.position.sequence, None, b"")
    return _complete(path, found, salvage=True), lost


def report_on(found: Found, states: States, sequence: int | None = None) -> Report:
    """Return the report of a store with these tables.

    sequence: the last batch's number, if it is not the one that was found
    """
    present = {name: state for name, state in states.items() if state.present and name != TABLE}
    documents = {name: len(state.documents) for name, state in present.items()}
    number = found.sequence if sequence is None else sequence
    return Report(documents, number, found.newer, len(found.torn), found.changed)
