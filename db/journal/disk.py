"""The files of one store: what they contain at every moment, and in what order they change.

It knows batches and snapshots, but not the tables in memory. The caller makes sure that only one
batch or one new journal is written at a time.
"""

import logging
import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

from db.journal import files
from db.journal.files import Run, direct
from db.journal.format import Header, batch_payload, seal
from db.journal.recovery import Found, find
from db.journal.snapshot import Position, Writer

logger = logging.getLogger(__name__)


class Disk:
    """`path`, `path.journal`, `path.journal.torn`, and `path.lock`, which is locked at once.

    `journal_size` counts the bytes of the journal's header and lines, without the room after them.

    Raises `Locked` or `Unavailable`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.journal_path = self.path.with_name(self.path.name + ".journal")
        self.torn_path = self.path.with_name(self.path.name + ".journal.torn")
        self.sequence = 0
        self.journal_size = 0
        self._header = Header(0, "", 0, 0)
        self._payload = b""
        self._meanwhile: list[bytes] | None = None
        self._journal = -1
        self._room = 0
        self._lock = files.lock(self.path.with_name(self.path.name + ".lock"))

    @property
    def snapshot_size(self) -> int:
        """The size in bytes of the snapshot that the journal continues."""
        return self._header.size

    def find(self) -> Found:
        """Read the files and change nothing. Raises `Corrupt` or `Mismatch`."""
        for path in (self.path, self.journal_path):
            files.require_writable(path)
        return find(self.path, self.journal_path)

    def begin(self, found: Found) -> None:
        """Continue from what was found, once it is certainly on the disk.

        What was read may have been only in the page cache: a process was killed before its fsync,
        or an fsync failed. So the names are fsynced, the journal is written anew, and a snapshot
        without a valid seal is sealed.
        """
        files.fsync_folder(self.path.parent)
        self.sequence = found.sequence
        if found.torn:
            logger.warning("the journal's tail was torn by a crash: kept in %s", self.torn_path)
            files.keep(self.torn_path, found.torn)
        if found.continued is not None:
            self._replace_journal(found.continued.header, found.continued.sound, direct)
            return
        snapshot, at = found.snapshot, found.snapshot.position
        size, crc = snapshot.size, snapshot.crc
        if not snapshot.intact:
            if size > 0:
                logger.warning("%s was written by another program: taken as it is", self.path)
            position = Position(found.sequence, found.salt, clean=True, next_ids=at.next_ids)
            writer = Writer(snapshot.tables, position)
            files.replace(self.path, writer)
            size, crc = writer.size, writer.crc
        header = _new_header(found.sequence, size, crc)
        self._replace_journal(header, header.line(), direct)

    def write(self, transactions: list[bytes]) -> None:
        """Make one batch durable. Raises OSError; then the outcome is unknown."""
        self._payload = batch_payload(self.sequence + 1, transactions)
        line = seal(self._payload, self._header.seed)
        self._room = files.write_line(self._journal, line, self._room)
        self.journal_size += len(line)

    def landed(self) -> None:
        """Count the batch that was just written."""
        self.sequence += 1
        if self._meanwhile is not None:
            self._meanwhile.append(self._payload)

    def position(self, next_ids: dict[str, int], *, clean: bool) -> Position:
        """Return the current position of the disk."""
        return Position(self.sequence, self._header.salt, clean, next_ids)

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
        """Remove the file of torn tails."""
        files.remove(self.torn_path)

    def close(self) -> None:
        """Close the files."""
        if self._journal >= 0:
            os.close(self._journal)
        os.close(self._lock)

    def _switch_journal(self, header: Header, run: Run) -> None:
        lines = [seal(payload, header.seed) for payload in self._meanwhile or ()]
        self._replace_journal(header, header.line() + b"".join(lines), run)

    def _replace_journal(self, header: Header, data: bytes, run: Run) -> None:
        old, self._journal = self._journal, files.supersede(self.journal_path, [data], run)
        self._header, self.journal_size, self._room = header, len(data), 0
        if old >= 0:
            os.close(old)


def _new_header(base: int, size: int, crc: int) -> Header:
    return Header(base, secrets.token_hex(8), size, crc)
