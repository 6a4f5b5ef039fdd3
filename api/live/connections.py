"""The connections of the server, by socket, person, session and room.

Pure: it sends nothing and stores nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.jsons import dumps
from api.tokens import Session
from voting.faults import Fault, Invalid
from voting.people import Standing
from voting.refusals import RateLimited

PER_PERSON = 32
"""How many connections a person may have, including those that are ending."""
ROOMS = 32
"""How many rooms one connection may watch at once: each costs what is sent in it."""
CHAT = (0.5, 8.0)
"""How many lines of chat a person, or a stranger's connection, may send: a second, and at once."""


RIGHTS = ("person", "role", "muted", "polls")
"""Of what a client may do in a room: what it is sent anew if it has changed."""


@dataclass(slots=True)
class Watch:
    """A room as a connection watches it. `sent` is a digest of the rights that it was last sent."""

    standing: Standing
    screen: bool
    sent: int = 0

    def renew(self, you: Mapping[str, Any]) -> bool:
        """Note the rights that the connection is sent; return whether they have changed."""
        sent, self.sent = self.sent, hash(dumps([you[name] for name in RIGHTS]))
        return sent != self.sent


@dataclass(slots=True, eq=False)
class Connection:
    """One socket. `session` is None for a stranger. `charge_chat(at)` is called for each line that
    it writes, and raises `RateLimited` if there are too many.
    """

    sid: str
    language: str
    token: str | None
    session: Session | None
    charge_chat: Callable[[float], None]
    rooms: dict[str, Watch] = field(default_factory=dict)
    checking: bool = False


class Connections:
    """All connections of the server."""

    def __init__(self) -> None:
        self._all: dict[str, Connection] = {}
        self._by_person: defaultdict[str, set[Connection]] = defaultdict(set)
        self._by_room: defaultdict[str, set[Connection]] = defaultdict(set)
        self._by_token: defaultdict[str, set[Connection]] = defaultdict(set)
        self._expiring: dict[Connection, datetime] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, sid: str) -> bool:
        return sid in self._all

    def __getitem__(self, sid: str) -> Connection:
        return self._all[sid]

    def add(self, connection: Connection) -> None:
        """Add a connection. Raises `RateLimited` if the person has too many."""
        if connection.session is not None:
            own = self._by_person[connection.session.person]
            if len(own) >= PER_PERSON:
                raise RateLimited(retry_after=30)
            own.add(connection)
            self._by_token[connection.session.token_id].add(connection)
        self._all[connection.sid] = connection

    def remove(self, sid: str) -> Connection | None:
        """Remove a connection, and return it."""
        connection = self._all.pop(sid, None)
        if connection is None:
            return None
        if connection.session is not None:
            _discard(self._by_person, connection.session.person, connection)
            _discard(self._by_token, connection.session.token_id, connection)
            self._expiring.pop(connection, None)
        for code in connection.rooms:
            _discard(self._by_room, code, connection)
        return connection

    def watch(self, connection: Connection, code: str, watch: Watch) -> None:
        """Record that a connection watches a room. Raises `Invalid` if it watches too many."""
        if len(connection.rooms) >= ROOMS:
            raise Invalid(Fault("room", "too_many", ROOMS))
        connection.rooms[code] = watch
        self._by_room[code].add(connection)

    def unwatch(self, connection: Connection, code: str) -> Watch | None:
        """Record that a connection watches a room no more; return its watch."""
        _discard(self._by_room, code, connection)
        return connection.rooms.pop(code, None)

    def of(self, person: str) -> list[Connection]:
        """Return a person's connections."""
        return list(self._by_person.get(person, ()))

    def by_token(self, token_id: str) -> list[Connection]:
        """Return the connections of a session."""
        return list(self._by_token.get(token_id, ()))

    def expect_expiry(self, connection: Connection, before: datetime) -> None:
        """Have `expired` return a connection at this time, because its session ends then."""
        session = connection.session
        if session is not None and session.expires_at <= before and connection.sid in self._all:
            self._expiring[connection] = session.expires_at

    def expired(self, now: datetime) -> list[Connection]:
        """Return the connections whose expected time has come, each once."""
        over = [each for each, at in self._expiring.items() if at <= now]
        for each in over:
            del self._expiring[each]
        return over

    def watching(self, code: str) -> list[Connection]:
        """Return a room's connections."""
        return list(self._by_room.get(code, ()))

    def signed_in(self) -> Iterable[tuple[Connection, Session]]:
        """Return the connections that have a session, with their sessions."""
        every = list(self._all.values())
        return ((each, each.session) for each in every if each.session is not None)


def _discard(index: defaultdict[str, set[Connection]], key: str, connection: Connection) -> None:
    index[key].discard(connection)
    if not index[key]:
        del index[key]
