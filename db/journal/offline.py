"""Works on a store's files while no server has them: check, compact, back up, restore.

It decides what can be saved of a damaged store, and in which order files are replaced. Each
function takes the lock, or raises `Locked`. Nothing here knows a terminal.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from db.journal import files
from db.journal.contents import Contents, Report, is_there, read, report_on, salvage
from db.journal.documents import ByTable
from db.journal.errors import Corrupt, JournalError
from db.journal.memory import States, TableState
from db.journal.part_list import TABLE
from db.journal.recovery import part_files
from db.journal.snapshot import SLICE, Position, Writer

EPOCH_TABLE, EPOCH_ID, FIRST_EPOCH = "meta", 1, 1
OWN = ("", ".journal", ".journal.torn", ".lock", ".tmp", ".keys")

Look = Callable[[ByTable], None]
Carry = Callable[[ByTable, ByTable], ByTable]
Extend = Callable[[States, int], int]
Progress = Callable[[Iterable[bytes], int], Iterable[bytes]]


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


def check(
    path: Path, look: Look = lambda _tables: None, foreign: Look = lambda _tables: None
) -> Report:
    """Read everything, verify every checksum, and change nothing.

    look: is given the documents of each table, to check the files beside the store
    foreign: is given the documents of a file that no store wrote, and may refuse them

    Raises `Corrupt` or `Mismatch` as opening would, and what `look` and `foreign` raise.
    """
    with _locked(path):
        contents = read(path)
        report, states = contents.report(), contents.merge()
        for each in (foreign, look) if contents.found.foreign else (look,):
            each(_documents(states))
        return report


def compact(path: Path, progress: Progress, foreign: Look = lambda _tables: None) -> Report:
    """Compact the journal into the file; remove it, and the files of torn tails. Parts stay.

    foreign: as in `check`
    """
    with _locked(path):
        contents = read(path)
        found, states = contents.found, contents.states
        if found.foreign:
            foreign(_documents(states))
        _put(path, states, Position(found.sequence, found.salt, True, _next_ids(states)), progress)
        for each in (files.beside(path, ".journal.torn"), *(part for _, part in part_files(path))):
            if each.suffix == ".torn":
                files.remove(each)
        return contents.report()


def backup(
    path: Path,
    target: Path,
    progress: Progress,
    foreign: Look = lambda _tables: None,
    *,
    force: bool = False,
) -> Report:
    """Write a consistent copy, itself one TinyDB JSON file, that only its owner can read.

    foreign: as in `check`

    Raises FileExistsError if `target` exists (unless `force`) or is the store's own.
    """
    own = {files.beside(path.resolve(), suffix) for suffix in OWN}
    if target.resolve() in own.union(each for _, each in part_files(path.resolve())):
        raise FileExistsError(f"{target} belongs to the store itself: choose another name")
    with _locked(path):
        if target.exists():
            if not force:
                raise FileExistsError(f"{target} exists: choose another name, or add --force")
            target.chmod(files.PRIVATE)
        contents = read(path)
        report, found, states = contents.report(), contents.found, contents.merge()
        if found.foreign:
            foreign(_documents(states))
        states.pop(TABLE, None)
        _write(target, states, Position(found.sequence, "", True, _next_ids(states)), progress)
        return report


def restore(
    path: Path,
    source: Path,
    now: datetime,
    progress: Progress,
    *,
    force: bool = False,
    extend: Extend | None = None,
    look: Look = lambda _tables: None,
    carry: Carry = lambda _former, _restored: {},
) -> Restored:
    """Replace the store by `source` and begin a new epoch. The old files are kept, renamed.

    The readable part of a journal beside `source` is included. `source` may be the store itself, to
    accept the loss of what can't be read. Sequence numbers, epochs and ids continue after the
    highest that were ever issued. If the process is killed, it leaves the old store, the new
    store, or a store that refuses to open until the restore is run again.

    extend: is given the tables of `source` and its last batch's number; may change the tables, and
    returns the number of the last batch that they have now
    look: is given the documents of each table of `source`, and may refuse them
    carry: is given the documents of the old store, as far as they can be read, and of the restored
    one; returns documents to add to it, by table and id

    Raises what `look` raises, and `Corrupt` if `source` is no store or, without `force`, damaged.
    """
    with _locked(path, required=False):
        contents, lost = _read_source(source, force=force)
        issued = _issued(path, now)
        batches, last, states = contents.batches, contents.found.sequence, contents.merge()
        sequence = 1 + max(issued.sequence, batches, extend(states, last) if extend else last)
        look(_documents(states))
        epoch = _begin_epoch(states, issued.epoch)
        for name, changed in carry(issued.documents, _documents(states)).items():
            states.setdefault(name, TableState(name)).replay(changed)
        position = Position(sequence, issued.salt, True, issued.continue_ids(_next_ids(states)))
        aside = keep_aside(path, f"before-restore-{now:%Y%m%dT%H%M%S.%fZ}")
        _put(path, states, position, progress)
        files.discard(each for _, each in part_files(path))
        return Restored(report_on(contents.found, states, sequence), epoch, lost, aside)


def _read_source(source: Path, *, force: bool) -> tuple[Contents, str | None]:
    if not source.exists() or source.stat().st_size == 0:
        raise FileNotFoundError(f"{source} is missing or empty")
    contents, lost = salvage(source)
    if contents.found.changed and not force:
        raise Corrupt(f"{source} was damaged or edited: add --force to take it as it is")
    return contents, lost


@contextmanager
def _locked(path: Path, *, required: bool = True) -> Iterator[None]:
    if required and not is_there(path):
        raise FileNotFoundError(f"{path} does not exist")
    with files.locked(path):
        yield


def _documents(states: States) -> ByTable:
    return {name: state.documents for name, state in states.items()}


def _next_ids(states: States) -> dict[str, int]:
    return {name: state.next_id for name, state in states.items() if state.next_id > 1}


def _epoch(states: States) -> int:
    meta = _documents(states).get(EPOCH_TABLE, {})
    return int(meta.get(EPOCH_ID, {}).get("epoch", FIRST_EPOCH))


def _begin_epoch(states: States, issued: int) -> int:
    """Record that the store was restored and its history rewound; return the new epoch.

    issued: the highest epoch that must not be issued again
    """
    epoch = max(issued, _epoch(states)) + 1
    meta = states.setdefault(EPOCH_TABLE, TableState(EPOCH_TABLE))
    document = {**meta.documents.get(EPOCH_ID, {}), "epoch": epoch, "restored": True}
    meta.replay({EPOCH_ID: document})
    return epoch


def _write(path: Path, states: States, position: Position, progress: Progress) -> None:
    tables = {name: state.documents for name, state in states.items() if state.present}
    slices = 2 + sum(2 + -(-len(documents) // SLICE) for documents in tables.values())
    files.replace(path, progress(Writer(tables, position), slices))


def _put(path: Path, states: States, position: Position, progress: Progress) -> None:
    """Replace snapshot and journal by a snapshot that records that the journal is included. If the
    process is killed in between, the store opens as if both steps were done."""
    _write(path, states, position, progress)
    files.remove(files.beside(path, ".journal"))


def keep_aside(path: Path, name: str) -> Path | None:
    """Copy the files of a store, whose lock is held, under names that make them a store of their
    own: those of `path` with a dot and `name`. Return the copy's path; None if there are none.

    The snapshot is the last, so a kill leaves nothing that looks like a store; a full disk leaves
    nothing at all. Raises OSError.
    """
    aside = files.beside(path, f".{name}")
    parts = [each.name.removeprefix(path.name) for _, each in part_files(path)]
    kept = [each for each in (*parts, ".journal", "") if files.beside(path, each).exists()]
    try:
        for suffix in kept:
            _copy(files.beside(path, suffix), files.beside(aside, suffix))
    except OSError:
        with suppress(OSError):
            files.discard(files.beside(aside, each) for each in kept)
        raise
    return aside if kept else None


def _copy(source: Path, target: Path) -> None:
    """Copy a file. An OSError for want of room names the target."""
    with source.open("rb") as file:
        files.replace(target, iter(partial(file.read, 1 << 20), b""))


@contextmanager
def mirrored(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the path of a store in an empty folder that has what this one has, and can be opened
    and changed while this one stays as it is and can't be opened.

    Runs and the file of keys are linked, because they are only read, or replaced as a whole. So no
    key is copied. Raises `Locked`, or OSError if there is no room.
    """
    with _locked(path):
        parts = [each.name.removeprefix(path.name) for _, each in part_files(path)]
        for suffix in ("", ".journal", ".keys", *parts):
            file = files.beside(path, suffix)
            if suffix == ".keys" or suffix.endswith(".run"):
                (folder / file.name).symlink_to(file.resolve())
            elif file.exists():
                _copy(file, folder / file.name)
        try:
            yield folder / path.name
        except JournalError as error:
            if f"{folder}/" not in str(error):
                raise
            raise type(error)(str(error).replace(f"{folder}/", f"{path.parent}/")) from error


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
    documents: ByTable = field(default_factory=dict)

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
        contents, lost = salvage(path)
    except Corrupt:
        return _Issued(clock, clock, {}, clock)
    sequence, found, states = contents.batches, contents.found, contents.merge()
    documents = _documents(states)
    if lost is None:
        return _Issued(sequence, _epoch(states), _next_ids(states), 1, found.salt, documents)
    epoch = _epoch(states) if found.snapshot.size > 0 else clock
    next_ids = {name: max(state.next_id, clock) for name, state in states.items()}
    return _Issued(max(sequence, clock), epoch, next_ids, clock, found.salt, documents)
