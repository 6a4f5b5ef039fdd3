"""The Socket.IO server: connections, the rooms they watch, and what each is sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gevent
from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room, leave_room

from api import jsons
from api.cors import Origins
from api.live.presence import Presence
from api.live.ticker import Ticker
from api.live.watching import cast_from_socket, join_snapshot
from api.problems import BODY_BYTES, problem_document
from api.services import NAME, Services
from schemas.accounts import Account
from schemas.live import CAST, JOIN, LEAVE
from schemas.refusals import NotFound
from schemas.text import fold_room_code
from schemas.validation import Schema, check_value

PING_SECONDS = (25, 20)

Fields = dict[str, Any]


@dataclass
class Connection:
    """One socket: its token, and the rooms that it is in, None in those where it is a screen."""

    token: str | None
    language: str
    rooms: dict[str, Account | None] = field(default_factory=dict)


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

    def install(self, app: Flask) -> None:
        """Serve sockets beside the app, and start the loops that tell."""
        self._parts: Services = app.extensions[NAME]
        self._presence = Presence(self._parts.clock, self._tell_presence)
        self._socketio.on_event("connect", self._connect)
        self._socketio.on_event("disconnect", self._disconnect)
        self._on("room:join", JOIN, self._join)
        self._on("room:leave", LEAVE, self._leave)
        self._on("ballot:cast", CAST, self._cast)
        self._socketio.on_event("*", self._refuse)
        self._socketio.init_app(app)
        gevent.spawn(self._ticker.run)
        gevent.spawn(self._presence.run)

    # -- what clients say -------------------------------------------------------------

    def _connect(self, auth: Any = None) -> None:
        if _sid() in self._connections:
            return  # a client can emit this name itself, and the next one
        given = auth if isinstance(auth, dict) else {}
        language = "ko" if str(given.get("lang", "")).lower().startswith("ko") else "en"
        connection = Connection(str(given.get("token") or "") or None, language)
        try:
            self._account(connection)
        except Exception as error:
            problem = problem_document(error, language)
            raise Refused(problem["code"], problem) from error
        self._connections[_sid()] = connection

    def _disconnect(self, *_reason: Any) -> None:
        if self._socketio.server.manager.is_connected(_sid(), "/"):
            return
        connection = self._connections.pop(_sid(), None)
        if connection is not None:
            for code, account in connection.rooms.items():
                self._depart(code, account)

    def _join(self, connection: Connection, fields: Fields) -> Fields:
        code = fold_room_code(fields["room"])
        account = None if fields.get("as") == "screen" else self._account(connection)
        snapshot = join_snapshot(self._parts, code, account)
        self._leave(connection, {"room": code})
        join_room(_audience(code, account))
        connection.rooms[code] = account
        if account is not None:
            role = snapshot["you"]["role"]
            self._presence.arrive(code, account.person, account.name, role, _sid())
        presence = self._presence.snapshot(code, named=account is not None)
        return {**snapshot, "presence": presence}

    def _leave(self, connection: Connection, fields: Fields) -> None:
        code = fold_room_code(fields["room"])
        if code in connection.rooms:
            account = connection.rooms.pop(code)
            leave_room(_audience(code, account))
            self._depart(code, account)

    def _cast(self, connection: Connection, fields: Fields) -> Fields:
        return cast_from_socket(self._parts, self._account(connection), fields)

    def _account(self, connection: Connection) -> Account | None:
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

    # -- what they are sent -----------------------------------------------------------

    def _tell_tally(self, poll_id: int) -> None:
        tally = self._parts.tallies.of(poll_id)
        if tally is None or tally.poll.state == "draft":
            return
        document = self._parts.results.document(poll_id, self._parts.clock())
        for audience in _audiences(tally.poll.room):
            self._socketio.emit("tally:update", document, to=audience)

    def _tell_presence(self, code: str, diff: Fields) -> None:
        members, strangers = _audiences(code)
        self._socketio.emit("presence:diff", diff, to=members)
        counts = {**diff, "joins": None, "leaves": None}
        self._socketio.emit("presence:diff", counts, to=strangers)

    def _depart(self, code: str, account: Account | None) -> None:
        if account is not None:
            self._presence.depart(code, account.person, _sid())


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _audiences(code: str) -> tuple[str, str]:
    """Return the Socket.IO rooms of those who see names in a room, and of those who don't."""
    return f"{code}/members", f"{code}/strangers"


def _audience(code: str, account: Account | None) -> str:
    return _audiences(code)[account is None]
