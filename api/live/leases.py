"""Who is online in a room: a lease a connection, people counted once. Pure; time is an argument.

A leave is told `GRACE_SECONDS` after a person's last connection went: a reload is no leave.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

GRACE_SECONDS = 5


@dataclass
class Person:
    """Somebody with at least one lease, or within the grace after the last: `gone_at`."""

    name: str
    role: str
    since: datetime
    status: str = "online"
    connections: set[str] = field(default_factory=set)
    gone_at: datetime | None = None


class Leases:
    """One room's people by their string id. `seq` numbers the diffs that were told."""

    def __init__(self) -> None:
        self.seq = 0
        self._people: dict[str, Person] = {}
        self._told: dict[str, str] = {}

    @property
    def settled(self) -> bool:
        """Tell whether there is nothing to tell, now or when a grace ends."""
        return self._told == self._statuses() and not any(
            person.gone_at for person in self._people.values()
        )

    def __contains__(self, person_id: str) -> bool:
        return person_id in self._people

    def arrive(
        self,
        person_id: str,
        name: str,
        role: str,
        connection: str,
        now: datetime,
        *,
        status: str = "online",
    ) -> None:
        """Give a connection of a person its lease; `status` is online or away."""
        person = self._people.setdefault(person_id, Person(name, role, now))
        person.name, person.role, person.status, person.gone_at = name, role, status, None
        person.connections.add(connection)

    def depart(self, person_id: str, connection: str, now: datetime) -> None:
        """End a connection's lease."""
        person = self._people.get(person_id)
        if person is not None and connection in person.connections:
            person.connections.remove(connection)
            person.gone_at = None if person.connections else now

    def leave(self, person_id: str) -> None:
        """End all of a person's leases, without grace."""
        self._people.pop(person_id, None)

    def settle(self, now: datetime, *, counted: bool = False) -> dict[str, Any] | None:
        """Return what has changed since the last diff: `{seq, joins, leaves, online}`, or None.

        One whose status has changed joins again. counted: there is something to tell anyway.
        """
        for person_id, person in list(self._people.items()):
            if person.gone_at and now >= person.gone_at + timedelta(seconds=GRACE_SECONDS):
                del self._people[person_id]
        statuses = self._statuses()
        joined = dict(statuses.items() - self._told.items())
        left = self._told.keys() - statuses.keys()
        if not joined and not left and not counted:
            return None
        self.seq += 1
        self._told = statuses
        joins = [self._document(person_id) for person_id in sorted(joined)]
        return {"seq": self.seq, "joins": joins, "leaves": sorted(left), "online": len(self._told)}

    def people(self) -> list[dict[str, Any]]:
        """Return everybody who is here."""
        return [self._document(person_id) for person_id in self._people]

    def _statuses(self) -> dict[str, str]:
        return {person_id: person.status for person_id, person in self._people.items()}

    def _document(self, person_id: str) -> dict[str, Any]:
        person = self._people[person_id]
        return {
            "id": person_id,
            "name": person.name,
            "role": person.role,
            "status": person.status,
            "connections": len(person.connections),
            "since": person.since,
        }
