"""The files of one store: what they contain at every moment, and in what order they change.

It knows batches and snapshots, but not the tables in memory. The caller makes sure that only one
batch or one new journal is written at a time.
"""

import logging
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from db.journal import files
from db.journal.files import Run, direct
from db.journal.format import Header, Journal, batch_payload, seal
from db.journal.keeping import find_kept, keep, kept_path
from db.journal.memory import TableState
from db.journal.parts import Entry, FoundPart, part_header, part_path, rest_on, run_path
from db.journal.recovery import Found, find, find_parts, part_files
from db.journal.run_format import Meta
from db.journal.run_writing import Merge, RunWriter
from db.journal.runner import Runner
from db.journal.snapshot import Position, Writer

logger = logging.getLogger(__name__)

JOURNAL = 0
"""The number of the journal among the open files; those of parts have the parts' ids."""
FOLD_BYTES, LINED_BYTES, FOLD_SHARE, MOST_BYTES = 4 << 20, 12 << 20, 24, 32 << 20
"""The lines of a filed part are folded into its run at the first of these sizes, and the longest
when all have the second together; or at that share of the runs' bytes if it is more, but not more
than the last. A start after a crash reads the lines, which takes six times as long a byte as to
verify a run; and they are in memory.
"""


class Mark(NamedTuple):
    """Where the lines of a part were: the last batch's number, and their size in bytes."""

    last: int
    size: int


class Lines:
    """A file of lines that is open at its end.

    last: the number of its last batch
    size: the bytes of its header and lines, without the room after them
    run_bytes: those of the run that they continue
    full: the size at which they are folded into a run; None for never
    """

    def __init__(
        self, path: Path, journal: Journal, run: Run, run_bytes: int | None = None
    ) -> None:
        self.path, self.run_bytes = path, run_bytes or 0
        self.full = None if run_bytes is None else _most(FOLD_BYTES, run_bytes)
        self.header, self.last = journal.header, journal.last
        self.size, self._room = len(journal.sound), 0
        self._descriptor = files.supersede(path, [journal.sound], run)

    def add(self, payload: bytes) -> None:
        """Write the next batch; return once it is on the disk."""
        line = seal(payload, self.header.seed)
        self._room = files.write_line(self._descriptor, line, self._room)
        self.size += len(line)
        self.last += 1

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class Disk:
    """`path`, `path.journal`, the `path.part.*`, torn tails, and `path.lock`, which is locked at
    once.

    sequence: the number of the journal's last batch that has landed
    batches: how many batches have become durable in all files, or more
    full: the filed parts whose lines should be folded into their runs

    Raises `Locked` or `Unavailable`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.journal_path = self.path.with_name(self.path.name + ".journal")
        self.torn_path = self.path.with_name(self.path.name + ".journal.torn")
        self.sequence = self.batches = 0
        self.full: set[int] = set()
        self._lined, self._most_lined = 0, LINED_BYTES
        self._open: dict[int, Lines] = {}
        self._resting: dict[int, Header] = {}
        self._payload: bytes | None = None
        self._meanwhile: list[bytes] | None = None
        self._lock = files.lock(self.path.with_name(self.path.name + ".lock"))

    @property
    def journal_size(self) -> int:
        """The size in bytes of the journal's lines."""
        return self._open[JOURNAL].size

    @property
    def snapshot_size(self) -> int:
        """The size in bytes of the snapshot that the journal continues."""
        return self._open[JOURNAL].header.size

    def part_lines(self, part: int) -> int:
        """Return how many batches the file of a part holds."""
        if part in self._resting:
            return self._resting[part].base
        return self._open[part].last if part in self._open else 0

    # -- opening ----------------------------------------------------------------------

    def find(self) -> Found:
        """Read the files and change nothing. Raises `Corrupt` or `Mismatch`."""
        for path in (self.path, self.journal_path):
            files.require_writable(path)
        return find(self.path, self.journal_path)

    def find_parts(self, listed: TableState, last: int) -> list[FoundPart]:
        """Read the files of parts and change nothing. Raises `Corrupt` or `Mismatch`."""
        for _, path in part_files(self.path):
            files.require_writable(path)
        return list(find_parts(self.path, listed, last))

    def begin(self, found: Found, parts: Iterable[FoundPart], anew: Writer | None) -> None:
        """Continue from what was found, once it is certainly on the disk.

        What was read may have been only in the page cache: a process was killed before its fsync,
        or an fsync failed. So the names are fsynced, and the journal and the parts are written
        anew. Files that no listed part has are removed.

        anew: the snapshot to write in the stead of the one that was found
        """
        files.fsync_folder(self.path.parent)
        self.sequence = found.sequence if anew is None else anew.position.sequence
        for part in parts:
            self._begin_part(part)
        if anew is None and not found.outdated:
            self._keep_torn(self.journal_path, found.torn)
        else:
            self.forget_torn()  # it may hold what belongs in a part now
        if anew is not None:
            files.replace(self.path, anew)
            journal = Journal.begin(_new_header(self.sequence, anew.size, anew.crc))
        elif found.continued is not None and found.goes_on:
            journal = found.continued
        else:
            snapshot = found.snapshot
            journal = Journal.begin(_new_header(self.sequence, snapshot.size, snapshot.crc))
        self._replace_journal(journal, direct)
        files.discard(path for part, path in part_files(self.path) if self._is_left(part, path))
        self._measure_lines()

    def _begin_part(self, part: FoundPart) -> None:
        path, run_bytes = part_path(self.path, part.id), None
        if part.run is not None:
            run_bytes = part.run.size
        elif part.filed:
            run_bytes = 0
        if part.adopted is not None:
            self._adopt(part, part.adopted)
        if part.lined:
            self._keep_torn(path, part.journal.torn)
            self._open[part.id] = Lines(path, part.journal, direct, run_bytes)
        else:
            self._resting[part.id] = part.journal.header

    def _adopt(self, part: FoundPart, documents: Merge) -> None:
        """Write the run of a new part. It counts if the snapshot is there."""
        salt = part.journal.header.salt
        meta = Meta(part.place[0], 0, self.sequence, clean=True, salt=salt)
        files.replace(run_path(self.path, part.id), RunWriter(documents, meta, tag_of=part.tag))

    def _keep_torn(self, path: Path, torn: bytes) -> None:
        if torn:
            kept = path.with_name(path.name + ".torn")
            logger.warning("the journal's tail was torn by a crash: kept in %s", kept)
            files.keep(kept, torn)

    def _is_left(self, part: int, path: Path) -> bool:
        return not self.has_part(part) or path.suffix == ".tmp"

    # -- batches ----------------------------------------------------------------------

    def write(self, batch: list[Entry], run: Run) -> None:
        """Make one batch durable, and remove the files of the parts that it drops.

        The parts' lines are written first, and count only if the journal gets its line. So a
        transaction is stored whole or not at all. Only if a batch writes in several parts and
        nowhere else may a crash leave some of its lines and not others.

        Raises OSError; then the outcome is unknown.
        """
        if len(batch) == 1 and self._write_alone(batch[0], run):
            return
        main = [entry.main for entry in batch if entry.main is not None]
        self._payload = batch_payload(self.sequence + 1, main) if main else None
        gone = {part for entry in batch for part in entry.dropped}
        steps = self._part_steps(batch, gone) if any(entry.parts for entry in batch) else []
        if len(steps) > 1 and isinstance(run, Runner):
            run.together(steps)
            steps = []
        if self._payload is not None:
            steps.append(partial(self._open[JOURNAL].add, self._payload))
        if gone:
            steps.append(partial(self._discard, gone))
        if steps:
            run(steps[0] if len(steps) == 1 else lambda: [step() for step in steps])

    def _write_alone(self, entry: Entry, run: Run) -> bool:
        """Write a transaction that needs one line, in half the time; return False for another."""
        if entry.begun or entry.dropped or len(entry.parts) + (entry.main is not None) != 1:
            return False
        transaction, file = entry.main, JOURNAL
        if transaction is None:
            ((file, transaction),) = entry.parts.items()
        lines = self._lines(file)
        payload = batch_payload(lines.last + 1, [transaction])
        self._payload = payload if file == JOURNAL else None
        run(partial(self._add, file, lines, payload))
        return True

    def _add(self, file: int, lines: Lines, payload: bytes) -> None:
        before = lines.size
        lines.add(payload)
        if lines.full is None:
            return
        if lines.size >= lines.full:
            lines.full *= 2  # if it fails
            self.full.add(file)
        self._note_lined(lines.size - before)

    def _note_lined(self, size: int) -> None:
        self._lined += size
        if self._lined >= self._most_lined:
            self._most_lined *= 2  # if folding fails
            self._fold_longest()

    def _measure_lines(self) -> None:
        """Add up the lines of filed parts; fold the longest of too many."""
        filed = [each for each in self._open.values() if each.full is not None]
        self._lined = sum(each.size for each in filed)
        self._most_lined = _most(LINED_BYTES, sum(each.run_bytes for each in filed))
        if self._lined >= self._most_lined:
            self._fold_longest()

    def _fold_longest(self) -> None:
        filed = ((each.size, part) for part, each in self._open.items() if each.full is not None)
        self.full.add(max(filed)[1])

    def _lines(self, file: int) -> Lines:
        """Return open lines; those of a filed part at rest begin with what its run has."""
        header = self._resting.get(file)
        if header is not None:
            path, run_bytes = part_path(self.path, file), run_path(self.path, file).stat().st_size
            self._open[file] = Lines(path, Journal.begin(header), direct, run_bytes)
            del self._resting[file]
        return self._open[file]

    def landed(self) -> None:
        """Count the batch that was just written."""
        self.batches += 1
        if self._payload is not None:
            self.sequence += 1
            if self._meanwhile is not None:
                self._meanwhile.append(self._payload)

    @property
    def rewritten(self) -> bool:
        """Whether the batch that was just written has changed what a snapshot holds."""
        return self._payload is not None

    def _part_steps(self, batch: list[Entry], gone: set[int]) -> list[Callable[[], object]]:
        """Return what writes the lines of each part that stays."""
        lines: dict[int, list[bytes]] = {}
        begun: dict[int, str] = {}
        for entry in batch:
            begun |= entry.begun
            for part, transaction in entry.parts.items():
                if part not in gone:
                    lines.setdefault(part, []).append(transaction)
        rest = [rest_on(self.sequence + 1)] if lines and self._payload is not None else []
        return [
            partial(self._write_part, part, transactions + rest, begun.get(part))
            for part, transactions in lines.items()
        ]

    def _write_part(self, part: int, transactions: list[bytes], salt: str | None) -> None:
        if salt is not None:
            journal = Journal.begin(part_header(salt)).with_batch(transactions)
            self._open[part] = Lines(part_path(self.path, part), journal, direct, 0)
            self._note_lined(self._open[part].size)
        else:
            lines = self._lines(part)
            self._add(part, lines, batch_payload(lines.last + 1, transactions))

    def _discard(self, parts: set[int]) -> None:
        self.full -= parts
        for part in parts:
            self._resting.pop(part, None)
            if part in self._open:
                self._open.pop(part).close()
        files.discard(path for part, path in part_files(self.path) if part in parts)
        self._measure_lines()

    # -- folding ----------------------------------------------------------------------

    def has_part(self, part: int) -> bool:
        """Return whether a part has files."""
        return part in self._open or part in self._resting

    def rest_part(self, part: int, salt: str) -> None:
        """Note that a part begins with a run and no lines."""
        self._resting[part] = part_header(salt)

    def lined_parts(self) -> list[int]:
        """Return the parts that have a file of lines."""
        return [part for part in self._open if part != JOURNAL]

    def mark_part(self, part: int) -> Mark:
        """Return where a part's lines are. Call it while no batch is being written."""
        lines = self._open[part]
        return Mark(lines.last, lines.size)

    def cut_part(self, part: int, mark: Mark, run_bytes: int, run: Run, *, rest: bool) -> None:
        """Leave out a part's lines up to a mark: its run has them. Call it while no batch is being
        written.

        rest: let the file go if it has no other lines
        """
        old = self._open[part]
        later = run(partial(files.read, old.path, mark.size, old.size))
        header = part_header(old.header.salt, mark.last)
        if rest and not later:
            run(partial(files.unname, old.path))
            del self._open[part]
            self._resting[part] = header
        else:
            sound = header.line() + later
            journal = Journal(header, sound, old.last - mark.last, b"")
            lines = self._open[part] = Lines(old.path, journal, run, run_bytes)
        self.full.discard(part)
        if later and lines.size >= (lines.full or 0):
            self.full.add(part)  # so many came meanwhile
        self._measure_lines()
        old.close()

    # -- compaction -------------------------------------------------------------------

    def position(self, next_ids: Mapping[str, int], *, clean: bool) -> Position:
        """Return the current position of the disk."""
        return Position(self.sequence, self._open[JOURNAL].header.salt, clean, dict(next_ids))

    def keep_journal(self) -> None:
        """Let the journal stay when the next one takes its place."""
        keep(self.path, self._open[JOURNAL].header)

    def kept_journals(self) -> list[Path]:
        """Return the journals that have stayed."""
        own = kept_path(self.path, self._open[JOURNAL].header)
        return [each for each in find_kept(self.path) if each != own]

    def mark(self) -> None:
        """Remember the batches that are written from now on, for the next journal."""
        self._meanwhile = []

    def compact(
        self, writer: Writer, run: Run, switch: Callable[[Callable[[], None]], None]
    ) -> None:
        """Replace the snapshot, then the journal by one with the batches since `mark`.

        `switch` runs the second step while no batch is being written.
        """
        try:
            files.replace(self.path, writer, run)
            header = _new_header(writer.position.sequence, writer.size, writer.crc)
            switch(partial(self._switch_journal, header, run))
        finally:
            self._meanwhile = None

    def forget_torn(self) -> None:
        """Remove the files of torn tails."""
        for path in (self.torn_path, *(each for _, each in part_files(self.path))):
            if path.suffix == ".torn":
                files.remove(path)

    def close(self) -> None:
        """Close the files."""
        for lines in self._open.values():
            lines.close()
        os.close(self._lock)

    def _switch_journal(self, header: Header, run: Run) -> None:
        lines = [seal(payload, header.seed) for payload in self._meanwhile or ()]
        sound = header.line() + b"".join(lines)
        self._replace_journal(Journal(header, sound, len(lines), b""), run)

    def _replace_journal(self, journal: Journal, run: Run) -> None:
        old = self._open.get(JOURNAL)
        self._open[JOURNAL] = Lines(self.journal_path, journal, run)
        if old is not None:
            old.close()


def _most(least: int, run_bytes: int) -> int:
    """Return how many bytes of lines may continue runs of so many bytes."""
    return min(max(least, run_bytes // FOLD_SHARE), MOST_BYTES)


def _new_header(base: int, size: int, crc: int) -> Header:
    return Header(base, secrets.token_hex(8), size, crc)
