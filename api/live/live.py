"""The Socket.IO server: connections, the rooms they watch, and what each is sent."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent
from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room, leave_room

from api import jsons
from api.cors import Origins
from api.live.ticker import Ticker
from api.live.watching import cast_from_socket, join_snapshot
from api.problems import BODY_BYTES, problem_document
from api.services import NAME, Services
from db import Step
from schemas.live import CAST, CHAT, JOIN, LEAVE, PRESENCE
from schemas.polls import Poll
from schemas.refusals import Forbidden, NotFound
from schemas.rooms import Room
from schemas.text import fold_room_code
from schemas.validation import Schema, check_value
from voting.ending import keep_schedule
from voting.people import Holder, Standing, enter, enter_as_screen
from voting.rooms import message_document, send_message

PING_SECONDS = (25, 20)
SCHEDULE_SECONDS = 1.0

logger = logging.getLogger(__name__)

Fields = dict[str, Any]


@dataclass
class Connection:
    """One socket: its token, and the rooms that it is in, None in those where it is a screen."""

    token: str | None
    language: str
    rooms: dict[str, Standing] = field(default_factory=dict)


class Live:
    """Everything live. `mark` is told of changed polls; `install` puts it into the app."""

    def __init__(self, origins: Origins) -> None:
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
        self._connections: dict[str, Connection] = {}
        self._ticker = Ticker(self._tell_tally)
        self.mark = self._ticker.mark
        self._rooms = Ticker(self._tell_room)

    def install(self, app: Flask) -> None:
        """Serve sockets beside the app, and start the loops that tell."""
        self._parts: Services = app.extensions[NAME]
        polls = self._parts.store.each(Poll)
        self._told = {poll.id: poll for poll in polls if poll.state != "draft"}
        self._socketio.on_event("connect", self._connect)
        self._socketio.on_event("disconnect", self._disconnect)
        self._on("room:join", JOIN, self._join)
        self._on("room:leave", LEAVE, self._leave)
        self._on("presence:set", PRESENCE, self._set_presence)
        self._on("ballot:cast", CAST, self._cast)
        self._on("chat:send", CHAT, self._chat)
        self._socketio.on_event("*", self._refuse)
        self._socketio.init_app(app)
        self._parts.store.subscribe(self._mark_rooms)
        gevent.spawn(self._ticker.run)
        gevent.spawn(self._rooms.run)
        gevent.spawn(self._parts.presence.run)
        gevent.spawn(self._keep_schedule)

    # -- what clients say -------------------------------------------------------------

    def _connect(self, auth: Any = None) -> None:
        if _sid() in self._connections:
            return  # a client can emit this name itself, and the next one
        given = auth if isinstance(auth, dict) else {}
        language = "ko" if str(given.get("lang", "")).lower().startswith("ko") else "en"
        connection = Connection(str(given.get("token") or "") or None, language)
        try:
            self._holder(connection)
        except Exception as error:
            problem = problem_document(error, language)
            raise Refused(problem["code"], problem) from error
        self._connections[_sid()] = connection

    def _disconnect(self, *_reason: Any) -> None:
        if self._socketio.server.manager.is_connected(_sid(), "/"):
            return
        connection = self._connections.pop(_sid(), None)
        if connection is not None:
            for code, standing in connection.rooms.items():
                self._depart(code, standing)

    def _join(self, connection: Connection, fields: Fields) -> Fields:
        parts, code = self._parts, fold_room_code(fields["room"])
        come = enter_as_screen if fields.get("as") == "screen" else enter
        room, standing = come(parts.store, code, self._holder(connection))
        self._leave(connection, {"room": code})
        join_room(_audience(code, standing))  # first: what changes meanwhile is told as well
        connection.rooms[code] = standing
        if standing.holder is not None:
            parts.presence.arrive(room, standing, _sid())
        return join_snapshot(parts, room, standing)

    def _leave(self, connection: Connection, fields: Fields) -> None:
        code = fold_room_code(fields["room"])
        if code in connection.rooms:
            standing = connection.rooms.pop(code)
            leave_room(_audience(code, standing))
            self._depart(code, standing)

    def _set_presence(self, connection: Connection, fields: Fields) -> None:
        code, status = fold_room_code(fields["room"]), fields["status"]
        room, _ = enter(self._parts.store, code, self._holder(connection))
        standing = connection.rooms.get(code)
        if standing is None or standing.holder is None:
            raise Forbidden  # one who hasn't joined, a stranger or a screen
        if status == "left":
            self._parts.presence.leave(room, str(standing.who))
        else:
            self._parts.presence.arrive(room, standing, _sid(), status)

    def _cast(self, connection: Connection, fields: Fields) -> Fields:
        return cast_from_socket(self._parts, self._holder(connection), fields)

    def _chat(self, connection: Connection, fields: Fields) -> Fields:
        parts, code = self._parts, fold_room_code(fields["room"])
        room, standing = enter(parts.store, code, self._holder(connection))
        message = send_message(parts.store, room, standing, fields["text"], parts.clock())
        self._socketio.emit("chat:message", message_document(message), to=_audiences(code)[0])
        return {"id": message.id}

    def _holder(self, connection: Connection) -> Holder | None:
        """Return who is there now: the session may have ended since the connection began."""
        if connection.token is None:
            return None
        parts = self._parts
        return parts.tokens.authenticate(parts.store, connection.token, parts.clock())[1]

    def _refuse(self, _event: str, *_said: Any) -> Fields:
        """Ack an event that there isn't, so that nobody waits for it."""
        problem = problem_document(NotFound(), self._connections[_sid()].language)
        return {"ok": False, "error": problem}

    def _on(
        self, event: str, schema: Schema, handle: Callable[[Connection, Fields], Fields | None]
    ) -> None:
        def acked(*said: Any) -> Fields:
            connection = self._connections[_sid()]
            payload = said[0] if len(said) == 1 else None
            try:
                check_value(payload)
                return {"ok": True, **(handle(connection, schema.parse(payload)) or {})}
            except Exception as error:  # noqa: BLE001 (every event is acked, whatever fails)
                return {"ok": False, "error": problem_document(error, connection.language)}

        self._socketio.on_event(event, acked)

    def _keep_schedule(self) -> None:
        while True:
            gevent.sleep(SCHEDULE_SECONDS)
            try:
                keep_schedule(self._parts.store, self._parts.clock())
            except Exception:  # a full disk, say: the next second tries again
                logger.exception("a poll could not be opened or closed by its time")

    # -- what they are sent -----------------------------------------------------------

    def _tell_tally(self, poll_id: int) -> None:
        tally = self._parts.tallies.of(poll_id)
        if tally is None or tally.poll.state == "draft":
            return
        document = self._parts.results.document(poll_id, self._parts.clock())
        news = "poll:changed" if poll_id in self._told else "poll:created"
        for audience in _audiences(tally.poll.room):
            if self._told.get(poll_id) is not tally.poll:
                self._socketio.emit(news, tally.poll, to=audience)
            self._socketio.emit("tally:update", document, to=audience)
        self._told[poll_id] = tally.poll

    def _mark_rooms(self, steps: list[Step]) -> None:
        rooms = (step.after or step.before for step in steps)
        self._rooms.mark({room.code for room in rooms if isinstance(room, Room)})

    def _tell_room(self, code: str) -> None:
        room = self._parts.store.find(Room, "code", code)
        event, document = ("room:changed", room) if room else ("room:deleted", {"code": code})
        for audience in _audiences(code):
            self._socketio.emit(event, document, to=audience)

    def tell_presence(self, code: str, diff: Fields) -> None:
        """Send a room's presence: names only to those who may see them."""
        members, strangers = _audiences(code)
        self._socketio.emit("presence:diff", diff, to=members)
        counts = {**diff, "joins": None, "leaves": None}
        self._socketio.emit("presence:diff", counts, to=strangers)

    def _depart(self, code: str, standing: Standing) -> None:
        if standing.who is not None:
            self._parts.presence.depart(code, standing.who, _sid())


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _audiences(code: str) -> tuple[str, str]:
    """Return the Socket.IO rooms of those who see names in a room, and of those who don't."""
    return f"{code}/members", f"{code}/strangers"


def _audience(code: str, standing: Standing) -> str:
    return _audiences(code)[not standing.member]
