"""Sends who is here: connections begin and end, and one loop sends the difference once a second.

Attendance is stored as people come and go, and in a small room a line of chat. Nothing is sent from
where that happens.
"""

import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import gevent
from gevent.event import Event

from api.leases import Leases, LeasesDiff, PersonDocument, Status
from api.loops import repeat
from api.present_counts import INTERVAL_SECONDS, SMALL, PresentCounts, PresentDocument
from api.shared_leases import SharedLeases
from voting.attendance import arrive, depart, find_attendance, is_here
from voting.model.persons import Kind, read_person
from voting.model.rooms import Attendance, Message, Move, Room, Row
from voting.people import Standing
from voting.store import Step, Store, Within

COUNT_SECONDS = 10.0
"""How long it may take until a change of who is present is sent if nobody came or left."""
RETURN_SECONDS = 60.0
"""For how long after a start people who were here before it come back without a line."""

NOTED_SECONDS = 20.0
"""For how long a line of the chat stands for the same move that another process notices."""

logger = logging.getLogger(__name__)


class PresenceDocument(PresentDocument):
    """A room's presence for a client that joins; diffs continue from `seq`."""

    seq: int
    online: int
    people: list[PersonDocument] | None


class PresenceDiff(LeasesDiff, PresentDocument):
    """Who came and left since the previous diff; null for clients that may not see names."""

    room: str


class Presence:
    """The rooms' leases. `send(code, diff, named)` is called with each difference; `named`:
    names may be sent to all members, not only to hosts.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        send: Callable[[str, PresenceDiff, bool], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._send = send
        self._rooms: defaultdict[str, Leases] = defaultdict(Leases)
        self._counts = PresentCounts(store, clock)
        self._people: dict[str, tuple[datetime, list[PersonDocument]]] = {}
        self._sent: dict[str, PresentDocument] = {}
        self._started_at = clock()
        self._work = Event()
        self._marked: set[str] = set()
        self._looked_at = -math.inf
        self.shared = SharedLeases(store, self._rooms.__getitem__, clock, self._mark)
        store.subscribe(self._mark_changed, Attendance, Row, Room, past=False)

    @property
    def online(self) -> int:
        """How many people are online, counted in each room."""
        return sum(leases.online for leases in self._rooms.values())

    def arrive(
        self, room: Room, standing: Standing, connection: str, status: Status = "online"
    ) -> None:
        """Count a connection of a person in a room; return once their attendance is on disk."""
        now, attendee = self._clock(), str(standing.attendee)
        returning = abs(now - self._started_at) < timedelta(seconds=RETURN_SECONDS)
        quiet = returning and self._was_here(room, attendee, now)
        self._mark(room.code)
        self._rooms[room.code].arrive(
            attendee,
            standing.name,
            standing.role,
            connection,
            now,
            status=status,
            quiet=quiet,
            public_id=standing.public_person,
        )
        self.shared.begin(room, standing, connection, status)
        with self._store.transaction():
            arrive(self._store, room, standing, now)
            self.shared.hold(room.code, connection)

    def move(self, room: Room, old: Standing, new: Standing, connection: str) -> None:
        """Note that a connection's person is now another one in the room, or has another name."""
        leases = self._rooms[room.code]
        if old.attendee == new.attendee:
            leases.rename(str(new.attendee), str(new.public_person), new.name, new.role)
            self._mark(room.code)
            self.shared.begin(room, new, connection, "online")
            with self._store.transaction():
                self.shared.hold(room.code, connection)
            return
        leases.depart(str(old.attendee), connection, self._clock(), grace=False)
        self.arrive(room, new, connection)

    def leave(self, room: Room, attendee: str) -> None:
        """End a person's presence at once, even if they have other connections."""
        self._rooms[room.code].leave(attendee)
        self._mark(room.code)
        with self._store.transaction():
            depart(self._store, room, attendee, self._clock(), left=True)
            self.shared.leave(room.code, attendee)

    def forget(self, gone: set[str]) -> None:
        """Remove a deleted person from all rooms. `gone`: their ids."""
        for code, leases in self._rooms.items():
            if leases.forget(gone):
                self._mark(code)
        self.shared.forget(gone)

    def hold_again(self) -> None:
        """Store the leases of this process that others have removed, or a crash of PostgreSQL."""
        for room, standing, connection, _ in self.shared.lacking():
            with self._store.transaction():
                arrive(self._store, room, standing, self._clock())
                self.shared.hold(room.code, connection)

    def depart(self, code: str, attendee: str, connection: str) -> None:
        """End a connection's lease. Nothing is sent or stored here."""
        self._rooms[code].depart(attendee, connection, self._clock())
        self.shared.end(code, connection)
        self._mark(code)

    def people(self, code: str) -> list[PersonDocument]:
        """Return who is online, by id, in a large room as of the last second. Never change it."""
        now, leases = self._clock(), self._rooms[code]
        at, people = self._people.get(code, (None, []))
        fresh = at is not None and abs(now - at) < timedelta(seconds=INTERVAL_SECONDS)
        if not fresh or leases.online <= SMALL:
            people = sorted(leases.people(), key=place_of)
            self._people[code] = now, people
        return people

    def snapshot(self, room: Room, standing: Standing) -> PresenceDocument:
        """Return a room's presence for a client that joins; `people` only if it may see names.

        It may contain joins that the next diff has too; clients merge them by id.
        """
        leases = self._rooms[room.code]
        named = standing.host or (standing.member and leases.named)
        return {
            "seq": leases.seq,
            "online": leases.online,
            **self.count(room),
            "people": leases.people() if named else None,
        }

    def count(self, room: Room) -> PresentDocument:
        """Return how many people are present in a room, and its quorum."""
        return self._counts.of(room, self._rooms[room.code].online)

    def run(self) -> None:
        """Send presence, for ever."""
        repeat(self._pause, self._settle_due, "sending presence failed")

    def _pause(self) -> None:
        self._work.wait(COUNT_SECONDS)
        gevent.sleep(INTERVAL_SECONDS)
        self._work.clear()

    def _settle_due(self) -> None:
        self.shared.flush()
        for code in self.due():
            leases = self._rooms[code]
            try:
                self.settle(code)
            except Exception:  # one room's fault must not silence the others
                logger.exception("sending presence failed")
            if not leases.settled:
                self._mark(code)
            gevent.sleep(0)  # one person may have made thousands of rooms

    def due(self) -> list[str]:
        """Return the rooms to check now: those that are marked, and now and then all."""
        marked, self._marked = self._marked, set()
        if time.monotonic() >= self._looked_at + COUNT_SECONDS:
            self._looked_at = time.monotonic()
            return list(self._rooms)
        return [code for code in marked if code in self._rooms]

    def _mark(self, code: str) -> None:
        self._marked.add(code)
        self._work.set()

    def announce(self, code: str, attendee: str) -> None:
        """Send an arrival now if it has not been sent yet, because the person is about to write.

        Don't call it in a transaction, which could be undone after it was sent.
        """
        leases = self._rooms.get(code)
        if leases is not None and leases.online <= SMALL and leases.is_new(attendee):
            self.settle(code)

    def _mark_changed(self, steps: Iterable[Step]) -> None:
        """Mark rooms where somebody may begin or cease to count, for example by a check-in."""
        for before, after in steps:
            match after or before:
                case Attendance(room=code) | Row(room=code) | Room(code=code):
                    self._mark(code)

    def settle(self, code: str) -> None:
        """Send what has changed in a room, if anything has."""
        room = self._store.find(Room, "code", code)
        if room is None:
            self._rooms.pop(code)
            self._counts.forget(code)
            self._people.pop(code, None)
            self._sent.pop(code, None)
            return
        now, leases = self._clock(), self._rooms[code]
        diff = leases.settle(now, counted=self.count(room) != self._sent.get(code))
        if diff is None:
            return
        with self._store.transaction():
            for attendee in leases.gone:
                if attendee not in leases:  # or they are back meanwhile
                    depart(self._store, room, attendee, now)
            if leases.online <= SMALL:
                for how, public_id, name in leases.moved:
                    if self.shared.worker and is_noted(self._store, code, how, public_id, now):
                        continue
                    self._store.add(Message(0, code, public_id, name, "", now, how, leases.online))
        self._sent[code] = counted = self.count(room)
        self._send(code, {"room": code, **diff, **counted}, leases.named)

    def _was_here(self, room: Room, attendee: str, now: datetime) -> bool:
        found = find_attendance(self._store, room, attendee)
        return found is not None and is_here(found, room, now)


def is_noted(store: Store, code: str, how: Move, public_id: str, now: datetime) -> bool:
    """Return whether another process has just stored a line of the chat for a move."""
    for line in reversed(store.group(Message, code, within=Within(limit=-2 * SMALL))):
        if line.move is not None and line.author == public_id:
            return line.move == how and abs(now - line.sent_at) < timedelta(seconds=NOTED_SECONDS)
    return False


def place_of(person: PersonDocument) -> tuple[Kind, int]:
    """Return a person's place in the list of people online."""
    return read_person(person["id"])
