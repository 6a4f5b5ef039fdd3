"""Who is online in a room: a lease a connection, people counted once. Pure; time is an argument.

A leave is told `GRACE_SECONDS` after a person's last connection went: a reload is no leave.
Where more than `NAMED` are online only counts are told, but to hosts; once it is quieter again
`seq` makes a gap, so that all join again and see the names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Literal, TypedDict

from api.jsons import Time, iso
from voting.model.rooms import Move

GRACE_SECONDS = 5
NAMED = 200
NAMED_AGAIN = 180


Status = Literal["online", "away"]


class PersonDocument(TypedDict):
    """Somebody who is online in a room, with how many connections, since when."""

    id: str
    name: str
    role: str
    status: Status
    connections: int
    since: Time


class LeasesDiff(TypedDict):
    """Who came and went since the diff before; null where one may not know, or they are many."""

    seq: int
    joins: list[PersonDocument] | None
    leaves: list[str] | None
    online: int


@dataclass
class Person:
    """Somebody with at least one lease, or within the grace after the last: `gone_at`.

    `shown` is who others are told they are; `quiet`: they were here before the server started
    again, and never went.
    """

    shown: str
    name: str
    role: str
    since: Time
    status: Status = "online"
    quiet: bool = False
    connections: set[str] = field(default_factory=set)
    gone_at: datetime | None = None

    @property
    def told(self) -> tuple[str, str, str, str]:
        """What others see of them: where it changes, they join again."""
        return self.shown, self.name, self.role, self.status


class Leases:
    """One room's people by who they are in it. `seq` numbers the diffs that were told.

    `named` tells whether all members, not hosts alone, are told who comes and goes. Of the last
    diff, `gone` is who has left, and `moved` what is said of it: ("arrived" or "left", the id
    that is shown, name).
    """

    def __init__(self) -> None:
        self.seq = 0
        self.named = True
        self.gone: set[str] = set()
        self.moved: list[tuple[Move, str, str]] = []
        self._people: dict[str, Person] = {}
        self._told: dict[str, tuple[str, str, str, str]] = {}
        self._going: set[str] = set()
        self._dirty = False

    @property
    def settled(self) -> bool:
        """Tell whether there is nothing to tell, now or when a grace ends."""
        return not self._dirty and not self._going

    @property
    def online(self) -> int:
        """How many people are here, those within their grace among them."""
        return len(self._people)

    def __iter__(self) -> Iterator[str]:
        return iter(self._people)

    def __contains__(self, person_id: str) -> bool:
        return person_id in self._people

    def is_new(self, person_id: str) -> bool:
        """Tell whether somebody has come since the last diff."""
        return person_id in self._people and person_id not in self._told

    def arrive(
        self,
        person_id: str,
        name: str,
        role: str,
        connection: str,
        now: datetime,
        *,
        status: Status = "online",
        quiet: bool = False,
        shown: str | None = None,
    ) -> None:
        """Give a connection of a person its lease; `status` is online or away."""
        new = Person(shown or person_id, name, role, iso(now), quiet=quiet)
        person = self._people.setdefault(person_id, new)
        person.shown, person.name, person.role = new.shown, name, role
        person.status, person.gone_at = status, None
        person.connections.add(connection)
        self._going.discard(person_id)
        self._dirty = True

    def rename(self, person_id: str, shown: str, name: str, role: str) -> None:
        """Note what somebody is called now; nothing for one who isn't here."""
        if person := self._people.get(person_id):
            person.shown, person.name, person.role = shown, name, role
            self._dirty = True

    def depart(self, person_id: str, connection: str, now: datetime, *, grace: bool = True) -> None:
        """End a connection's lease."""
        person = self._people.get(person_id)
        if person is None or connection not in person.connections:
            return
        person.connections.remove(connection)
        if person.connections:
            return
        person.gone_at = now
        self._going.add(person_id)
        if not grace:
            self.leave(person_id)

    def leave(self, person_id: str) -> None:
        """End all of a person's leases, without grace."""
        self._people.pop(person_id, None)
        self._going.discard(person_id)
        self._dirty = True

    def settle(self, now: datetime, *, counted: bool = False) -> LeasesDiff | None:
        """Return what has changed since the last diff, None where nothing has.

        One whose name, role or status has changed joins again. counted: there is something to
        tell anyway.
        """
        grace = timedelta(seconds=GRACE_SECONDS)
        for person_id in list(self._going):
            gone_at = self._people[person_id].gone_at
            if gone_at is not None and abs(now - gone_at) >= grace:  # or the clock was set back
                self.leave(person_id)
        if not self._dirty and not counted:
            return None
        self._dirty = False
        seen = {person_id: person.told for person_id, person in self._people.items()}
        joined = {who for who, told in seen.items() if self._told.get(who) != told}
        self.gone = self._told.keys() - seen.keys()
        if not joined and not self.gone and not counted:
            return None
        before, after = _names(self._told), _names(seen)  # by the id that is shown
        leaves = sorted(before.keys() - after.keys())
        back = {self._people[who].shown for who in joined if self._people[who].quiet}
        self.moved = [
            *(
                ("arrived", each, after[each])
                for each in sorted(after.keys() - before.keys() - back)
            ),
            *(("left", each, before[each]) for each in leaves),
        ]
        self._told = seen
        self._renumber()
        joins = sorted((self._document(who) for who in joined), key=itemgetter("id"))
        return {"seq": self.seq, "joins": joins, "leaves": leaves, "online": len(seen)}

    def people(self) -> list[PersonDocument]:
        """Return everybody who is here."""
        return [self._document(person_id) for person_id in self._people]

    def _renumber(self) -> None:
        named = len(self._people) <= (NAMED if self.named else NAMED_AGAIN)
        self.seq += 2 if named and not self.named else 1
        self.named = named

    def _document(self, person_id: str) -> PersonDocument:
        person = self._people[person_id]
        return {
            "id": person.shown,
            "name": person.name,
            "role": person.role,
            "status": person.status,
            "connections": len(person.connections),
            "since": person.since,
        }


def _names(told: dict[str, tuple[str, str, str, str]]) -> dict[str, str]:
    return {shown: name for shown, name, _, _ in told.values()}
