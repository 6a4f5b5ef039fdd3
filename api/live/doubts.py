"""Whose rights may have ended: they are looked at again before anything more is told.

Each kind of news has a loop of its own, so a draft could be told before the demotion that came
before it. A durable step marks here as well, and whoever tells settles these doubts first.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from gevent.lock import BoundedSemaphore

from api.live.connections import Connection, Connections
from db import Step, Store
from schemas.accounts import Account, Revocation
from schemas.rooms import Guest, Room, Row
from schemas.text import fold
from voting.people import count_rows, person_of

BATCH = 20
"""How many are looked at before others are served."""

Watch = tuple[Connection, str]


class Doubts:
    """`look(watches)` moves each connection to the audience that it belongs to in a room now."""

    def __init__(
        self,
        connections: Connections,
        store: Store,
        clock: Callable[[], datetime],
        look: Callable[[list[Watch]], None],
    ) -> None:
        self._connections, self._store, self._clock, self._look = connections, store, clock, look
        self._doubtful: dict[Watch, None] = {}
        self._rolled: dict[str, bool] = {}
        self._turn = BoundedSemaphore()

    def fold(self, steps: Sequence[Step]) -> None:
        """Doubt those whose rights durable steps may have ended; what gives rights ends none."""
        for before, after in steps:
            match before or after:
                case Revocation() as revocation:
                    self._doubt(self._connections.by_token(revocation.token_id))
                case Account() | Guest() as holder if before is not None:
                    self._doubt_person(person_of(holder))
                case Room() as room if before is not None:
                    self._doubt_person(person_of(room))
                    if _sight(before) != _sight(after):
                        self._doubt_room(room.code)
                case Row() as row if before is not None and _seat(before) != _seat(after):
                    self._doubt_row(row)
        for code in {each.room for step in steps for each in step if isinstance(each, Row)}:
            self._look_at_roll(code)

    def settle(self) -> None:
        """Return once nobody is in doubt. Call it outside transactions, before what is told is
        read; it yields only where there is something to do."""
        self._doubt(self._connections.expired(self._clock()))
        with self._turn:
            while some := list(islice(self._doubtful, BATCH)):
                self._look(some)
                for each in some:
                    self._doubtful.pop(each, None)

    def _doubt_row(self, row: Row) -> None:
        account = row.email and self._store.find(Account, "email_key", fold(row.email))
        for person in (
            person_of(row),
            row.account and f"u{row.account}",
            person_of(account or None),
        ):
            self._doubt_person(person or None)

    def _look_at_roll(self, code: str) -> None:
        """Doubt a room whose roll has got its first voter, or has none any more: in a room with a
        roll those who aren't on it are visitors."""
        rolled = count_rows(self._store, code, "voter") > 0
        if self._rolled.get(code) != rolled:
            self._rolled[code] = rolled
            self._doubt_room(code)

    def _doubt_person(self, person: str | None) -> None:
        self._doubt([] if person is None else self._connections.of(person))

    def _doubt_room(self, code: str) -> None:
        self._doubtful |= dict.fromkeys((each, code) for each in self._connections.watching(code))

    def _doubt(self, connections: Sequence[Connection]) -> None:
        self._doubtful |= dict.fromkeys((each, code) for each in connections for code in each.rooms)


def _sight(room: object) -> tuple[str, bool] | None:
    """Return what decides who may see a room; None for one that has gone."""
    return (room.visibility, room.trust_email) if isinstance(room, Room) else None


def _seat(row: object) -> tuple[object, ...] | None:
    """Return what of a row decides its people's rights; None for one that has gone."""
    return (row.role, row.email, row.account, row.generation) if isinstance(row, Row) else None
