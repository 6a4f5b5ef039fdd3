"""Processes that share a store, and which connections they have. Nobody keeps these: they end with
the processes, and backups have none.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Worker:
    """A process of those that share a store. `name` is another after each start.

    announced: how often it has announced itself
    secret: recognises the key of its tokens, which must be that of all
    """

    id: int
    name: str
    announced: int
    secret: str


@dataclass(frozen=True)
class Lease:
    """That a person is in a room by a connection, which a worker has. `who` is their attendee's id,
    `public_id` the one that others see.
    """

    id: int
    worker: str
    connection: str
    room: str
    who: str
    public_id: str
    name: str
    role: str
    status: str
    came_at: datetime

    @property
    def place(self) -> str:
        """The key under which it is stored: a connection has one in a room."""
        return place_of(self.connection, self.room)


def place_of(connection: str, room: str) -> str:
    """Return the key of the lease that a connection has in a room."""
    return f"{connection}/{room}"
