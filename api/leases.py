"""Who is online in a room: a lease a connection, people counted once. Pure; time is an argument.

A leave is sent `GRACE_SECONDS` after a person's last connection ended, so a reload is not a leave.
While more than `NAMED` people are online, only hosts are sent names, and others only counts. When
the room is smaller again, `seq` skips a number, so that clients join again and get the names.
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
    """A person who is online in a room: over how many connections, and since when."""

    id: str
    name: str
    role: str
    status: Status
    connections: int
    since: Time


class LeasesDiff(TypedDict):
    """Who came and left since the previous diff; null for clients that may not see names."""

    seq: int
    joins: list[PersonDocument] | None
    leaves: list[str] | None
    online: int


@dataclass
class Person:
    """A person with at least one lease, or whose last lease ended at `gone_at`, within the grace.

    public_id: the person that others see
    quiet: they were here before the server restarted, and never left
    """

    public_id: str
    name: str
    role: str
    since: Time
    status: Status = "online"
    quiet: bool = False
    connections: set[str] = field(default_factory=set)
    gone_at: datetime | None = None

    @property
    def visible(self) -> tuple[str, str, str, str]:
        """What others see of them; if it changes, they are sent as joining again."""
        return self.public_id, self.name, self.role, self.status


class Leases:
    """The people of one room, by attendee. `seq` numbers the diffs that were sent.

    named: whether all members are sent names, or only hosts
    gone: the attendees who left with the last diff
    moved: its lines for the chat: ("arrived" or "left", public id, name)
    """

    def __init__(self) -> None:
        self.seq = 0
        self.named = True
        self.gone: set[str] = set()
        self.moved: list[tuple[Move, str, str]] = []
        self._people: dict[str, Person] = {}
        self._sent: dict[str, tuple[str, str, str, str]] = {}
        self._going: set[str] = set()
        self._dirty = False

    @property
    def settled(self) -> bool:
        """Return whether there is nothing to send, now or when a grace ends."""
        return not self._dirty and not self._going

    @property
    def online(self) -> int:
        """How many people are here, including those within their grace."""
        return len(self._people)

    def __iter__(self) -> Iterator[str]:
        return iter(self._people)

    def __contains__(self, person_id: str) -> bool:
        return person_id in self._people

    def is_new(self, person_id: str) -> bool:
        """Return whether a person has come since the last diff."""
        return person_id in self._people and person_id not in self._sent

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
        public_id: str | None = None,
    ) -> None:
        """Add the lease of a person's connection."""
        new = Person(public_id or person_id, name, role, iso(now), quiet=quiet)
        person = self._people.setdefault(person_id, new)
        person.public_id, person.name, person.role = new.public_id, name, role
        person.status, person.gone_at = status, None
        person.connections.add(connection)
        self._going.discard(person_id)
        self._dirty = True

    def rename(self, person_id: str, public_id: str, name: str, role: str) -> None:
        """Change what others see of a person, if the person is here."""
        if person := self._people.get(person_id):
            person.public_id, person.name, person.role = public_id, name, role
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

    def forget(self, gone: set[str]) -> bool:
        """End all leases of a deleted person, who had these ids: that they left is sent without
        their name. Return whether there were any.
        """
        for person_id in gone & self._people.keys():
            self.leave(person_id)
        for person_id in gone & self._sent.keys():  # also an id that they had just before
            public_id, _, role, status = self._sent[person_id]
            self._sent[person_id] = public_id, "", role, status
        self.moved = [  # its lines may still wait for the store
            (how, public_id, "" if public_id in gone else name)
            for how, public_id, name in self.moved
        ]
        return self._dirty

    def settle(self, now: datetime, *, counted: bool = False) -> LeasesDiff | None:
        """Return what has changed since the last diff, or None if nothing has.

        A person whose name, role or status has changed is among `joins`.

        counted: whether to return a diff even if nobody came or left
        """
        grace = timedelta(seconds=GRACE_SECONDS)
        for person_id in list(self._going):
            gone_at = self._people[person_id].gone_at
            if gone_at is not None and abs(now - gone_at) >= grace:  # or the clock was set back
                self.leave(person_id)
        if not self._dirty and not counted:
            return None
        self._dirty = False
        seen = {person_id: person.visible for person_id, person in self._people.items()}
        joined = {each for each, visible in seen.items() if self._sent.get(each) != visible}
        self.gone = self._sent.keys() - seen.keys()
        if not joined and not self.gone and not counted:
            return None
        before, after = _names(self._sent), _names(seen)
        leaves = sorted(before.keys() - after.keys())
        back = {self._people[each].public_id for each in joined if self._people[each].quiet}
        self.moved = [
            *(
                ("arrived", each, after[each])
                for each in sorted(after.keys() - before.keys() - back)
            ),
            *(("left", each, before[each]) for each in leaves),
        ]
        self._sent = seen
        self._renumber()
        joins = sorted((self._document(each) for each in joined), key=itemgetter("id"))
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
            "id": person.public_id,
            "name": person.name,
            "role": person.role,
            "status": person.status,
            "connections": len(person.connections),
            "since": person.since,
        }


def _names(seen: dict[str, tuple[str, str, str, str]]) -> dict[str, str]:
    """Return names by public id."""
    return {public_id: name for public_id, name, _, _ in seen.values()}
