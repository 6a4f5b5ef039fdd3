"""Decides what opening finds: which snapshot and journal belong together, and which is newer.

It changes nothing. Every error names the file and says what to do.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from db.journal.documents import REMOVED, Document, Stored, as_document
from db.journal.errors import Corrupt, Mismatch
from db.journal.format import FORMAT, Journal, Transaction, read_journal
from db.journal.memory import TableState
from db.journal.part_files import FoundPart, part_header, part_path, rests_on, run_path
from db.journal.runs import Run
from db.journal.snapshot import Snapshot, read_snapshot

REMEDY = "restore a backup with `restore`"


@dataclass(frozen=True)
class Found:
    """The contents of the files.

    newer: how many batches the snapshot lacks
    sequence: the last batch of all
    continued: the journal to append to; None if a new one must be begun
    salt, format: those of the journal found, "" and this version's if there is none
    """

    snapshot: Snapshot
    newer: int
    sequence: int
    continued: Journal | None
    torn: bytes
    salt: str = ""
    format: int = FORMAT

    @property
    def outdated(self) -> bool:
        """Whether the journal is of an earlier version."""
        return self.format < FORMAT

    @property
    def changed(self) -> bool:
        """Whether something else changed the snapshot that a store had written."""
        return not self.snapshot.intact and self.snapshot.written

    @property
    def edited(self) -> bool:
        """Whether another program wrote the snapshot."""
        return self.snapshot.size > 0 and not self.snapshot.intact

    @property
    def foreign(self) -> bool:
        """Whether no store wrote what was found."""
        return not self.snapshot.written and self.salt == ""

    @property
    def complete(self) -> bool:
        """Whether the snapshot has everything. Then the journal is begun anew."""
        included = self.continued is None or self.snapshot.position.folds == self.salt
        return included and not self.newer and self.snapshot.intact

    @property
    def goes_on(self) -> bool:
        """Whether the journal that was found is continued."""
        return self.continued is not None and not self.outdated and not self.complete

    def fill(self, state: Callable[[str], TableState]) -> None:
        """Load everything into the tables that `state` returns by name, once."""
        for name, documents in self.snapshot.tables.items():
            state(name).load(documents)
        for name, next_id in self.snapshot.position.next_ids.items():
            state(name).reserve(next_id - 1)
        if self.newer and self.continued is not None:
            replay(self.continued.transactions(self.snapshot.position.sequence), state)


def replay(transactions: Iterable[Transaction], state: Callable[[str], TableState]) -> None:
    """Apply transactions to the tables that `state` returns by name: the last state of each
    document alone is decoded.
    """
    last: dict[str, dict[int, Stored]] = {}
    for transaction in transactions:
        for name, changes in transaction.items():
            if changes is not None:
                last.setdefault(name, {}).update(changes)
                continue
            state(name).reserve(max(last.pop(name, ()), default=0))
            state(name).replay(None)
    for name, final in last.items():
        state(name).replay(final)


def find(path: Path, journal_path: Path, *, salvage: bool = False) -> Found:
    """Read snapshot and journal, and decide what they contain together.

    salvage: accept the part of a damaged journal before the damage

    Raises `Corrupt` or `Mismatch`.
    """
    try:
        snapshot = read_snapshot(path)
    except Corrupt as error:
        raise Corrupt(f"{error}; {REMEDY}") from error
    if not journal_path.exists():
        if not snapshot.position.clean:
            raise Mismatch(
                f"{journal_path} is missing, and {path} was not closed cleanly: put the journal "
                "back, or accept the loss of what it held with `restore`"
            )
        return Found(snapshot, 0, snapshot.position.sequence, None, b"")
    try:
        journal = read_journal(journal_path.read_bytes(), salvage=salvage)
    except Corrupt as error:
        raise Corrupt(f"{journal_path}: {error}; {REMEDY}") from error
    return _reconcile(path, snapshot, journal)


def _reconcile(path: Path, snapshot: Snapshot, journal: Journal) -> Found:
    at, header = snapshot.position, journal.header
    if snapshot.size == 0 and header.size > 0:
        raise Mismatch(f"{path} is missing, and its journal alone can't replace it: put it back")
    same = (snapshot.size, snapshot.crc) == (header.size, header.crc)
    joined = same or (snapshot.intact and at.folds == header.salt)
    if not joined and (snapshot.intact or journal.count):  # else: edited after a clean stop
        age = f" (at {at.sequence}, the journal starts at {header.base})"
        raise Mismatch(
            f"{path} is {'older than' if at.sequence < header.base else 'not the file of'} its "
            f"journal{age}: put the file back that was there, or accept the loss of what the "
            "journal holds with `restore`"
        )
    continued = journal if joined and at.sequence <= journal.last else None
    sequence = max(at.sequence, journal.last)
    newer = sequence - at.sequence if continued else 0
    return Found(snapshot, newer, sequence, continued, journal.torn, header.salt, header.format)


def find_parts(
    path: Path, listed: TableState, last: int, *, salvage: bool = False
) -> Iterator[FoundPart]:
    """Read the files of the parts of the store at `path`, and look for others.

    listed: the parts as the journal has them
    last: the number of the journal's last batch
    salvage: accept the part of a damaged file before the damage, and leave out what can't be read

    Raises `Corrupt` or `Mismatch`, also for a file that holds more than the journal knows of.
    """
    for part, row in listed.documents.items():
        if "table" in row:
            with suppress(*(Corrupt, Mismatch) if salvage else ()):
                find = _find_filed if row.get("filed") else _find_part
                yield find(path, part, row, last, salvage=salvage)
    for part, file in part_files(path):
        if not salvage and part >= listed.next_id and file.suffix not in (".torn", ".tmp"):
            _refuse_unknown(file, last)


def part_files(path: Path) -> Iterator[tuple[int, Path]]:
    """Yield the files of parts beside a store, also of parts that are not listed, with their ids;
    also runs, torn tails and temporary files.
    """
    named = re.compile(re.escape(path.name) + r"\.part\.(\d+)(\.torn|(\.run)?(\.tmp)?)")
    for file in sorted(path.parent.glob("*.part.*")):
        if found := named.fullmatch(file.name):
            yield int(found[1]), file


def _find_part(path: Path, part: int, row: Document, last: int, *, salvage: bool) -> FoundPart:
    path = part_path(path, part)
    journal = _read_lines(path, row, salvage=salvage)
    if journal is None:
        raise _missing(path)
    journal, changes = _counting(path, row, journal, last, salvage=salvage)
    decoded = {key: as_document(stored) for key, stored in changes.items()}
    documents = {key: document for key, document in decoded.items() if document is not None}
    return FoundPart(part, (row["table"], row["part"]), journal, documents)


def _find_filed(path: Path, part: int, row: Document, last: int, *, salvage: bool) -> FoundPart:
    """Return a filed part. Its run counts with the lines that continue it: those after it, and any
    that it already has.
    """
    lines, file = part_path(path, part), run_path(path, part)
    run = Run(file, lenient=salvage) if file.exists() else None
    found = _read_lines(lines, row, salvage=salvage)
    if run is not None and (run.meta.salt != row["salt"] or run.meta.rests > last):
        raise Mismatch(f"{file} is not the file of its store: put the file back that was there")
    if found is None and (run is None or not run.meta.clean):
        raise _missing(lines)
    if run is None and found is not None and found.header.base:
        raise _missing(file)
    at = 0 if run is None else run.meta.sequence
    journal = found or Journal.begin(part_header(row["salt"], at))
    if not salvage and not journal.header.base <= at <= journal.last:
        raise Mismatch(f"{file} and {lines} do not go together: put the one back that was there")
    journal, changes = _counting(lines, row, journal, last, salvage=salvage)
    place = row["table"], row["part"]
    return FoundPart(part, place, journal, changes, run, lined=found is not None, filed=True)


def _missing(path: Path) -> Mismatch:
    return Mismatch(
        f"{path} is missing: put it back, or accept the loss of what it held with `restore`"
    )


def _read_lines(path: Path, row: Document, *, salvage: bool) -> Journal | None:
    """Return the lines of a part; None if there is no such file."""
    try:
        journal = read_journal(path.read_bytes(), salvage=salvage)
    except FileNotFoundError:
        return None
    except Corrupt as error:
        raise Corrupt(f"{path}: {error}; {REMEDY}") from error
    if journal.header.salt != row["salt"]:
        raise Mismatch(f"{path} is not the file of its store: put the file back that was there")
    return journal


def _counting(
    path: Path, row: Document, journal: Journal, last: int, *, salvage: bool
) -> tuple[Journal, dict[int, Stored]]:
    """Return a part's lines, and the last states of its documents, without a batch that rests on
    one which the journal lacks: it was written before, and a crash prevented the other.
    """
    changes: dict[int, Stored] = {}
    table = row["table"]
    for number, batch in enumerate(journal.batches(0), start=1):
        if rests_on(batch) > last:
            if number < journal.count and not salvage:
                raise Mismatch(f"{path} is newer than its journal: put that back")
            journal = journal.first(number - 1)
            break
        for transaction in batch:
            if own := transaction.get(table):
                changes.update(own)
    for key in [key for key, stored in changes.items() if stored == REMOVED]:
        changes[key] = None
    return journal, changes


def _refuse_unknown(path: Path, last: int) -> None:
    """Raise `Mismatch` for a part that the journal has never listed, unless a crash explains it:
    its first line or its run was written, and the journal's line was not.
    """
    try:
        if path.suffix == ".run":
            known = Run(path).meta.rests <= last
        else:
            batches = list(read_journal(path.read_bytes()).batches(0))
            known = len(batches) > 1 or (bool(batches) and rests_on(batches[0]) <= last)
    except Corrupt:
        return
    if known:
        raise Mismatch(
            f"{path} belongs to a store that {path.parent} does not hold: put the other files "
            "back that were beside it, or accept the loss of what it holds with `restore`"
        )
