"""Makes a filed part of many documents at once, also from those of another part, which it replaces.

The new part's run is written beside the writers, and counts with the journal's batch that lists it
and drops the old part. So a crash leaves one part or the other. What it leaves of a run that
doesn't count is removed at the next start.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from db.journal import files
from db.journal.disk import Disk
from db.journal.documents import Change, Document, Stored, last_states
from db.journal.filed_part import FiledPart
from db.journal.files import Run as Step
from db.journal.folding import Switch, free
from db.journal.format import encode
from db.journal.part_files import run_path
from db.journal.part_list import new_row
from db.journal.parts import Entry
from db.journal.run_format import Meta
from db.journal.run_writing import Listed, RunWriter
from db.journal.runs import Run
from db.journal.tables import Tables


class Move:
    """One move, to a part of the number `place`.

    submit: queues a transaction; called with the mutex
    """

    def __init__(
        self,
        disk: Disk,
        tables: Tables,
        place: tuple[str, int],
        submit: Callable[[Entry, list[Change]], None],
    ) -> None:
        self._disk, self._place, self._submit = disk, place, submit
        self._mutex, self._parts = tables.mutex, tables.parts
        self.submitted = False
        self._old: int | None = None
        self._filed = FiledPart()
        self._changes: dict[int, Stored] = {}

    def begin(self, number: int | None) -> bool:
        """Begin, with the mutex; return False if the new part is there, or the old one isn't.

        number: of the old part; None if there is none
        """
        table, place = self._place
        if self._parts.part_of(table, place) is not None:
            return False
        if number is not None:
            self._old = self._parts.part_of(table, number)
            found = None if self._old is None else self._parts.filed_part(self._old)
            if found is None:
                return False
            self._filed = found[1]
            self._changes = self._filed.freeze(())
            if self._filed.run is not None:
                self._filed.run = self._filed.run.opened()  # it is read until the end
        self._row = new_row(self._place, filed=True)
        self._part = self._parts.listed.table.next_id
        self._parts.listed.table.reserve(self._part)
        self._path = run_path(self._disk.path, self._part)
        return True

    def run(
        self,
        documents: Iterable[tuple[int, Document]],
        switch: Switch,
        step: Step,
        pause: Callable[[], None],
    ) -> None:
        """Write the documents, which come with their new ids, ascending, and submit the transaction
        that lists the part, unless the old one has changed meanwhile. Raises OSError, `Corrupt` and
        what the documents raise. As `folding.Fold.run`.
        """
        self._step = step
        meta = Meta(self._place[0], 0, 0, clean=True, salt=self._row["salt"])
        filing = self._parts.filed[self._place[0]]
        self._writer = RunWriter(Listed(documents, filing.count, pause), meta, pause, filing.tag)
        self._descriptor = -1
        try:
            descriptor = step(partial(files.create, self._path))
            files.fill(self._path, descriptor, self._writer.body(), step)
            self._descriptor = descriptor
            switch(self._end)
        finally:
            if self._descriptor >= 0:
                files.abandon(self._path, self._descriptor)
            if not self.submitted:
                with self._mutex:
                    self._filed.thaw()

    def free(self, pause: Callable[[], None]) -> None:
        """Forget the documents of the old part, once it is durably dropped."""
        free(self._changes, pause)
        held, self._filed.run = [self._filed.run], None
        self._step(held.clear)  # to close a large file that has no name any more takes long

    def _end(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        self._writer.meta = replace(self._writer.meta, rests=self._disk.sequence + 1)
        try:
            self._step(partial(files.append, descriptor, self._writer.end()))
        finally:
            files.close(descriptor)
        self._step(partial(files.rename, files.temporary_of(self._path), self._path))
        run = Run(self._path)
        run.hold(self._writer.ids)
        with self._mutex:  # the next batch has this transaction: no other can be written before
            gone = self._old is not None and self._parts.filed_part(self._old) is None
            if not (gone or self._filed.changes or self._parts.part_of(*self._place) is not None):
                changes = self._parts.move(self._old, self._part, self._row, run)
                self._disk.parts.rest(self._part, self._row["salt"])
                dropped = () if self._old is None else (self._old,)
                self._submit(Entry(encode(last_states(changes)), dropped=dropped), changes)
                self.submitted = True
        if not self.submitted:
            self._step(partial(files.discard, [self._path]))
