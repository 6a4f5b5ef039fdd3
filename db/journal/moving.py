"""Moves a filed part: all its documents are written anew, in a part of another number.

The new part's run is written beside the writers, and counts with the journal's batch that lists it
and drops the old part. So a crash leaves one part or the other. What it leaves of a run that
doesn't count is removed at the next start.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any

from db.journal import files
from db.journal.disk import Disk
from db.journal.documents import Change, Document, last_states
from db.journal.files import Run as Step
from db.journal.folding import Switch, free
from db.journal.format import encode
from db.journal.parts import Entry, Parts, run_path
from db.journal.run_format import Meta
from db.journal.run_writing import Listed, RunWriter
from db.journal.runs import Run


class Move:
    """One move, to the number `place`.

    submit: queues a transaction; called with the mutex
    """

    def __init__(
        self,
        disk: Disk,
        parts: Parts,
        place: tuple[str, int],
        submit: Callable[[Entry, list[Change]], None],
    ) -> None:
        self._disk, self._parts, self._place, self._submit = disk, parts, place, submit
        self.submitted = False

    def begin(self, number: int) -> bool:
        """Begin, with the mutex; return False if that part isn't there, or the new one is."""
        table, place = self._place
        old = self._parts.part_of(table, number)
        found = None if old is None else self._parts.filed_part(old)
        if old is None or found is None or self._parts.part_of(table, place) is not None:
            return False
        self._old, self._filed = old, found[1]
        self._changes = self._filed.freeze(())
        if self._filed.run is not None:
            self._filed.run = self._filed.run.opened()  # it is read until the end
        self._row = self._parts.row(self._place)
        self._part = self._parts.table.next_id
        self._parts.table.reserve(self._part)
        self._path = run_path(self._disk.path, self._part)
        return True

    def run(
        self,
        documents: Iterable[tuple[int, Document]],
        mutex: AbstractContextManager[Any],
        switch: Switch,
        step: Step,
        pause: Callable[[], None],
    ) -> None:
        """Write the documents, which come with their new ids, ascending, and submit the transaction
        that lists the part, unless the old one has changed meanwhile. Raises OSError, `Corrupt` and
        what the documents raise. As `folding.Fold.run`.
        """
        self._mutex, self._step = mutex, step
        meta = Meta(self._place[0], 0, 0, clean=True, salt=self._row["salt"])
        source = Listed(documents, self._parts.filed[self._place[0]].count)
        self._writer = RunWriter(source, meta, pause)
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
                with mutex:
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
            gone = self._parts.filed_part(self._old) is None
            if not (gone or self._filed.changes or self._parts.part_of(*self._place) is not None):
                changes = self._parts.move(self._old, self._part, self._row, run)
                self._disk.rest_part(self._part, self._row["salt"])
                self._submit(Entry(encode(last_states(changes)), dropped=(self._old,)), changes)
                self.submitted = True
        if not self.submitted:
            self._step(partial(files.discard, [self._path]))
