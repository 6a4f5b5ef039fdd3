"""Tells who is here: connections come and go, one loop sends the difference, once a second.

Attendance is kept in the store as people come and go; nothing is sent from where they do.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import gevent
from gevent.event import Event

from api.live.leases import Leases
from db import Step, Store
from schemas.rooms import Attendance, Room, Row
from voting.attendance import arrive, count_present, depart
from voting.people import Standing
from voting.rooms import quorum_required

INTERVAL_SECONDS = 1.0
COUNT_SECONDS = 10.0
"""How late it may be told that somebody is present no more although nobody came or went."""

logger = logging.getLogger(__name__)


class Presence:
    """The rooms' leases. `tell(code, diff)` is called with each difference."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        tell: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._rooms: defaultdict[str, Leases] = defaultdict(Leases)
        self._counted: dict[str, dict[str, Any]] = {}
        self._work = Event()
        store.subscribe(self._fold)

    def arrive(
        self, room: Room, standing: Standing, connection: str, status: str = "online"
    ) -> None:
        """Count a connection of a person in a room; return once their attendance is on disk."""
        now, who = self._clock(), str(standing.who)
        leases = self._rooms[room.code]
        leases.arrive(who, standing.name, standing.role, connection, now, status=status)
        arrive(self._store, room, standing, now)

    def leave(self, room: Room, who: str) -> None:
        """End somebody's presence at once, whatever connections they have."""
        self._rooms[room.code].leave(who)
        depart(self._store, room, who, self._clock(), left=True)
        self._work.set()

    def forget(self, gone: set[str]) -> None:
        """Let go of a person who has been deleted; `gone` are their ids in all rooms."""
        for leases in self._rooms.values():
            for who in gone:
                leases.leave(who)
        self._work.set()

    def depart(self, code: str, who: str, connection: str) -> None:
        """Count it no more; nothing is sent or stored from here."""
        self._rooms[code].depart(who, connection, self._clock())
        self._work.set()

    def people(self, code: str) -> list[dict[str, Any]]:
        """Return who is online in a room."""
        return self._rooms[code].people()

    def snapshot(self, room: Room, *, named: bool) -> dict[str, Any]:
        """Return a room's presence as one joins, `people` only for those who may see names.

        It may hold joins that the next diff tells again: they merge by id.
        """
        leases = self._rooms[room.code]
        people = leases.people()
        return {
            "seq": leases.seq,
            "online": len(people),
            **self.count(room),
            "people": people if named else None,
        }

    def count(self, room: Room) -> dict[str, Any]:
        """Return how many are present in a room, and its quorum."""
        present = count_present(self._store, room, self._clock())
        required = quorum_required(self._store, room)
        met = None if required is None else present >= required
        return {
            "present": present,
            "quorum": {"required": required, "present": present, "met": met},
        }

    def run(self) -> None:
        """Serve for ever."""
        while True:
            self._work.wait(COUNT_SECONDS)
            gevent.sleep(INTERVAL_SECONDS)
            self._work.clear()
            for code, leases in list(self._rooms.items()):
                try:
                    self.settle(code)
                except Exception:  # one room's fault must not silence the others
                    logger.exception("telling presence failed")
                if not leases.settled:
                    self._work.set()

    def _fold(self, steps: Iterable[Step]) -> None:
        """Look again where somebody may count or not count any more, a check-in, say."""
        if any(isinstance(step.after or step.before, Attendance | Row | Room) for step in steps):
            self._work.set()

    def settle(self, code: str) -> None:
        """Tell what has changed in a room, if anything has."""
        room = self._store.find(Room, "code", code)
        if room is None:
            del self._rooms[code]
            return
        now, leases = self._clock(), self._rooms[code]
        counted = self.count(room)
        diff = leases.settle(now, counted=counted != self._counted.get(code))
        if diff is None:
            return
        with self._store.transaction():
            for who in diff["leaves"]:
                if who not in leases:  # or they are back meanwhile
                    depart(self._store, room, who, now)
        self._counted[code] = counted = self.count(room)
        self._tell(code, {"room": code, **diff, **counted})
