"""Tells who is here: connections come and go, one loop sends the difference, once a second.

Attendance is kept in the store as people come and go; nothing is sent from where they do.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import gevent
from gevent.event import Event

from api.live.leases import Leases
from db import Store
from schemas.rooms import Room
from voting.attendance import arrive, count_present, depart
from voting.people import Standing
from voting.rooms import quorum_required

INTERVAL_SECONDS = 1.0


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
        self._work = Event()

    def arrive(self, room: Room, standing: Standing, connection: str) -> None:
        """Count a connection of a person in a room; return once their attendance is on disk."""
        now, who = self._clock(), str(standing.who)
        self._rooms[room.code].arrive(who, standing.name, standing.role, connection, now)
        arrive(self._store, room, standing, now)
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
            self._work.wait()
            gevent.sleep(INTERVAL_SECONDS)
            self._work.clear()
            for code, leases in list(self._rooms.items()):
                self._settle(code, leases)
                if not leases.settled:
                    self._work.set()

    def _settle(self, code: str, leases: Leases) -> None:
        now = self._clock()
        diff = leases.settle(now)
        room = self._store.find(Room, "code", code)
        if diff is None or room is None:
            return
        for who in diff["leaves"]:
            depart(self._store, room, who, now)
        self._tell(code, {"room": code, **diff, **self.count(room)})
