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

from db.journal import files
from db.journal.files import Run, direct
from db.journal.format import Header, Journal, batch_payload, seal
from db.journal.keeping import find_kept, keep, kept_path
from db.journal.lines import Lines, keep_torn
from db.journal.memory import TableState
from db.journal.part_disk import PartFiles
from db.journal.part_files import FoundPart, rest_on
from db.journal.parts import Entry
from db.journal.recovery import Found, find, find_parts, part_files
from db.journal.runner import Runner
from db.journal.snapshot import Position, Writer

logger = logging.getLogger(__name__)


class Disk:
    """`path`, `path.journal`, the `path.part.*`, torn tails, and `path.lock`, which is locked at
    once.

    sequence: the number of the journal's last batch that has landed
    batches: how many batches have become durable in all files, or more

    Raises `Locked` or `Unavailable`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.journal_path = files.beside(self.path, ".journal")
        self.torn_path = files.beside(self.path, ".journal.torn")
        self.sequence = self.batches = 0
        self.parts = PartFiles(self.path)
        self._journal: Lines | None = None
        self._payload: bytes | None = None
        self._meanwhile: list[bytes] | None = None
        self._lock = files.lock(files.beside(self.path, ".lock"))

    @property
    def _lines(self) -> Lines:
        """The journal's lines."""
        if self._journal is None:
            raise RuntimeError("the journal has not begun")
        return self._journal

    @property
    def journal_size(self) -> int:
        """The size in bytes of the journal's lines."""
        return self._lines.size

    @property
    def snapshot_size(self) -> int:
        """The size in bytes of the snapshot that the journal continues."""
        return self._lines.header.size

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
        self.parts.begin(parts, self.sequence)
        if anew is None and not found.outdated:
            keep_torn(self.journal_path, found.torn)
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
        self.parts.discard_left()

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
            steps.append(partial(self._lines.add, self._payload))
        if gone:
            steps.append(partial(self.parts.discard, gone))
        if steps:
            run(steps[0] if len(steps) == 1 else lambda: [step() for step in steps])

    def _write_alone(self, entry: Entry, run: Run) -> bool:
        """Write a transaction that needs one line, in half the time; return False for another."""
        if entry.begun or entry.dropped or len(entry.parts) + (entry.main is not None) != 1:
            return False
        if entry.main is not None:
            lines = self._lines
            self._payload = batch_payload(lines.last + 1, [entry.main])
            run(partial(lines.add, self._payload))
            return True
        ((part, transaction),) = entry.parts.items()
        lines = self.parts.lines(part)
        self._payload = None
        payload = batch_payload(lines.last + 1, [transaction])
        run(partial(self.parts.add, part, lines, payload))
        return True

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
            partial(self.parts.write, part, transactions + rest, begun.get(part))
            for part, transactions in lines.items()
        ]

    # -- compaction -------------------------------------------------------------------

    def position(self, next_ids: Mapping[str, int], *, clean: bool) -> Position:
        """Return the current position of the disk."""
        return Position(self.sequence, self._lines.header.salt, clean, dict(next_ids))

    def keep_journal(self) -> None:
        """Let the journal stay when the next one takes its place."""
        keep(self.path, self._lines.header)

    def kept_journals(self) -> list[Path]:
        """Return the journals that have stayed."""
        own = kept_path(self.path, self._lines.header)
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
        files.remove(self.torn_path)
        self.parts.forget_torn()

    def close(self) -> None:
        """Close the files."""
        if self._journal is not None:
            self._journal.close()
        self.parts.close()
        os.close(self._lock)

    def _switch_journal(self, header: Header, run: Run) -> None:
        lines = [seal(payload, header.seed) for payload in self._meanwhile or ()]
        sound = header.line() + b"".join(lines)
        self._replace_journal(Journal(header, sound, len(lines), b""), run)

    def _replace_journal(self, journal: Journal, run: Run) -> None:
        old = self._journal
        self._journal = Lines(self.journal_path, journal, run)
        if old is not None:
            old.close()


def _new_header(base: int, size: int, crc: int) -> Header:
    return Header(base, secrets.token_hex(8), size, crc)
