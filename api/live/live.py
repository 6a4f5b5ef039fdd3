"""The Socket.IO server: connections, the rooms they watch, and what each is sent."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import gevent
from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room, leave_room

from api.cors import Origins
from api.live.presence import Presence
from api.live.ticker import Ticker
from api.live.watching import Watcher, cast_from_socket, join_snapshot
from api.problems import problem_of
from api.services import NAME, Services
from api.wording import Language
from schemas.accounts import Account
from schemas.live import CAST, JOIN, LEAVE
from schemas.text import fold_room_code
from schemas.validation import Schema, check_value

MESSAGE_BYTES = 64 << 10
PING_SECONDS = (25, 20)

Fields = dict[str, Any]


class _Json:
    """JSON as everywhere else: Hangul unescaped, no spaces."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass
class Connection:
    """One socket: whose it is, and the rooms that it has joined."""

    account: Account | None
    language: Language
    rooms: dict[str, Watcher] = field(default_factory=dict)


class Live:
    """Everything live. `mark` is told of changed polls; `install` puts it into the app."""

    def __init__(self, origins: Origins) -> None:
        self._socketio = SocketIO(
            async_mode="gevent",
            cors_allowed_origins=origins.allows,
            cors_credentials=False,
            max_http_buffer_size=MESSAGE_BYTES,
            ping_interval=PING_SECONDS[0],
            ping_timeout=PING_SECONDS[1],
            manage_session=False,
            json=_Json,
        )
        self._connections: dict[str, Connection] = {}
        self._ticker = Ticker(self._tell_tally)

    def mark(self, polls: set[int]) -> None:
        """Note that polls have changed; whoever watches is told soon."""
        self._ticker.mark(polls)

    def install(self, app: Flask) -> None:
        """Serve sockets beside the app, and start the loops that tell."""
        self._parts: Services = app.extensions[NAME]
        self._presence = Presence(self._parts.clock, self._tell_presence)
        self._socketio.on_event("connect", self._connect)
        self._socketio.on_event("disconnect", self._disconnect)
        self._on("room:join", JOIN, self._join)
        self._on("room:leave", LEAVE, self._leave)
        self._on("ballot:cast", CAST, self._cast)
        self._socketio.init_app(app)
        gevent.spawn(self._ticker.run)
        gevent.spawn(self._presence.run)

    # -- what clients say -------------------------------------------------------------

    def _connect(self, auth: Any = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        language: Language = "ko" if str(given.get("lang", "")).lower().startswith("ko") else "en"
        account, token = None, given.get("token")
        if token:
            try:
                _, account = self._parts.tokens.authenticate(
                    self._parts.store, str(token), self._parts.clock()
                )
            except Exception as error:
                problem = problem_of(error)
                raise Refused(problem.code, problem.document(language)) from error
        self._connections[_sid()] = Connection(account, language)

    def _disconnect(self, _reason: str = "") -> None:
        connection = self._connections.pop(_sid(), None)
        if connection is not None:
            for code, watcher in connection.rooms.items():
                self._depart(code, watcher)

    def _join(self, connection: Connection, fields: Fields) -> Fields:
        code = fold_room_code(fields["room"])
        seen_by = None if fields.get("as") == "screen" else connection.account
        watcher = Watcher(seen_by, _sid())
        snapshot = join_snapshot(self._parts, code, watcher)
        before = connection.rooms.pop(code, None)
        if before is not None:
            self._depart(code, before)
            leave_room(_audience(code, before))
        join_room(_audience(code, watcher))
        connection.rooms[code] = watcher
        if seen_by is not None:
            person, role = seen_by.person, snapshot["you"]["role"]
            self._presence.arrive(code, person, seen_by.name, role, watcher.sid)
        presence = self._presence.snapshot(code, named=seen_by is not None)
        return {**snapshot, "presence": presence}

    def _leave(self, connection: Connection, fields: Fields) -> None:
        code = fold_room_code(fields["room"])
        watcher = connection.rooms.pop(code, None)
        if watcher is not None:
            leave_room(_audience(code, watcher))
            self._depart(code, watcher)

    def _cast(self, connection: Connection, fields: Fields) -> Fields:
        return cast_from_socket(self._parts, connection.account, fields)

    def _on(
        self, event: str, schema: Schema, handle: Callable[[Connection, Fields], Fields | None]
    ) -> None:
        @wraps(handle)
        def acked(payload: Any = None, *_more: Any) -> Fields:
            connection = self._connections.get(_sid())
            try:
                if connection is None:
                    return {"ok": False}
                check_value(payload)
                return {"ok": True, **(handle(connection, schema.parse(payload)) or {})}
            except Exception as error:  # noqa: BLE001 (every event is acked, whatever fails)
                language: Language = "en" if connection is None else connection.language
                return {"ok": False, "error": problem_of(error).document(language)}

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

    def _depart(self, code: str, watcher: Watcher) -> None:
        if watcher.account is not None:
            self._presence.depart(code, watcher.account.person, watcher.sid)


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _audiences(code: str) -> tuple[str, str]:
    """Return the Socket.IO rooms of those who see names in a room, and of those who don't."""
    return f"{code}/members", f"{code}/strangers"


def _audience(code: str, watcher: Watcher) -> str:
    return _audiences(code)[watcher.account is None]
