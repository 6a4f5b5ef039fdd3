"""Which rooms each connection watches, as whom, and to which audience of a room it belongs.

An audience is a Socket.IO room: a room's hosts, its other members, or outsiders (strangers and
screens), who are sent no names.
"""

from collections.abc import Callable
from datetime import datetime

from api.live.connections import Connection, Connections, Watch
from api.services import Services
from voting.model.rooms import Room
from voting.people import Holder, Standing, enter, enter_as_screen
from voting.refusals import NotFound

HOSTS, MEMBERS, OUTSIDERS = "hosts", "members", "outsiders"


def audiences(code: str, *kinds: str) -> list[str]:
    """Return the Socket.IO rooms of a room's audiences; of all audiences if none is named."""
    return [f"{code}/{kind}" for kind in kinds or (HOSTS, MEMBERS, OUTSIDERS)]


def audience_of(standing: Standing) -> str:
    """Return the audience that somebody belongs to."""
    return HOSTS if standing.host else MEMBERS if standing.member else OUTSIDERS


class Watchers:
    """Lets connections join and leave rooms.

    enter_room, leave_room: the Socket.IO server's, called with an sid and a name
    """

    def __init__(
        self,
        connections: Connections,
        parts: Services,
        enter_room: Callable[[str, str], None],
        leave_room: Callable[[str, str], None],
    ) -> None:
        self._connections = connections
        self._parts = parts
        self.enter_room = enter_room
        self.leave_room = leave_room

    def join(self, connection: Connection, code: str, *, screen: bool) -> None:
        """Let a connection watch a room from now on. A screen is counted as nobody.

        Raises `NotFound`, `Invalid` if it watches too many rooms, or the fault of its session.
        """
        room, standing = self._standing(connection, code, screen=screen)
        self.leave(connection, code)
        self._connections.watch(connection, code, Watch(standing, screen))
        self.enter_room(connection.sid, *audiences(code, audience_of(standing)))
        if standing.holder is not None:
            self._parts.presence.arrive(room, standing, connection.sid)

    def leave(self, connection: Connection, code: str) -> None:
        """End a connection's watch of a room, if it watches the room."""
        watch = self._connections.unwatch(connection, code)
        if watch is not None:
            self.leave_room(connection.sid, *audiences(code, audience_of(watch.standing)))
            if watch.standing.attendee is not None:
                self._parts.presence.depart(code, watch.standing.attendee, connection.sid)

    def leave_all(self, connection: Connection) -> None:
        """End all watches of a connection that has ended, so that a later check finds none."""
        for code in list(connection.rooms):
            self.leave(connection, code)

    def look_again(self, connection: Connection, code: str) -> tuple[Room, Watch] | None:
        """Return a room and a connection's watch with its rights as of now; None if it may not see
        the room any more.

        Its audience and its lease are updated. Raises the fault of its session.
        """
        watch = connection.rooms[code]
        try:
            room, standing = self._standing(connection, code, screen=watch.screen)
        except NotFound:
            self.leave(connection, code)
            return None
        old, watch.standing = watch.standing, standing
        if audience_of(old) != audience_of(standing):
            self.leave_room(connection.sid, *audiences(code, audience_of(old)))
            self.enter_room(connection.sid, *audiences(code, audience_of(standing)))
        if standing != old and standing.attendee is not None and old.attendee is not None:
            self._parts.presence.move(room, old, standing, connection.sid)
        return room, watch

    def _standing(
        self, connection: Connection, code: str, *, screen: bool
    ) -> tuple[Room, Standing]:
        come = enter_as_screen if screen else enter
        return come(self._parts.store, code, self.holder_of(connection))

    def holder_of(self, connection: Connection, now: datetime | None = None) -> Holder | None:
        """Return the holder of a connection's token. Raises the fault of an ended session."""
        if connection.token is None:
            return None
        tokens, store = self._parts.tokens, self._parts.store
        return tokens.authenticate(store, connection.token, now or self._parts.clock())[1]
