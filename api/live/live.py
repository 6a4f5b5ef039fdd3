"""The Socket.IO server: connections and clients' events."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypedDict

import gevent
from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from gevent.lock import BoundedSemaphore

from api import jsons
from api.ballots import CastDocument
from api.buckets import Buckets, Share
from api.cors import Origins
from api.live.checking import Checks
from api.live.connections import CHAT as CHAT_RATES
from api.live.connections import Connection, Connections, Watch
from api.live.notifier import Notifier
from api.live.sessions import AHEAD, Sessions
from api.live.signals import Signals
from api.live.snapshot import Snapshot, Views, cast_from_socket, join_snapshot
from api.live.sockets import SocketIO
from api.live.timekeeping import Timekeeper
from api.live.watching import Watchers
from api.problems import BODY_BYTES, Problem, language_of, problem_document
from api.services import NAME, Services
from api.wire import TooOften
from schemas.live import CAST, CHAT, CHECK, JOIN, LEAVE, PRESENCE
from schemas.strings import require_text
from schemas.validation import Schema, check_value
from voting.casting import Casting
from voting.faults import Invalid
from voting.model.rooms import Room
from voting.people import Holder, enter
from voting.refusals import Forbidden, NotFound, RateLimited
from voting.rooms import find_sent, send_message
from voting.text import normalise_room_code

PING_SECONDS = (25, 20)
JOINS_AT_ONCE = 8
"""How many clients join at a time, so that a returning crowd leaves time for votes."""
CLOSING_SECONDS = 5.0
"""How long a client has to close its connection after `session:ended`."""

Fields = dict[str, Any]
Handle = Callable[[Connection, Fields], Mapping[str, Any] | None]


class Credentials(TypedDict, total=False):
    """What a client sends to connect: a session's token, and the language of `detail`."""

    token: str | None
    lang: str


class ConnectError(TypedDict):
    """Why a connection is refused. `message` is the problem's code."""

    message: str
    data: Problem


class Sent(TypedDict):
    """A line of chat that was stored."""

    id: int


class SessionEnded(TypedDict):
    """Why the session has ended."""

    code: str


Ping = Callable[[Connection, Callable[[int, float | None], None]], None]
"""`ping(connection, hear)`: see `Checks.ping`."""


class Dialect(Protocol):
    """The events of existing frontends."""

    def install(self, on: Callable[[str, Schema, Handle], None], ping: Ping) -> None:
        """Add the events by `on(event, schema, handle)`."""

    def forget(self, sid: str) -> None:
        """Forget a connection that has ended."""


class Live:
    """Everything live: the sockets beside an app, and the loops that send."""

    def __init__(
        self,
        app: Flask,
        signals: Signals,
        origins: Origins,
        dialect: Callable[[SocketIO], Dialect],
        *,
        limited: bool = True,
    ) -> None:
        self._parts: Services = app.extensions[NAME]
        self._socketio = SocketIO(
            async_mode="gevent",
            async_handlers=False,  # what a client says one after the other is done in that order
            cors_allowed_origins=origins.allows,
            cors_credentials=False,
            max_http_buffer_size=BODY_BYTES,
            ping_interval=PING_SECONDS[0],
            ping_timeout=PING_SECONDS[1],
            manage_session=False,
            json=jsons,
        )
        self._socketio.init_app(app)
        parts, server, self._connections = self._parts, self._socketio.server, Connections()
        self._chats = Buckets(*CHAT_RATES if limited else (1, math.inf))
        if not limited:
            server.eio.packets = 1, math.inf
        self._watchers = Watchers(
            self._connections, parts, self._holder, server.enter_room, server.leave_room
        )
        self._views, self._joining = Views(parts.store), BoundedSemaphore(JOINS_AT_ONCE)
        self._notifier = Notifier(self._connections, self._socketio, parts, self._watchers, signals)
        self._checks = Checks(self._socketio, parts.clock)
        self._dialect = dialect(self._socketio)
        self._listen()
        self._start_loops()

    def _listen(self) -> None:
        """Register a handler for each event."""
        server, on = self._socketio.server, self._socketio.on_event
        on("connect", self._connect)
        on("disconnect", self._disconnect)
        self._on("room:join", JOIN, self._join)
        self._on("room:leave", LEAVE, self._leave)
        self._on("presence:set", PRESENCE, self._at_once(self._set_presence))
        self._on("ballot:cast", CAST, self._cast_in_batch)
        self._on("chat:send", CHAT, self._chat)
        self._on("connection:check", CHECK, self._check)
        self._dialect.install(self._on, self._checks.ping)
        on("*", self._refuse)
        server.refusal_for = self._refusal_for
        server.handle_at_once("ballot:cast", self._cast_at_once)

    def _start_loops(self) -> None:
        parts = self._parts
        sessions = Sessions(self._connections, parts.store, parts.tokens, parts.clock, self._end)
        keeper = Timekeeper(parts.store, parts.clock, count=parts.closings.count)
        loops = (
            parts.presence.run,
            sessions.run,
            keeper.keep_schedule,
            keeper.keep_meetings,
            keeper.move_people,
            keeper.finish_endings,
        )
        for serve in (*loops, *self._notifier.loops):
            gevent.spawn(serve)

    def leave_room(self, is_busy: Callable[[], bool]) -> None:
        """Let events wait as long as they take, while others need the event loop."""
        self._socketio.server.eio.is_busy = is_busy

    @property
    def connections(self) -> int:
        """How many sockets there are."""
        return len(self._connections)

    @property
    def rounds(self) -> int:
        """How many ticks there were, ever."""
        return self._notifier.rounds

    # -- clients' events --------------------------------------------------------------

    def _connect(self, auth: Any = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        language = language_of(str(given.get("lang", "")))
        token = str(given.get("token") or "") or None
        parts = self._parts
        try:
            check_value(given)
            session = token and parts.tokens.authenticate(parts.store, token, parts.clock())[0]
            transport = self._socketio.server.manager.eio_sid_from_sid(_sid(), "/")
            chat = Share(self._chats, session.person if session else transport)
            connection = Connection(_sid(), language, token, session or None, chat)
            self._connections.add(connection)
            self._connections.expect_expiry(connection, parts.clock() + AHEAD)
        except Exception as error:
            problem = problem_document(error, language)
            raise Refused(problem["code"], problem) from error

    def _disconnect(self, *_reason: Any) -> None:
        self._dialect.forget(_sid())
        connection = self._connections.remove(_sid())
        if connection is not None:
            self._watchers.leave_all(connection)

    def _join(self, connection: Connection, fields: Fields) -> Snapshot:
        code = normalise_room_code(fields["room"])
        with self._joining:
            # watch first, so that what changes while the snapshot is made is sent as well
            self._watchers.join(connection, code, screen="as" in fields)
            with self._parts.store.transaction():  # again: the right may have ended meanwhile
                room, watch = self._watched(connection, code)
                snapshot = join_snapshot(self._parts, self._views, room, watch.standing)
            watch.renew(snapshot["you"])
            return snapshot

    def _leave(self, connection: Connection, fields: Fields) -> None:
        self._watchers.leave(connection, normalise_room_code(fields["room"]))

    def _set_presence(self, connection: Connection, fields: Fields) -> None:
        code, status = normalise_room_code(fields["room"]), fields["status"]
        enter(self._parts.store, code, self._holder(connection))
        room, watch = self._watched(connection, code)
        if watch.standing.holder is None:
            raise Forbidden  # a stranger or a screen
        if status == "left":
            self._parts.presence.leave(room, str(watch.standing.attendee))
        else:
            self._parts.presence.arrive(room, watch.standing, connection.sid, status)

    def _cast_at_once(self, sid: str, sent: list[Any], answer: Callable[[Fields], None]) -> None:
        """Cast a ballot in the event loop, in the batch of all votes that came with it."""
        connection = self._connections[sid]

        def done(document: CastDocument | None, error: Exception | None) -> None:
            answer(_refusal(connection, error) if error else {"ok": True, **(document or {})})

        try:
            fields = self._read(connection, CAST, sent)
        except Exception as error:  # noqa: BLE001 (every event is acked, whatever fails)
            done(None, error)
        else:
            self._parts.batches.add(partial(self._cast, connection, fields), done)

    def _cast_in_batch(self, connection: Connection, fields: Fields) -> CastDocument:
        """Cast a ballot in the batch of all votes that came with it; return once it is durable."""
        return self._parts.batches.do(partial(self._cast, connection, fields))

    def _cast(self, connection: Connection, fields: Fields, casting: Casting) -> CastDocument:
        holder = self._holder(connection, casting.now)
        return cast_from_socket(self._parts, casting, holder, fields)

    def _chat(self, connection: Connection, fields: Fields) -> Mapping[str, Any] | None:
        code = normalise_room_code(fields["room"])
        watch = connection.rooms.get(code)
        if watch is not None:  # its right to write is checked below
            self._parts.presence.announce(code, str(watch.standing.attendee))
        return self._at_once(self._write)(connection, fields)

    def _write(self, connection: Connection, fields: Fields) -> Sent:
        parts, code = self._parts, normalise_room_code(fields["room"])
        room, standing = enter(parts.store, code, self._holder(connection))
        text, key = require_text("text", fields["text"]), fields.get("key")
        message = find_sent(parts.store, room, standing, text, key)
        if message is None:
            connection.chat.take(time.monotonic())
            message = send_message(parts.store, room, standing, text, parts.clock(), key=key)
            if not fields.get("echo", True):
                self._notifier.spare(connection.sid, message.id)
        return {"id": message.id}

    def _check(self, connection: Connection, _fields: Fields) -> None:
        self._checks.check(connection)

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

    def _holder(self, connection: Connection, now: datetime | None = None) -> Holder | None:
        """Return the holder of the connection's token. Raises if the session has ended
        meanwhile."""
        if connection.token is None:
            return None
        tokens, store = self._parts.tokens, self._parts.store
        return tokens.authenticate(store, connection.token, now or self._parts.clock())[1]

    def _refuse(self, _event: str, *_sent: Any) -> Fields:
        """Ack an unknown event, so that its sender doesn't wait."""
        return _refusal(self._connections[_sid()], NotFound())

    def _refusal_for(self, sid: str, refusal: TooOften) -> Fields:
        return _refusal(self._connections[sid], RateLimited(retry_after=refusal.seconds))

    def _on(self, event: str, schema: Schema, handle: Handle) -> None:
        def acked(*sent: Any) -> Fields:
            connection = self._connections[_sid()]
            try:
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
            self._holder(connection)
            raise

    # -- the end of a connection ------------------------------------------------------

    def _end(self, connection: Connection, code: str) -> None:
        """Notify a client that its session is over, and disconnect it."""
        ended: SessionEnded = {"code": code}
        self._socketio.emit("session:ended", ended, to=connection.sid)
        server = self._socketio.server
        transport = server.manager.eio_sid_from_sid(connection.sid, "/")
        server.disconnect(connection.sid)
        gevent.spawn_later(CLOSING_SECONDS, server.eio.disconnect, transport)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _refusal(connection: Connection, error: Exception) -> Fields:
    """Return the ack of a refused event."""
    return {"ok": False, "error": problem_document(error, connection.language)}
