"""Works on a store's files while no server has them: check, compact, back up, restore.

It decides what can be saved of a damaged store, and in which order files are replaced. Each
function takes the lock, or raises `Locked`. Nothing here knows a terminal.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from db.journal import files
from db.journal.errors import Corrupt, Mismatch
from db.journal.memory import Document, TableState
from db.journal.recovery import Found, find
from db.journal.snapshot import SLICE, Position, Writer, read_snapshot

EPOCH_TABLE, EPOCH_ID, FIRST_EPOCH = "meta", 1, 1
OWN = ("", ".journal", ".journal.torn", ".lock", ".tmp")

States = dict[str, TableState]
Look = Callable[[Mapping[str, Mapping[int, Document]]], None]
Carry = Callable[
    [Mapping[str, Mapping[int, Document]], Mapping[str, Mapping[int, Document]]],
    Mapping[str, Mapping[str, Document]],
]
Progress = Callable[[Iterable[bytes], int], Iterable[bytes]]


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
class Restored:
    """The result of a restore.

    lost: why the source could not be read completely; None if it could
    aside: where the old store is kept; None if there was none
    """

    report: Report
    epoch: int
    lost: str | None
    aside: Path | None


def check(path: Path, look: Look = lambda _tables: None) -> Report:
    """Read everything, verify every checksum, and change nothing.

    look: is given the documents of each table, to check the files beside the store

    Raises `Corrupt` or `Mismatch` as opening would, and what `look` raises.
    """
    with _locked(path):
        found = find(path, _beside(path, ".journal"))
        states = _states(found)
        look({name: state.documents for name, state in states.items()})
        return _report(found, states)


def compact(path: Path, progress: Progress) -> Report:
    """Compact the journal into the file; remove it, and the file of torn tails."""
    with _locked(path):
        found = find(path, _beside(path, ".journal"))
        states = _states(found)
        _put(path, states, Position(found.sequence, found.salt, True, _next_ids(states)), progress)
        files.remove(_beside(path, ".journal.torn"))
        return _report(found, states)


def backup(path: Path, target: Path, progress: Progress, *, force: bool = False) -> Report:
    """Write a consistent copy, itself a TinyDB JSON file, that only its owner can read.

    Raises FileExistsError if `target` exists (unless `force`) or is the store's own.
    """
    if target.resolve() in {_beside(path.resolve(), suffix) for suffix in OWN}:
        raise FileExistsError(f"{target} belongs to the store itself: choose another name")
    with _locked(path):
        if target.exists():
            if not force:
                raise FileExistsError(f"{target} exists: choose another name, or add --force")
            target.chmod(files.PRIVATE)
        found = find(path, _beside(path, ".journal"))
        states = _states(found)
        _write(target, states, Position(found.sequence, "", True, _next_ids(states)), progress)
        return _report(found, states)


def restore(
    path: Path,
    source: Path,
    now: datetime,
    progress: Progress,
    *,
    force: bool = False,
    carry: Carry = lambda _former, _restored: {},
) -> Restored:
    """Replace the store by `source` and begin a new epoch. The old files are kept, renamed.

    The readable part of a journal beside `source` is included. `source` may be the store itself, to
    accept the loss of what can't be read. Sequence numbers, epochs and ids continue after the
    highest that were ever issued. If the process is killed, it leaves the old store, the new
    store, or a store that refuses to open until the restore is run again.

    carry: is called with the documents of the old store, as far as they can be read, and of the
    restored store; returns documents by table and id to add to the restored store

    Raises `Corrupt` if `source` can't be read or, without `force`, has been changed or damaged.
    """
    if not source.exists() or source.stat().st_size == 0:
        raise FileNotFoundError(f"{source} is missing or empty")
    with _locked(path, required=False):
        issued = _issued(path, now)
        found, lost = _salvage(source)
        if _changed(found) and not force:
            raise Corrupt(f"{source} was damaged or edited: add --force to take it as it is")
        states = _states(found)
        epoch = max(issued.epoch, _epoch(states)) + 1
        _begin_epoch(states, epoch)
        tables = {name: state.documents for name, state in states.items()}
        for name, changed in carry(issued.documents, tables).items():
            states.setdefault(name, TableState(name)).replay({**changed})
        sequence = max(issued.sequence, found.sequence) + 1
        position = Position(sequence, issued.salt, True, issued.continue_ids(_next_ids(states)))
        aside = _keep(path, now)
        _put(path, states, position, progress)
        return Restored(_report(found, states, sequence), epoch, lost, aside)


@contextmanager
def _locked(path: Path, *, required: bool = True) -> Iterator[None]:
    if required and not path.exists() and not _beside(path, ".journal").exists():
        raise FileNotFoundError(f"{path} does not exist")
    descriptor = files.lock(_beside(path, ".lock"))
    try:
        yield
    finally:
        os.close(descriptor)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _states(found: Found) -> States:
    states: States = {}
    found.fill(lambda name: states.setdefault(name, TableState(name)))
    return states


def _next_ids(states: States) -> dict[str, int]:
    return {name: state.next_id for name, state in states.items()}


def _epoch(states: States) -> int:
    meta = states.get(EPOCH_TABLE)
    document = meta.documents.get(EPOCH_ID, {}) if meta is not None else {}
    return int(document.get("epoch", FIRST_EPOCH))


def _begin_epoch(states: States, epoch: int) -> None:
    """Record that the store was restored and its history rewound."""
    meta = states.setdefault(EPOCH_TABLE, TableState(EPOCH_TABLE))
    document = {**meta.documents.get(EPOCH_ID, {}), "epoch": epoch, "restored": True}
    meta.replay({str(EPOCH_ID): document})


def _changed(found: Found) -> bool:
    return not found.snapshot.intact and found.snapshot.position.sequence > 0


def _report(found: Found, states: States, sequence: int | None = None) -> Report:
    documents = {name: len(state.documents) for name, state in states.items() if state.present}
    number = found.sequence if sequence is None else sequence
    return Report(documents, number, found.newer, len(found.torn), _changed(found))


def _write(path: Path, states: States, position: Position, progress: Progress) -> None:
    tables = {name: state.documents for name, state in states.items() if state.present}
    slices = 2 + sum(2 + -(-len(documents) // SLICE) for documents in tables.values())
    files.replace(path, progress(Writer(tables, position), slices))


def _put(path: Path, states: States, position: Position, progress: Progress) -> None:
    """Replace snapshot and journal by a snapshot that records that the journal is included. If the
    process is killed in between, the store opens as if both steps were done."""
    _write(path, states, position, progress)
    files.remove(_beside(path, ".journal"))


def _keep(path: Path, now: datetime) -> Path | None:
    """Copy the store's files under names that make them a store of their own."""
    aside = _beside(path, f".before-restore-{now:%Y%m%dT%H%M%S.%fZ}")
    kept = [suffix for suffix in ("", ".journal") if _beside(path, suffix).exists()]
    for suffix in kept:
        with _beside(path, suffix).open("rb") as file:
            files.replace(_beside(aside, suffix), iter(partial(file.read, 1 << 20), b""))
    return aside if kept else None


def _salvage(path: Path) -> tuple[Found, str | None]:
    """Return the readable part of a store, and why it is not everything."""
    journal = _beside(path, ".journal")
    try:
        return find(path, journal), None
    except (Corrupt, Mismatch) as error:
        lost = str(error)
    try:
        return find(path, journal, salvage=True), lost
    except (Corrupt, Mismatch):
        snapshot = read_snapshot(path)
        return Found(snapshot, 0, snapshot.position.sequence, None, b""), lost


@dataclass(frozen=True)
class _Issued:
    """The numbers that a store has issued so far, and the documents that can be read.

    floor: the lowest next id of a table that is not in `next_ids`
    """

    sequence: int
    epoch: int
    next_ids: dict[str, int]
    floor: int = 1
    salt: str = ""
    documents: Mapping[str, Mapping[int, Document]] = field(default_factory=dict)

    def continue_ids(self, next_ids: dict[str, int]) -> dict[str, int]:
        """Return the next id of each table, none of them issued before."""
        return {
            name: max(next_id, self.next_ids.get(name, self.floor))
            for name, next_id in (self.next_ids | next_ids).items()
        }


def _issued(path: Path, now: datetime) -> _Issued:
    """Return the numbers that must never be issued again.

    If a part of the store can't be read, they continue from the clock (seconds since 1970), which
    no counter reaches; the epoch does so only if the snapshot can't be read.
    """
    clock = int(now.timestamp())
    try:
        found, lost = _salvage(path)
    except Corrupt:
        return _Issued(clock, clock, {}, clock)
    states = _states(found)
    documents = {name: state.documents for name, state in states.items()}
    if lost is None:
        next_ids = _next_ids(states)
        return _Issued(found.sequence, _epoch(states), next_ids, 1, found.salt, documents)
    epoch = _epoch(states) if found.snapshot.size > 0 else clock
    next_ids = {name: max(state.next_id, clock) for name, state in states.items()}
    sequence = max(found.sequence, clock)
    return _Issued(sequence, epoch, next_ids, clock, found.salt, documents)
