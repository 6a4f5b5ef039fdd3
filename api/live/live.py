"""The Socket.IO server: the parts of it, and the beginning and end of connections."""

import math
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, TypedDict

import gevent
from flask import Flask
from flask_socketio import ConnectionRefusedError as Refused

from api import jsons
from api.buckets import Buckets
from api.cors import Origins
from api.current import follow
from api.live.connections import CHAT as CHAT_RATES
from api.live.connections import Connection, Connections
from api.live.events import Dialect, Events, sid_of_sender
from api.live.notifier import Notifier
from api.live.outages import Outages
from api.live.sessions import AHEAD, Sessions
from api.live.signals import Signals
from api.live.sockets import SocketIO
from api.live.timekeeping import Timekeeper
from api.live.watching import Watchers
from api.problems import BODY_BYTES, Problem, language_of, problem_document
from api.services import NAME, Services
from schemas.validation import check_value

PING_SECONDS = (25, 20)
CLOSING_SECONDS = 5.0
"""How long a client has to close its connection after `session:ended`."""

GOODBYE_SECONDS = 2.0
"""How long a process that is cut off gives its clients to read that."""
RETURN_SECONDS, RETURNS_PER_SECOND = 0.5, 400
"""When clients come back to a server that stops, at the earliest, and how many of them a second."""


class Credentials(TypedDict, total=False):
    """What a client sends to connect: a session's token, and the language of `detail`."""

    token: str | None
    lang: str


class ConnectError(TypedDict):
    """Why a connection is refused. `message` is the problem's code."""

    message: str
    data: Problem


class SessionEnded(TypedDict):
    """Why the session has ended."""

    code: str


class ServerStopping(TypedDict):
    """When to connect again, in seconds. Each client gets another moment, so that a crowd comes
    back one after the other.
    """

    retry_after: float


class Live:
    """Everything live: the sockets beside an app, and the loops that send.

    worker: the name with which the ids of clients' sessions begin, "" for none
    """

    def __init__(
        self,
        app: Flask,
        signals: Signals,
        origins: Origins,
        dialect: Callable[[SocketIO], Dialect],
        *,
        limited: bool,
        worker: str,
    ) -> None:
        self._parts: Services = app.extensions[NAME]
        self.socketio = SocketIO(
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
        self.socketio.init_app(app)
        parts, server, self.connections = self._parts, self.socketio.server, Connections()
        self._chats = Buckets(*CHAT_RATES if limited else (1, math.inf))
        if not limited:
            server.eio.packets = 1, math.inf
        server.eio.prefix = f"{worker}." if worker else ""
        self.watchers = Watchers(self.connections, parts, server.enter_room, server.leave_room)
        self.notifier = Notifier(self.connections, self.socketio, parts, self.watchers, signals)
        self._stopping = False
        self._dialect = dialect(self.socketio)
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        self.events = Events(
            self.socketio, parts, self.connections, self.watchers, self.notifier.spare
        )
        self.events.listen(self._dialect)
        self._start_loops()

    def _start_loops(self) -> None:
        parts = self._parts
        sessions = Sessions(self.connections, parts.store, parts.tokens, parts.clock, self._end)
        keeper = Timekeeper(parts.store, parts.clock, count=parts.closings.count, keep=parts.keep)
        outages = Outages(parts.store, partial(self._say_goodbye, GOODBYE_SECONDS), self._come_back)
        loops = outages.run, parts.presence.run, sessions.run
        for loop in (*loops, *keeper.loops, *self.notifier.loops):
            gevent.spawn(loop)

    def give_way(self, is_busy: Callable[[], bool]) -> None:
        """After a turn of events, rest for as long as it took while others need the event loop."""
        self.socketio.server.eio.is_busy = is_busy

    def drain(self, seconds: float) -> None:
        """End all connections because the server stops; send each client when to reconnect."""
        self._stopping = True
        self._say_goodbye(seconds)

    def _come_back(self) -> None:
        self.socketio.server.eio.draining = self._stopping

    def _say_goodbye(self, seconds: float) -> None:
        server, places = self.socketio.server, count()

        def say_goodbye(transport: str) -> None:
            sid = server.manager.sid_from_eio_sid(transport, "/")
            if sid in self.connections:
                wait = RETURN_SECONDS + next(places) / RETURNS_PER_SECOND
                stopping = ServerStopping(retry_after=round(wait, 4))
                self.socketio.emit("server:stopping", stopping, to=sid)

        server.eio.drain(seconds, say_goodbye)

    @property
    def skipped(self) -> int:
        """How often a client that had not read a state was sent only a newer one, ever."""
        return int(self.socketio.server.manager.skipped)

    def _connect(self, auth: Any = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        language = language_of(str(given.get("lang", "")))
        token = str(given.get("token") or "") or None
        parts = self._parts
        try:
            check_value(given)
            follow(parts.store)
            session = token and parts.tokens.authenticate(parts.store, token, parts.clock())[0]
            transport = self.socketio.server.manager.eio_sid_from_sid(sid_of_sender(), "/")
            charge = partial(self._chats.take, session.person if session else transport)
            connection = Connection(sid_of_sender(), language, token, session or None, charge)
            self.connections.add(connection)
            self.connections.expect_expiry(connection, parts.clock() + AHEAD)
        except Exception as error:
            problem = problem_document(error, language)
            raise Refused(problem["code"], problem) from error

    def _disconnect(self, *_reason: Any) -> None:
        self._dialect.forget(sid_of_sender())
        connection = self.connections.remove(sid_of_sender())
        if connection is not None:
            self.watchers.leave_all(connection)

    def _end(self, connection: Connection, code: str) -> None:
        """Notify a client that its session is over, and disconnect it."""
        self.socketio.emit("session:ended", SessionEnded(code=code), to=connection.sid)
        server = self.socketio.server
        transport = server.manager.eio_sid_from_sid(connection.sid, "/")
        server.disconnect(connection.sid)
        gevent.spawn_later(CLOSING_SECONDS, server.eio.disconnect, transport)
