"""What is done by the clock: polls open and close, meetings that nobody is in end, people's
attendance moves to a meeting or from it, endings are finished, and what is old is removed.

The first loop also notices when somebody sets the system's clock: presence must not depend on that.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from gevent.event import Event

from api.loops import every, repeat
from api.slices import Rests
from voting.attendance import follow_clock
from voting.ending import finish_endings
from voting.guest_hosts import remove_expired
from voting.meetings import keep_meetings
from voting.model.meetings import Meeting
from voting.moving import move_people
from voting.pruning import Prunable, prune
from voting.schedule import Schedule
from voting.store import Step, Store

SCHEDULE_SECONDS = 0.1
STEP_SECONDS = 1.0
"""The clock was set if it differs by at least this; smaller differences are corrections."""
MEETING_SECONDS = 60.0
"""How often meetings that nobody is in any more are looked for."""
FINISH_SECONDS = 60.0
"""How often unfinished endings are looked for, such as those of requests that were killed."""
PRUNE_SECONDS = 3_600.0
"""How often things that are too old are removed."""


def steady_seconds() -> float:
    """Return the seconds of a clock that can't be set. If the system has such a clock, it also
    counts while the machine sleeps.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


logger = logging.getLogger(__name__)


class Timekeeper:
    """Five loops. The schedule never waits for files, nor until ballots are counted: what is left
    of an ending is done in another loop.

    count: begins to count a poll whose close has begun
    keep: for how long things are kept; what is left out, for ever
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = steady_seconds,
        count: Callable[[int], object] | None = None,
        keep: Mapping[Prunable, timedelta] | None = None,
    ) -> None:
        self._store, self._ages = store, keep or {}
        self._clock, self._steady, self._count = clock, steady, count
        self._read_at = clock(), steady()
        self._schedule = Schedule(store)
        self._ended = Event()
        self._moving, self._met = set[str](), Event()
        store.subscribe(self._note_meetings, Meeting, past=False)

    @property
    def loops(self) -> list[Callable[[], NoReturn]]:
        """The loops that have to run. The next start does what a fault prevented."""
        ended, hour = partial(self._ended.wait, FINISH_SECONDS), every(PRUNE_SECONDS, at_once=True)
        loops: list[tuple[Callable[[], object], Callable[[], None], str]] = [
            (every(SCHEDULE_SECONDS), self._keep, "the schedule was not kept"),
            (every(MEETING_SECONDS), self._end_meetings, "a meeting could not be ended"),
            (self._met.wait, self._move_people, "people could not be moved to a meeting"),
            (ended, self._finish, "a poll's ending could not be finished"),
            (hour, self._prune, "what is too old could not be removed"),
        ]
        return [partial(repeat, *each) for each in loops]

    def _keep(self) -> None:
        if self._store.failure is None:
            self.keep()

    def keep(self) -> None:
        """Read the clock once: follow it if it was set, then do what is due."""
        (read, steady), now = self._read_at, self._clock()
        self._read_at = now, self._steady()
        expected = read + timedelta(seconds=self._read_at[1] - steady)
        if abs((now - expected).total_seconds()) >= STEP_SECONDS and self._store.leads:
            self._follow(expected, now)
        if self._schedule.keep(now):
            self._ended.set()

    def _follow(self, expected: datetime, now: datetime) -> None:
        logger.warning("the clock was set by %+.0f s", (now - expected).total_seconds())
        self._schedule.follow_clock()
        try:
            follow_clock(self._store, expected, now)
        except Exception:  # the disk failed: presence follows the clock as it is now
            logger.exception("presence could not follow the clock")

    def _end_meetings(self) -> None:
        if self._store.failure is None and self._store.leads:
            keep_meetings(self._store, self._clock())

    def _move_people(self) -> None:
        self._met.clear()
        while self._moving and self._store.failure is None:
            code = self._moving.pop()
            try:
                move_people(self._store, code, Rests())
            except Exception:  # the next meeting of the room, or the next start, does the rest
                logger.exception("people could not be moved to a meeting")

    def _note_meetings(self, steps: Iterable[Step]) -> None:
        for before, after in steps:
            if isinstance(after, Meeting) and ended_at(before) != ended_at(after):
                self._moving.add(after.room)
                self._met.set()

    def _prune(self) -> None:
        if self._store.failure is None and self._store.leads:
            removed = remove_expired(self._store, self._clock(), Rests())
            if removed:
                logger.info("removed %s rooms of guest hosts", len(removed))
        for name, age in self._ages.items():
            if self._store.failure is None and self._store.leads:
                gone = prune(self._store, name, self._clock() - age, Rests())
                count = sum(1 for _ in gone)
                if count:
                    logger.info("pruned %s %s that were older than %s", count, name, age)

    def _finish(self) -> None:
        self._ended.clear()
        if self._store.failure is None:
            finish_endings(self._store, self._clock(), self._count, Rests())


def ended_at(meeting: object) -> object:
    """Return when a meeting has ended; False for what is no meeting yet."""
    return meeting.ended_at if isinstance(meeting, Meeting) else False
