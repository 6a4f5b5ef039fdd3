"""The files of parts: what they contain at every moment, and in what order they change."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from db.journal import files
from db.journal.files import Run, direct
from db.journal.format import Header, Journal, batch_payload
from db.journal.lines import Backlog, Lines, Mark, keep_torn
from db.journal.part_files import FoundPart, part_header, part_path, run_path
from db.journal.recovery import part_files
from db.journal.run_format import Meta
from db.journal.run_writing import Merge, RunWriter


class PartFiles:
    """The files of the parts of the store at `path`.

    full: the filed parts whose lines should be folded into their runs; remove one to fold it
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._backlog = Backlog()
        self.full = self._backlog.full
        self._open: dict[int, Lines] = {}
        self._resting: dict[int, Header] = {}

    def begin(self, parts: Iterable[FoundPart], sequence: int) -> None:
        """Write anew what was found of parts.

        sequence: the batch without which new ones don't count
        """
        for part in parts:
            self._begin(part, sequence)

    def _begin(self, part: FoundPart, sequence: int) -> None:
        path, run_bytes = part_path(self._path, part.id), None
        if part.run is not None:
            run_bytes = part.run.size
        elif part.filed:
            run_bytes = 0
        if part.adopted is not None:
            self._adopt(part, part.adopted, sequence)
        if part.lined:
            keep_torn(path, part.journal.torn)
            self._open[part.id] = Lines(path, part.journal, direct, run_bytes)
        else:
            self._resting[part.id] = part.journal.header

    def _adopt(self, part: FoundPart, documents: Merge, sequence: int) -> None:
        """Write the run of a new part. It counts if the snapshot is there."""
        salt = part.journal.header.salt
        meta = Meta(part.place[0], 0, sequence, clean=True, salt=salt)
        files.replace(run_path(self._path, part.id), RunWriter(documents, meta, tag_of=part.tag))

    def discard_left(self) -> None:
        """Remove the files that no part has, once all have begun."""
        files.discard(path for part, path in part_files(self._path) if self._is_left(part, path))
        self._backlog.measure(self._open)

    def _is_left(self, part: int, path: Path) -> bool:
        return not self.has(part) or path.suffix == ".tmp"

    def batches(self, part: int) -> int:
        """Return how many batches the file of a part holds."""
        if part in self._resting:
            return self._resting[part].base
        return self._open[part].last if part in self._open else 0

    def add(self, part: int, lines: Lines, payload: bytes) -> None:
        """Write a part's next batch to its open lines; return once it is on the disk."""
        before = lines.size
        lines.add(payload)
        self._backlog.note(part, lines, lines.size - before, self._open)

    def lines(self, part: int) -> Lines:
        """Return open lines; those of a filed part at rest begin with what its run has."""
        header = self._resting.get(part)
        if header is not None:
            path, run_bytes = part_path(self._path, part), run_path(self._path, part).stat().st_size
            self._open[part] = Lines(path, Journal.begin(header), direct, run_bytes)
            del self._resting[part]
        return self._open[part]

    def write(self, part: int, transactions: list[bytes], salt: str | None) -> None:
        """Write a part's next batch, or begin one with this salt."""
        if salt is not None:
            journal = Journal.begin(part_header(salt)).with_batch(transactions)
            lines = self._open[part] = Lines(part_path(self._path, part), journal, direct, 0)
            self._backlog.note(part, lines, lines.size, self._open)
        else:
            lines = self.lines(part)
            self.add(part, lines, batch_payload(lines.last + 1, transactions))

    def discard(self, parts: set[int]) -> None:
        """Remove the files of parts; return once that is on the disk."""
        self.full -= parts
        for part in parts:
            self._resting.pop(part, None)
            if part in self._open:
                self._open.pop(part).close()
        files.discard(path for part, path in part_files(self._path) if part in parts)
        self._backlog.measure(self._open)

    def has(self, part: int) -> bool:
        """Return whether a part has files."""
        return part in self._open or part in self._resting

    def rest(self, part: int, salt: str) -> None:
        """Note that a part begins with a run and no lines."""
        self._resting[part] = part_header(salt)

    def lined(self) -> list[int]:
        """Return the parts that have a file of lines."""
        return [*self._open]

    def mark(self, part: int) -> Mark:
        """Return where a part's lines are. Call it while no batch is being written."""
        lines = self._open[part]
        return Mark(lines.last, lines.size)

    def cut(self, part: int, mark: Mark, run_bytes: int, run: Run, *, rest: bool) -> None:
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
        self._backlog.measure(self._open)
        old.close()

    def forget_torn(self) -> None:
        """Remove the files of their torn tails."""
        for _, path in part_files(self._path):
            if path.suffix == ".torn":
                files.remove(path)

    def close(self) -> None:
        """Close the files."""
        for lines in self._open.values():
            lines.close()
