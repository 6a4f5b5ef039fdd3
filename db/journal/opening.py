"""Opens a store: the files are read into the tables, and are continued."""

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass

from db.journal.disk import Disk
from db.journal.documents import ByTable
from db.journal.filed import as_filed
from db.journal.filed_part import FiledPart
from db.journal.loading import Loading
from db.journal.part_files import FoundPart, run_path
from db.journal.part_list import count_ended
from db.journal.recovery import Found
from db.journal.runs import Run
from db.journal.snapshot import Position, Writer
from db.journal.tables import Tables

logger = logging.getLogger(__name__)

Look = Callable[[ByTable, bool], None]

MANY = 100_000


@dataclass(frozen=True)
class Opened:
    """What opening has found to do. to_rest: parts whose lines should be folded, because nothing is
    looked for in them any more; compacted: whether the snapshot has everything that the journal has
    """

    to_rest: set[int]
    compacted: bool


def open_files(disk: Disk, tables: Tables, look: Look) -> Opened:
    """Read the files of a store into its tables, and continue them. `look`: as `JournaledStorage`
    takes it.

    Raises `Corrupt`, `Mismatch`, `Duplicate`, OSError.
    """
    collecting, listed = gc.isenabled(), tables.parts.listed.table
    gc.disable()  # it would walk everything again and again as the tables grow
    try:
        found = disk.find()
        found.fill(tables.held)
        on_disk = disk.find_parts(listed, found.sequence)
        listed.build_indexes()
        loading = Loading(tables)
        if found.outdated:
            on_disk = loading.stray_earlier(on_disk)
        strays = loading.strays(ruled=not found.goes_on)
        loading.load(on_disk)
        if (moving := sum(map(len, strays.values()))) >= MANY:
            text = "%s: %s documents get files of their own; a million take half a minute"
            logger.info(text, disk.path, f"{moving:,}")
        on_disk = loading.adopt(strays, on_disk, found.sequence + 1)
        for state in (*tables.states(), listed):
            state.build_indexes()
        if sum(len(state.documents) for state in tables.states()) >= MANY:
            gc.freeze()  # a full collection would walk them all: 0.4 s a million
    finally:
        if collecting:
            gc.enable()
    look({name: tables.documents(name) for name in tables.names()}, found.outdated)
    return _begin(disk, tables, found, on_disk, moved=bool(strays))


def _begin(
    disk: Disk, tables: Tables, found: Found, on_disk: list[FoundPart], *, moved: bool
) -> Opened:
    anew, parts = None, tables.parts
    if moved or not (found.goes_on or found.complete):
        everything, next_ids = tables.everything()
        sequence = found.sequence + moved  # the parts' lines count if this snapshot is there
        position = Position(sequence, found.salt, clean=True, next_ids=next_ids)
        anew = Writer(everything, position, rules=parts.rules)
        if found.edited:
            logger.warning("%s was written by another program: taken as it is", disk.path)
    disk.begin(found, on_disk, anew)
    for part in on_disk:
        if part.adopted is not None:
            run = Run(run_path(disk.path, part.id))
            as_filed(tables.table(part.place[0])).filed.parts[part.place[1]] = FiledPart(run)
            if not parts.is_at_rest(*part.place):
                run.hold()
    disk.batches = disk.sequence + count_ended(parts.listed.table)
    disk.batches += sum(part.journal.last for part in on_disk)
    to_rest = {
        part.id for part in on_disk if part.filed and part.lined and parts.is_at_rest(*part.place)
    }
    compacted = anew is not None or (not found.newer and found.snapshot.position.clean)
    return Opened(to_rest, compacted)
