"""Decides what opening finds: which snapshot and journal belong together, and which is newer.

It changes nothing. Every error names the file and says what to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db.journal.errors import Corrupt, Mismatch
from db.journal.format import Journal, read_journal
from db.journal.memory import TableState
from db.journal.snapshot import Snapshot, read_snapshot

REMEDY = "restore a backup with `restore`"


@dataclass(frozen=True)
class Found:
    """The contents of the files.

    newer: how many batches the snapshot lacks
    sequence: the last batch of all
    continued: the journal to append to; None if a new one must be begun
    salt: that of the journal found, "" if there is none
    """

    snapshot: Snapshot
    newer: int
    sequence: int
    continued: Journal | None
    torn: bytes
    salt: str = ""

    def fill(self, state: Callable[[str], TableState]) -> None:
        """Load everything into the tables that `state` returns by name, once."""
        for name, documents in self.snapshot.tables.items():
            state(name).load(documents)
        for name, next_id in self.snapshot.position.next_ids.items():
            state(name).reserve(next_id - 1)
        if self.newer and self.continued is not None:
            for transaction in self.continued.transactions(self.snapshot.position.sequence):
                for name, table in transaction.items():
                    state(name).replay(table)


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
    return Found(snapshot, newer, sequence, continued, journal.torn, header.salt)
