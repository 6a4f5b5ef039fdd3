"""Doubts: connections whose rights may have ended are checked before anything more is sent to them.

Each kind of event has its own loop, so a former host could be sent a draft before the loop of
rights has noticed the change. Therefore a durable step also adds doubts here, and each loop settles
them before it sends.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count, islice

from api.live.connections import Connection, Connections
from voting.model.accounts import Account, Revocation
from voting.model.rooms import Guest, Room, Row
from voting.people import count_rows, person_of
from voting.store import Step, Store
from voting.text import normalise_email

BATCH = 20
"""How many connections are checked before other work runs."""

Watch = tuple[Connection, str]


class Doubts:
    """The connections in doubt, by room.

    look: moves each connection to the audience that it belongs to in a room now
    mark: is called with the rooms that have a connection in doubt, so that they are settled soon
    """

    def __init__(
        self,
        connections: Connections,
        store: Store,
        clock: Callable[[], datetime],
        look: Callable[[list[Watch]], None],
        mark: Callable[[set[str]], None],
    ) -> None:
        self._connections, self._store, self._clock = connections, store, clock
        self._look, self._mark = look, mark
        self._doubtful: defaultdict[str, dict[Connection, int]] = defaultdict(dict)
        """By room. Each doubt has a number, which shows whether there is a newer one."""
        self._rolled: dict[str, bool] = {}
        self._numbers = count()

    def doubt_changed(self, steps: Sequence[Step]) -> None:
        """Doubt the connections whose rights durable steps may have ended."""
        for before, after in steps:
            match before or after:
                case Revocation() as revocation:
                    self._doubt_everywhere(self._connections.by_token(revocation.token_id))
                case Account() | Guest() as holder if _rights(before) != _rights(after):
                    self._doubt_everywhere(self._connections.of(str(person_of(holder))))
                case Room() as room if before is not None:
                    if _rights(before) != _rights(after):
                        self._doubt_everywhere(self._connections.of(str(person_of(room))))
                    if _sight(before) != _sight(after):
                        self._doubt_room(room.code)
                case Row() as row if before is not None and _seat(before) != _seat(after):
                    self._doubt_row(row)
        for code in {each.room for step in steps for each in step if isinstance(each, Row)}:
            self._look_at_roll(code)

    def settle(self, code: str) -> None:
        """Return once no connection is in doubt in a room. Call it outside transactions, before
        reading what is sent there. It yields only if there is something to do."""
        for connection in self._connections.expired(self._clock()):
            self._doubt_everywhere([connection])
        while some := list(islice(self._doubtful.get(code, {}).items(), BATCH)):
            self._look([(connection, code) for connection, _ in some])
            left = self._doubtful[code]
            for connection, number in some:
                if left.get(connection) == number:
                    del left[connection]
            if not left:
                self._doubtful.pop(code, None)

    def _doubt_row(self, row: Row) -> None:
        people = [row.person, str(row.claimant)]
        if row.email is not None:
            people.append(
                str(person_of(self._store.find(Account, "email_key", normalise_email(row.email))))
            )
        for person in people:
            own = self._connections.of(person)
            self._doubt(row.room, [each for each in own if row.room in each.rooms])

    def _look_at_roll(self, code: str) -> None:
        """Doubt everybody in a room whose roll got its first voter, or lost its last: in a room
        with a roll, accounts that aren't on it are visitors."""
        rolled = count_rows(self._store, code, "voter") > 0
        if self._rolled.get(code) != rolled:
            self._rolled[code] = rolled
            self._doubt_room(code)

    def _doubt_room(self, code: str) -> None:
        self._doubt(code, self._connections.watching(code))

    def _doubt_everywhere(self, connections: Sequence[Connection]) -> None:
        for connection in connections:
            for code in connection.rooms:
                self._doubt(code, [connection])

    def _doubt(self, code: str, connections: Sequence[Connection]) -> None:
        if connections:
            self._doubtful[code] |= dict.fromkeys(connections, next(self._numbers))
            self._mark({code})


def _sight(room: object) -> tuple[bool, ...] | None:
    """Return what decides who may see a room, and as what; None if it was deleted."""
    if not isinstance(room, Room):
        return None
    return room.is_open, room.admits_guests, room.trust_email


def _rights(holder: object) -> tuple[object, ...] | None:
    """Return the fields that decide a holder's rights everywhere; None if it was deleted."""
    match holder:
        case Account():
            return holder.generation, holder.administrator, holder.email_key
        case Room():
            return (holder.generation,)
    return None if holder is None else ()


def _seat(row: object) -> tuple[object, ...] | None:
    """Return the fields that decide the rights of a row's people; None if it was deleted."""
    return (row.role, row.email, row.account, row.generation) if isinstance(row, Row) else None
