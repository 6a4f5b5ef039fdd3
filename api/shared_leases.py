"""Leases of people whose connections other workers have.

Where processes share a store, each stores the leases of its own connections as documents, and hears
of the others' by the steps of the store. A worker that others take for dead, because it was stopped
for a while, finds its leases gone, and stores them again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from api.leases import Leases
from voting.attendance import find_attendance
from voting.model.accounts import Account
from voting.model.rooms import Room
from voting.model.workers import Lease, Worker, place_of
from voting.people import Standing
from voting.store import Step, Store

Held = tuple[Room, Standing, str, str]
"""A lease of this process: room, standing, connection, status."""


class SharedLeases:
    """The leases of all processes that share a store; without such, it does nothing.

    rooms: returns the leases of a room
    mark: is called with a room in which somebody came or left
    """

    def __init__(
        self,
        store: Store,
        rooms: Callable[[str], Leases],
        clock: Callable[[], datetime],
        mark: Callable[[str], None],
    ) -> None:
        self._store, self._rooms, self._clock, self._mark = store, rooms, clock, mark
        self.worker = store.worker
        self._own: dict[str, Held] = {}
        self._ended: set[str] = set()
        self._counts = Counter[tuple[str, str, bool]]()
        self._split: defaultdict[str, set[str]] = defaultdict(set)
        """By room, who has connections to this process and to another."""
        self._loading = True
        if self.worker is not None:
            store.subscribe(self._apply, Lease, Worker, Account)
        self._loading = False

    # -- of this process ----------------------------------------------------------------

    def begin(self, room: Room, standing: Standing, connection: str, status: str) -> None:
        """Note a connection of this process; `hold` stores its lease."""
        if self.worker is not None:
            self._own[place_of(connection, room.code)] = room, standing, connection, status

    def hold(self, code: str, connection: str) -> None:
        """Store a connection's lease, if the connection still has one. Call it in a transaction."""
        place = place_of(connection, code)
        if self.worker is None or place not in self._own:
            return
        _, standing, _, status = self._own[place]
        who, shown = str(standing.attendee), str(standing.public_person)
        about = who, shown, standing.name, standing.role, status
        found = self._store.find(Lease, "place", place)
        if found is None:
            self._store.add(Lease(0, self.worker, connection, code, *about, self._clock()))
        else:
            self._store.save(Lease(found.id, self.worker, connection, code, *about, found.came_at))

    def end(self, code: str, connection: str) -> None:
        """Note that a connection's lease has ended; `flush` stores that."""
        place = place_of(connection, code)
        if self._own.pop(place, None) is not None:
            self._ended.add(place)

    def flush(self) -> None:
        """Store which leases have ended."""
        if not self._ended or self._store.failure is not None:
            return
        ended, self._ended = self._ended, set()
        try:
            with self._store.transaction():
                for place in ended - self._own.keys():
                    self._remove(self._store.find(Lease, "place", place))
        except BaseException:
            self._ended |= ended
            raise

    def leave(self, code: str, attendee: str) -> None:
        """Remove all leases of a person in a room. Call it in a transaction."""
        if self.worker is not None:
            for lease in self._store.group(Lease, (code, attendee), "who"):
                self._own.pop(lease.place, None)
                self._remove(lease)

    def forget(self, gone: set[str]) -> None:
        """Remove all leases of a deleted person. Call it in a transaction."""
        if self.worker is not None:
            for lease in self._store.each(Lease):
                if lease.who in gone or lease.public_id in gone:
                    self._own.pop(lease.place, None)
                    self._remove(lease)

    def lacking(self) -> list[Held]:
        """Return the leases of this process that the store lacks."""
        find = self._store.find
        return [held for place, held in self._own.items() if find(Lease, "place", place) is None]

    def split(self, code: str) -> list[str]:
        """Return the connections of this process in a room whose people have others to another."""
        leases = (
            lease
            for who in self._split.get(code, ())
            for lease in self._store.group(Lease, (code, who), "who")
        )
        return [each.connection for each in leases if each.worker == self.worker]

    def _remove(self, lease: Lease | None) -> None:
        if lease is not None:
            self._store.remove(lease)

    # -- of the others --------------------------------------------------------------------

    def _apply(self, steps: Sequence[Step]) -> None:
        doubted = any(
            isinstance(before, Worker) and after is None and before.name == self.worker
            for before, after in steps
        )
        for before, after in steps:
            self._count(before, -1)
            self._count(after, 1)
            match before, after:
                case _, Lease() as lease:
                    self._come(before, lease)
                case Lease() as lease, None:
                    self._go(lease, kept=doubted)
        for before, after in steps:
            if isinstance(before, Account) and after is None:
                self._forget(before.person, steps)

    def _count(self, lease: object, number: int) -> None:
        if not isinstance(lease, Lease):
            return
        code, who, counts = lease.room, lease.who, self._counts
        counts[code, who, lease.worker == self.worker] += number
        own, others = counts[code, who, True], counts[code, who, False]
        if own and others:
            self._split[code].add(who)
        elif code in self._split:
            self._split[code].discard(who)
        if not own and not others:
            del counts[code, who, True], counts[code, who, False]
            if not self._split.get(code):
                self._split.pop(code, None)

    def _come(self, before: object, lease: Lease) -> None:
        if lease.worker == self.worker:
            return
        leases = self._rooms(lease.room)
        if isinstance(before, Lease) and before.who != lease.who:
            leases.depart(before.who, lease.connection, self._clock(), grace=False)
        leases.arrive(
            lease.who,
            lease.name,
            lease.role,
            lease.connection,
            lease.came_at,
            status="away" if lease.status == "away" else "online",
            quiet=self._loading,
            public_id=lease.public_id,
        )
        self._mark(lease.room)

    def _go(self, lease: Lease, *, kept: bool) -> None:
        """Note that a lease was removed; kept: others took this process for dead."""
        leases = self._rooms(lease.room)
        if lease.worker != self.worker:
            leases.depart(
                lease.who, lease.connection, self._clock(), grace=not self._has_left(lease)
            )
        elif not kept and self._own.pop(lease.place, None) is not None:
            leases.leave(lease.who)
        self._mark(lease.room)

    def _has_left(self, lease: Lease) -> bool:
        room = self._store.find(Room, "code", lease.room)
        found = None if room is None else find_attendance(self._store, room, lease.who)
        return found is not None and found.left

    def _forget(self, person: str, steps: Iterable[Step]) -> None:
        """Remove the name of a person who was deleted by way of another process."""
        for before, after in steps:
            if after is not None or not isinstance(before, Lease) or before.public_id != person:
                continue
            if self._rooms(before.room).forget({person, before.who}):
                self._mark(before.room)
