"""Takes backups beside voting, and removes those that are no longer needed.

A backup is made in slices of a millisecond between other work, as a compaction is. Threads do all
that may wait for the disk of the backups: one that is full, fails or hangs doesn't stop voting. A
failure is logged and shown in the metrics.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NoReturn

from api.loops import every, repeat
from db.archive import Archive
from db.backups import Backup, find_backups, find_surplus, is_due, remove_backups, write_backup
from db.journal import JournalError, Locked, files
from db.journal.runner import Runner
from voting.model.polls import ONGOING, Poll
from voting.store import Store

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5
RETRY = timedelta(minutes=5)
LOCK = ".rollcall.lock"


@dataclass(frozen=True)
class BackupRules:
    """Where backups are stored, how often they are taken, how many are kept, and for how long."""

    folder: Path
    interval: timedelta
    count: int
    age: timedelta


class Backups:
    """The loop that takes backups.

    archive: keeps the journals between the backups; then one is taken after each poll, too
    taken_at: when the newest backup was taken
    seconds, size: how long that took, and its bytes, if this process took it
    failures: how many could not be taken since the start
    """

    def __init__(
        self,
        store: Store,
        rules: BackupRules,
        clock: Callable[[], datetime],
        archive: Archive | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._archive = archive
        self._ongoing: frozenset[int] = frozenset()
        self._poll_ended = archive is not None
        self._run = Runner()
        self._not_before: datetime | None = None
        self._open: frozenset[int] | None = None
        self._ended_at = datetime.min.replace(tzinfo=UTC)
        self.taken_at: datetime | None = None
        self.seconds, self.size, self.failures = 0.0, 0, 0

    def run(self) -> NoReturn:
        """Take backups for ever."""
        repeat(every(LOOK_SECONDS, at_once=True), self.look, "looking after backups failed")

    def look(self) -> None:
        """Take a backup if one is due, and remove those that are no longer needed.

        Of several processes that share a folder, one does it.
        """
        rules, now = self._rules, self._clock()
        if self._archive is not None:
            self._archive.mark(now)
        if self._not_before is not None and now < self._not_before <= now + RETRY:
            return
        try:
            backups = self._run(partial(find_backups, rules.folder, now))
            self.taken_at = backups[-1].at if backups else None
            if not self._note_ended(now, backups):
                return
            if self._archive is not None:
                self._archive.collect(self._run)
            if self._poll_ended or is_due(backups, now, rules.interval, self._ended_at):
                lock = self._run(partial(files.lock, rules.folder / LOCK))
                try:
                    self._take(now)
                finally:
                    os.close(lock)
        except Locked:
            return  # another process takes one
        except (JournalError, OSError) as error:
            self.failures += 1
            self._not_before = now + RETRY
            logger.error("no backup was written to %s: %s", rules.folder, error)  # noqa: TRY400

    def _take(self, now: datetime) -> None:
        rules, began, before = self._rules, perf_counter(), self._find_unsealed()
        chunks = self._store.backup()
        unsealed = before | self._find_unsealed()
        self._open = (self._open or frozenset()) | unsealed
        made = write_backup(rules.folder, now, chunks, unsealed=bool(unsealed), run=self._run)
        self.size = self._run(made.path.stat).st_size
        self.seconds = perf_counter() - began
        self.taken_at, self._not_before, self._poll_ended = made.at, None, False
        backups = self._run(partial(find_backups, rules.folder, now))
        surplus = find_surplus(backups, now, rules.count, rules.age, self._ended_at)
        self._run(partial(remove_backups, surplus))
        if self._archive is not None:
            left = [each.at for each in backups if each not in surplus]
            self._archive.drop(min(left), self._run)
        logger.info("backup %s: %d bytes, %.1f s", made.path.name, self.size, self.seconds)

    def _note_ended(self, now: datetime, backups: list[Backup]) -> bool:
        """Note whether a secret poll has ended since the last look; at the first, one may have.

        Return False if that must wait for the next look: names tell whole seconds, so a backup of
        this second may be from before the end.
        """
        unsealed, second = self._find_unsealed(), now.replace(microsecond=0)
        if self._open is None or self._open - unsealed:
            if any(each.unsealed and each.at == second for each in backups):
                return False
            self._ended_at = second
        self._open = unsealed
        if self._archive is not None:
            ongoing = frozenset(each.id for each in self._keyed_polls() if each.state in ONGOING)
            self._poll_ended |= bool(self._ongoing - ongoing)
            self._ongoing = ongoing
        return True

    def _find_unsealed(self) -> frozenset[int]:
        """Return the secret polls that were opened and whose keys are still there."""
        return frozenset(
            each.id
            for each in self._keyed_polls()
            if each.secrecy == "secret" and each.opened_at is not None
        )

    def _keyed_polls(self) -> list[Poll]:
        polls = (self._store.get(Poll, each) for each in self._store.keyed_polls())
        return [each for each in polls if each is not None]
