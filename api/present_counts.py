"""How many people are present in each room, counted once a second where they are many."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypedDict

from voting.attendance import count_present
from voting.model.rooms import Attendance, Room
from voting.quorums import quorum_required
from voting.store import Store

INTERVAL_SECONDS = 1.0
SMALL = 30
"""Up to how many people a room is small: counted each time, with a line for all who come or go."""


class QuorumNow(TypedDict):
    """How many people must be present, and how many are; null if there is no quorum."""

    required: int | None
    present: int
    met: bool | None


class PresentDocument(TypedDict):
    """How many are present in a room."""

    present: int
    quorum: QuorumNow


class PresentCounts:
    """The counts of all rooms."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._counts: dict[str, tuple[datetime, int | None, PresentDocument]] = {}

    def of(self, room: Room, online: int) -> PresentDocument:
        """Return how many people are present in a room, and its quorum. In a large room this is as
        of some moment of the last second, because counting reads all of them.

        online: how many people are online there
        """
        now = self._clock()
        if room.code in self._counts:
            at, meeting, counted = self._counts[room.code]
            fresh = abs(now - at) < timedelta(seconds=INTERVAL_SECONDS) and meeting == room.meeting
            seen = self._store.size(Attendance, (room.code, room.meeting), "meeting")
            if fresh and max(online, seen) > SMALL:
                return counted
        present = count_present(self._store, room, now)
        required = quorum_required(self._store, room)
        met = None if required is None else present >= required
        quorum: QuorumNow = {"required": required, "present": present, "met": met}
        counted = {"present": present, "quorum": quorum}
        self._counts[room.code] = now, room.meeting, counted
        return counted

    def forget(self, code: str) -> None:
        """Remove a deleted room's count."""
        self._counts.pop(code, None)
