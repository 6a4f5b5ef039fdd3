"""Folds the lines of a filed part into its run, beside the writers.

A fold begins and ends while no batch is being written. In between it writes a new run from the old
one and what has durably changed since. A crash leaves the old run with all the lines, the new run
with all the lines, which give the same documents, or the new run with those that came meanwhile.

The temporary file is made as the fold begins. So it is removed if the part is dropped meanwhile.
"""

from collections.abc import Callable, Iterable
from functools import partial

from db.journal import files
from db.journal.disk import Disk
from db.journal.documents import Change, Document, Stored
from db.journal.filed import place_of
from db.journal.filed_part import FiledPart
from db.journal.files import Run as Step
from db.journal.part_files import run_path
from db.journal.run_format import Meta
from db.journal.run_writing import Merge, RunWriter
from db.journal.runs import Run
from db.journal.tables import Tables

Switch = Callable[[Callable[[], None]], None]

FREED_AT_ONCE = 1_000


def free(documents: dict[int, Stored], pause: Callable[[], None]) -> None:
    """Forget documents that nobody reads any more, in slices: to free many takes long."""
    while documents:
        for _ in range(min(FREED_AT_ONCE, len(documents))):
            documents.popitem()
        if documents:
            pause()


class Fold:
    """One fold of a part.

    pending: returns the changes that are published and not durable, in order
    rest: let its documents rest: nothing is looked for among them any more, or the store closes
    """

    def __init__(
        self,
        disk: Disk,
        tables: Tables,
        part: int,
        pending: Callable[[], Iterable[Change]],
        *,
        rest: bool,
    ) -> None:
        self._disk, self._part, self._pending = disk, part, pending
        self._mutex, self._parts = tables.mutex, tables.parts
        self._rest = rest
        self._path = run_path(disk.path, part)

    def run(self, switch: Switch, step: Step, pause: Callable[[], None]) -> None:
        """Do it, unless the part is dropped meanwhile. Raises OSError, `Corrupt`.

        switch: calls something while no batch is being written
        step: runs each blocking step
        pause: called between slices
        """
        self._step, self._descriptor = step, -1
        switch(self._begin)
        if self._descriptor < 0:
            return
        filing = self._parts.filed[self._row["table"]]
        merge = Merge(self._filed.run, self._changes, filing.count, pause)
        meta = Meta(self._row["table"], self._mark.last, 0, self._rest, self._row["salt"])
        self._writer = RunWriter(merge, meta, pause, filing.tag)
        try:
            files.fill(self._path, self._descriptor, self._writer, step)
        except BaseException:
            with self._mutex:
                self._filed.thaw()
            raise
        held = [self._filed.run]
        switch(self._end)
        free(self._changes, pause)
        self._step(held.clear)  # to close a large file that has no name any more takes long

    def _begin(self) -> None:
        with self._mutex:
            found = self._parts.filed_part(self._part)
            if found is None or self._part not in self._disk.parts.lined():
                return
            self._row: Document = found[0]
            self._filed: FiledPart = found[1]
            self._mark = self._disk.parts.mark(self._part)
            table, place = self._row["table"], self._row["part"]
            self._changes = self._filed.freeze(
                each
                for each in self._pending()
                if each.table == table
                and each.document_id is not None
                and place_of(each.document_id) == place
            )
        self._descriptor = files.create(self._path)

    def _end(self) -> None:
        files.close(self._descriptor)
        if not self._disk.parts.has(self._part):
            return
        self._step(partial(files.rename, files.temporary_of(self._path), self._path))
        run = Run(self._path)
        if not (self._rest and self._parts.is_at_rest(self._row["table"], self._row["part"])):
            run.hold(self._writer.ids)
        self._disk.parts.cut(self._part, self._mark, run.size, self._step, rest=self._rest)
        with self._mutex:
            self._filed.thaw(run)
