"""Files of lines that are open at their end, and which of them should be folded into a run."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from db.journal import files
from db.journal.files import Run
from db.journal.format import Journal, seal

logger = logging.getLogger(__name__)

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
        files.close(self._descriptor)


class Backlog:
    """Which filed parts have lines that should be folded into their runs.

    full: those parts
    """

    def __init__(self) -> None:
        self.full: set[int] = set()
        self._size, self._most = 0, LINED_BYTES

    def note(self, part: int, lines: Lines, size: int, every: Mapping[int, Lines]) -> None:
        """Note that so many bytes have come to the lines of a part.

        every: all open lines, by part
        """
        if lines.full is None:
            return
        if lines.size >= lines.full:
            lines.full *= 2  # if it fails
            self.full.add(part)
        self._size += size
        if self._size >= self._most:
            self._most *= 2  # if folding fails
            self._add_longest(every)

    def measure(self, every: Mapping[int, Lines]) -> None:
        """Add up the lines of filed parts; if they are too many, the longest should be folded."""
        filed = [each for each in every.values() if each.full is not None]
        self._size = sum(each.size for each in filed)
        self._most = _most(LINED_BYTES, sum(each.run_bytes for each in filed))
        if self._size >= self._most:
            self._add_longest(every)

    def _add_longest(self, every: Mapping[int, Lines]) -> None:
        filed = ((each.size, part) for part, each in every.items() if each.full is not None)
        self.full.add(max(filed)[1])


def _most(least: int, run_bytes: int) -> int:
    """Return how many bytes of lines may continue runs of so many bytes."""
    return min(max(least, run_bytes // FOLD_SHARE), MOST_BYTES)


def keep_torn(path: Path, torn: bytes) -> None:
    """Keep the unfinished line that a crash left in a file of lines."""
    if torn:
        kept = files.beside(path, ".torn")
        logger.warning("the journal's tail was torn by a crash: kept in %s", kept)
        files.keep(kept, torn)
