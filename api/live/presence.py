"""Tells who is here: connections come and go, one loop sends the difference, once a second."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

import gevent
from gevent.event import Event

from api.live.leases import Leases

INTERVAL_SECONDS = 1.0


class Presence:
    """The rooms' leases. `tell(code, diff)` is called with each difference."""

    def __init__(
        self, clock: Callable[[], datetime], tell: Callable[[str, dict[str, Any]], None]
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._rooms: defaultdict[str, Leases] = defaultdict(Leases)
        self._work = Event()

    def arrive(self, code: str, person_id: str, name: str, role: str, connection: str) -> None:
        """Count a connection of a person in a room."""
        self._rooms[code].arrive(person_id, name, role, connection, self._clock())
        self._work.set()

    def depart(self, code: str, person_id: str, connection: str) -> None:
        """Count it no more; nothing is sent from here."""
        self._rooms[code].depart(person_id, connection, self._clock())
        self._work.set()

    def snapshot(self, code: str, *, named: bool) -> dict[str, Any]:
        """Return a room's presence as one joins."""
        return {**self._rooms[code].snapshot(named=named), "present": None, "quorum": None}

    def run(self) -> None:
        """Serve for ever."""
        while True:
            self._work.wait()
            gevent.sleep(INTERVAL_SECONDS)
            self._work.clear()
            for code, leases in list(self._rooms.items()):
                diff = leases.settle(self._clock())
                if diff is not None:
                    self._tell(code, {"room": code, **diff, "present": None, "quorum": None})
                if not leases.settled:
                    self._work.set()
