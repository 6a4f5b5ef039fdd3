"""Clients' events: who sent them, what they ask for, and the ack of each."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypedDict

from flask import request
from gevent.lock import BoundedSemaphore

from api.ballots import CastDocument, cast_in_transaction, parse_key
from api.current import follow
from api.live.checking import Checks
from api.live.connections import Connection, Connections, Watch
from api.live.snapshot import Snapshot, Views, join_snapshot
from api.live.sockets import SocketIO
from api.live.watching import Watchers
from api.problems import problem_document
from api.services import Services
from api.wire import TooOften
from schemas.live import CAST, CHAT, CHECK, JOIN, LEAVE, PRESENCE
from schemas.strings import require_text
from schemas.validation import Schema, check_value
from voting.casting import Casting, Vote
from voting.chat import find_sent, send_message
from voting.faults import Invalid
from voting.model.rooms import Room
from voting.people import enter
from voting.record import read_marks
from voting.refusals import Forbidden, NotFound, RateLimited, Unauthenticated
from voting.text import normalise_room_code

JOINS_AT_ONCE = 8
"""How many clients join at a time, so that a returning crowd leaves time for votes."""

Fields = dict[str, Any]
Handle = Callable[[Connection, Fields], Mapping[str, Any] | None]


class Sent(TypedDict):
    """A line of chat that was stored."""

    id: int


Ping = Callable[[Connection, Callable[[int, float | None], None]], None]
"""`ping(connection, hear)`: see `Checks.ping`."""


class Dialect(Protocol):
    """The events of existing frontends."""

    def install(self, on: Callable[[str, Schema, Handle], None], ping: Ping) -> None:
        """Add the events by `on(event, schema, handle)`."""

    def forget(self, sid: str) -> None:
        """Forget a connection that has ended."""


class Events:
    """Handles the events of all connections: `join`, `leave` … take the checked fields of one, and
    return what its ack says beside `ok`.

    spare: called with the sid and the id of a message that its sender doesn't want to be sent
    """

    def __init__(
        self,
        socketio: SocketIO,
        parts: Services,
        connections: Connections,
        watchers: Watchers,
        spare: Callable[[str, int], None],
    ) -> None:
        self._socketio, self._parts, self._connections = socketio, parts, connections
        self._watchers, self._spare = watchers, spare
        self._views, self._joining = Views(parts.store), BoundedSemaphore(JOINS_AT_ONCE)
        self._checks = Checks(socketio, parts.clock)

    def listen(self, dialect: Dialect) -> None:
        """Register a handler for each event."""
        self._on("room:join", JOIN, self.join)
        self._on("room:leave", LEAVE, self.leave)
        self._on("presence:set", PRESENCE, self._at_once(self.set_presence))
        self._on("ballot:cast", CAST, self._cast_in_batch)
        self._on("chat:send", CHAT, self.chat)
        self._on("connection:check", CHECK, self.check)
        dialect.install(self._on, self._checks.ping)
        self._socketio.on_event("*", self._refuse)
        server = self._socketio.server
        server.refusal_for = self._refusal_for
        server.handle_at_once("ballot:cast", self._cast_at_once)

    def join(self, connection: Connection, fields: Fields) -> Snapshot:
        """Watch a room from now on. Raises `NotFound`."""
        code = normalise_room_code(fields["room"])
        with self._joining:
            # watch first, so that what changes while the snapshot is made is sent as well
            self._watchers.join(connection, code, screen="as" in fields)
            with self._parts.store.transaction():  # again: the right may have ended meanwhile
                room, watch = self._watched(connection, code)
                snapshot = join_snapshot(self._parts, self._views, room, watch.standing)
            watch.renew(snapshot["you"])
            return snapshot

    def leave(self, connection: Connection, fields: Fields) -> None:
        """Watch a room no longer."""
        self._watchers.leave(connection, normalise_room_code(fields["room"]))

    def set_presence(self, connection: Connection, fields: Fields) -> None:
        """Be present, away or gone in a room. Raises `NotFound`, or `Forbidden` for strangers."""
        code, status = normalise_room_code(fields["room"]), fields["status"]
        enter(self._parts.store, code, self._watchers.holder_of(connection))
        room, watch = self._watched(connection, code)
        if watch.standing.holder is None:
            raise Forbidden  # a stranger or a screen
        if status == "left":
            self._parts.presence.leave(room, str(watch.standing.attendee))
        else:
            self._parts.presence.arrive(room, watch.standing, connection.sid, status)

    def check(self, connection: Connection, _fields: Fields) -> None:
        """Check how long a client's answers take; see `Checks`."""
        self._checks.check(connection)

    def _cast_at_once(self, sid: str, sent: list[Any], answer: Callable[[Fields], None]) -> None:
        """Cast a ballot in the event loop, in the batch of all votes that came with it."""
        connection = self._connections[sid]

        def respond(document: CastDocument | None, error: Exception | None) -> Callable[[], None]:
            refused = _refusal(connection, error) if error else None
            return partial(answer, refused or {"ok": True, **(document or {})})

        try:
            fields = self._read(connection, CAST, sent)
        except Exception as error:  # noqa: BLE001 (every event is acked, whatever fails)
            respond(None, error)()
        else:
            self._parts.batches.add(partial(self.cast, connection, fields), respond)

    def _cast_in_batch(self, connection: Connection, fields: Fields) -> CastDocument:
        """Cast a ballot in the batch of all votes that came with it; return once it is durable."""
        return self._parts.batches.do(partial(self.cast, connection, fields))

    def cast(self, connection: Connection, fields: Fields, casting: Casting) -> CastDocument:
        """Cast a ballot as `PUT /polls/{id}/ballot` does; return the same document."""
        holder = self._watchers.holder_of(connection, casting.now)
        if holder is None:
            raise Unauthenticated

        def read_vote() -> Vote:
            key = parse_key(fields["key"], "key") if "key" in fields else None
            return Vote(read_marks(fields), key)

        document, _ = cast_in_transaction(
            self._parts, casting, fields["poll"], holder, read_vote, known=connection.rooms
        )
        self._parts.voted(holder.person)
        return document

    def chat(self, connection: Connection, fields: Fields) -> Mapping[str, Any] | None:
        """Send a message to a room's members."""
        code = normalise_room_code(fields["room"])
        watch = connection.rooms.get(code)
        if watch is not None:  # its right to write is checked below
            self._parts.presence.announce(code, str(watch.standing.attendee))
        return self._at_once(self._write)(connection, fields)

    def _write(self, connection: Connection, fields: Fields) -> Sent:
        parts, code = self._parts, normalise_room_code(fields["room"])
        room, standing = enter(parts.store, code, self._watchers.holder_of(connection))
        text, key = require_text("text", fields["text"]), fields.get("key")
        message = find_sent(parts.store, room, standing, text, key)
        if message is None:
            connection.charge_chat(time.monotonic())
            message = send_message(parts.store, room, standing, text, parts.clock(), key=key)
            if not fields.get("echo", True):
                self._spare(connection.sid, message.id)
        return {"id": message.id}

    def _watched(self, connection: Connection, code: str) -> tuple[Room, Watch]:
        """Return a room that a connection has joined, and its watch with its rights as of now.

        Raises `Forbidden` if it hasn't joined the room, `NotFound` if it may not see it any more.
        """
        if code not in connection.rooms:
            raise Forbidden
        seen = self._watchers.look_again(connection, code)
        if seen is None:
            raise NotFound
        return seen

    def _at_once(self, handle: Handle) -> Handle:
        """Return a handler that checks the sender's rights in the transaction in which it acts."""

        def act(connection: Connection, fields: Fields) -> Mapping[str, Any] | None:
            with self._parts.store.transaction():
                return handle(connection, fields)

        return act

    def _refuse(self, _event: str, *_sent: Any) -> Fields:
        """Ack an unknown event, so that its sender doesn't wait."""
        return _refusal(self._connections[sid_of_sender()], NotFound())

    def _refusal_for(self, sid: str, refusal: TooOften) -> Fields:
        return _refusal(self._connections[sid], RateLimited(retry_after=refusal.seconds))

    def _on(self, event: str, schema: Schema, handle: Handle) -> None:
        def acked(*sent: Any) -> Fields:
            connection = self._connections[sid_of_sender()]
            try:
                follow(self._parts.store)
                fields = self._read(connection, schema, sent)
                return {"ok": True, **(handle(connection, fields) or {})}
            except Exception as error:  # noqa: BLE001 (every event is acked, whatever fails)
                return _refusal(connection, error)

        self._socketio.on_event(event, acked)

    def _read(self, connection: Connection, schema: Schema, sent: Sequence[Any]) -> Fields:
        """Return the payload as the schema parses it. Faults are sent only to valid sessions."""
        payload = sent[0] if len(sent) == 1 else list(sent) or None
        try:
            check_value(payload)
            return schema.parse(payload)
        except Invalid:
            self._watchers.holder_of(connection)
            raise


def sid_of_sender() -> str:
    """Return the id of the connection whose event is handled."""
    return str(request.sid)  # type: ignore[attr-defined]


def _refusal(connection: Connection, error: Exception) -> Fields:
    """Return the ack of a refused event."""
    return {"ok": False, "error": problem_document(error, connection.language)}
