"""The Engine.IO and Socket.IO servers, made for thousands of clients.

Callbacks of the event loop read and write for a client, where python-socketio uses three greenlets
and a queue. One loop checks all deadlines. Clients that break the protocol are disconnected,
without a traceback.
"""

import itertools
import logging
import math
import re
import sys
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from time import monotonic, thread_time
from typing import Any, NoReturn

import engineio
import gevent
import socketio
from gevent.lock import BoundedSemaphore
from socketio.packet import ACK, BINARY_EVENT, CONNECT, DISCONNECT, EVENT, Packet

from api.httpd import Deadlines, Unread, count_places
from api.wire.fanout import NAMESPACE, Fanout
from api.wire.frames import PROTOCOL_ERROR, encode_text
from api.wire.pace import Pace
from api.wire.peers import MESSAGE, OPEN, PACKETS, Garbage, Peer, Polling
from api.wire.refusals import Refused, TooOften
from api.wire.websocket import BadHandshake, WebSocket

JOIN_SECONDS = 10
LEAVE_SECONDS = 5
STUCK_SECONDS = 15
CLIENTS, RETRY_SECONDS = 20_000, 10
"""How many clients there may be, if as many files may be open, and when to try again."""
AT_ONCE, HANDSHAKES_AT_ONCE = 8, 2
"""How many clients' messages (one of each) are begun before other work has its turn, and how many
handshakes.
"""
UNREAD_BYTES = 64 << 20
"""How many bytes may wait for all WebSockets, and for all polling clients."""
_ASKS_ACK = re.compile(r"[25](?:\d{1,9}-)?(?:/[^,]{0,99},)?(\d{1,15})\[").match
"""Matches an event whose client waits for an ack, with the id of that."""
FIELDS = {
    "Not an accepted origin": "Origin",
    "The client is using an unsupported version": "EIO",
    "Invalid transport": "transport",
    "Invalid websocket upgrade": "Upgrade",
    "No WebSocket": "Sec-WebSocket-Version",
    "Invalid session": "sid",
    "Unexpected HTTP request": "sid",
    "Not connected": "sid",
    "Invalid JSONP": "j",
}
"""The field of the request for each of the library's reasons to refuse it."""
REASON_LETTERS, LOG_SECONDS = 120, 10
METHODS = ("GET", "OPTIONS", "POST")
_EVENT = re.compile(r'2\d{0,15}\["([^"\\]{1,40})",').match
"""Matches an event of the one namespace, with its name."""
RESERVED = ("connect", "disconnect", "*")
"""Names that clients may not give to events: the library's own names of handlers."""
KEPT = (
    *("HTTP_ACCEPT_LANGUAGE", "HTTP_HOST", "HTTP_ORIGIN", "HTTP_USER_AGENT", "PATH_INFO"),
    *("REMOTE_ADDR", "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT"),
    *("SERVER_PROTOCOL", "flask.app", "wsgi.errors", "wsgi.url_scheme", "wsgi.version"),
)

logger = logging.getLogger(__name__)


Response = tuple[str, list[tuple[str, str]], bytes]


class Engine(engineio.Server):  # type: ignore[misc]
    """Engine.IO's server. One loop drops clients that miss a deadline."""

    sockets: dict[str, Peer]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.arriving: Deadlines[Peer] = Deadlines(JOIN_SECONDS)
        self.probing: Deadlines[WebSocket] = Deadlines(JOIN_SECONDS)
        self.leaving: Deadlines[WebSocket] = Deadlines(LEAVE_SECONDS)
        self.stuck: Unread[WebSocket] = Unread(STUCK_SECONDS, UNREAD_BYTES)
        self.polled: Unread[Polling] = Unread(math.inf, UNREAD_BYTES)
        self.packets = PACKETS
        self.refuse: Callable[[str, str, TooOften], None] = lambda *_: None
        self.at_once: Callable[[str, str, Callable[[], None]], bool] = lambda *_: False
        """`at_once(sid, message, done)` handles a message in the event loop, or returns False."""
        self.is_busy: Callable[[], bool] = lambda: False
        """Whether others need half of the event loop, such as people who vote over HTTP."""
        self._places = min(CLIENTS, count_places() * 3 // 4)
        self._ready: deque[Callable[[], None]] = deque()
        self._serving = False
        self._door = BoundedSemaphore(HANDSHAKES_AT_ONCE)
        self._logged: dict[str, float] = {}
        self._keeper: gevent.Greenlet | None = None
        self.respond: Callable[[Refused, dict[str, Any]], Response] = respond_plainly
        self._rota: list[set[Peer]] = [set() for _ in range(int(self.ping_interval))]

    def send(self, sid: str, data: str) -> None:
        """Send a message to a client, if it is connected."""
        if sid in self.sockets:
            self.sockets[sid].transport.send(encode_text(MESSAGE + data))

    def disconnect(self, sid: str | None = None) -> None:
        """Disconnect the transport of one client, if it is connected; never those of all."""
        if sid in self.sockets:
            self.sockets[sid].close()

    def time_pong(self, sid: str, ponged: Callable[[], None]) -> None:
        """Ping a client, if it is connected. `ponged` is called with its response."""
        if sid in self.sockets:
            self.sockets[sid].time_pong(ponged)

    def soon(self, work: Callable[[], None]) -> None:
        """Run a function in a greenlet of its own, in its turn."""
        self._ready.append(work)
        if not self._serving:
            self._serving = True
            gevent.spawn_raw(self._serve)

    def _serve(self) -> None:
        pace = Pace(AT_ONCE)
        while self._ready:  # a crowd that comes back leaves room for those who vote over HTTP
            began = thread_time()
            for _ in range(min(pace.many, len(self._ready))):
                gevent.spawn_raw(self._ready.popleft())
            gevent.sleep(0)
            took = thread_time() - began
            if rest := pace.follow(took) or (took if self.is_busy() else 0):
                gevent.sleep(rest)
        self._serving = False

    def handle(self, peer: Peer, message: str, refusal: TooOften | None) -> None:
        """Have a message handled, or refused without being read. A malformed message ends the
        client."""
        try:
            if refusal is None:
                self.handlers["message"](peer.eio_sid, message)
            else:
                self.refuse(peer.eio_sid, message, refusal)
        except Garbage:
            peer.transport.close(PROTOCOL_ERROR)
            peer.close(reason=self.reason.TRANSPORT_ERROR)
        except Exception:  # a fault here, not the client's: the next message is handled
            logger.exception("a message could not be handled")

    def handle_end(self, peer: Peer) -> None:
        """Have the end of a client handled, after all its messages."""
        try:
            self.handlers["disconnect"](peer.eio_sid, peer.reason)
        except Exception:
            logger.exception("the end of a client could not be handled")

    def forget(self, peer: Peer) -> None:
        """Forget everything about a client."""
        self.sockets.pop(peer.eio_sid, None)
        self.arriving.stop(peer)
        self._turn_of(peer).discard(peer)

    def _turn_of(self, peer: Peer) -> set[Peer]:
        return self._rota[hash(peer.eio_sid) % len(self._rota)]

    def _handle_connect(
        self, environ: dict[str, Any], _start: Any, transport: str, _jsonp: Any = None
    ) -> Any:
        if self._keeper is None:
            self._keeper = gevent.spawn(self._keep)
        with self._door:
            gevent.sleep(0)
        if len(self.sockets) >= self._places and not self._make_room():
            raise Refused(503, seconds=RETRY_SECONDS)
        peer = Peer(self, self.generate_id())
        greeting = encode_text(OPEN + self._greeting(peer, transport))
        self.handlers["connect"](peer.eio_sid, environ)
        self.sockets[peer.eio_sid] = peer
        self._turn_of(peer).add(peer)
        self.arriving.start(peer)
        if transport == "polling":
            return peer.start_polling(greeting)
        try:
            peer.start_websocket(environ, greeting)
        except BadHandshake:
            peer.close()
            return self._bad_request("No WebSocket of version 13")
        return ()

    def _make_room(self) -> bool:
        """Drop the client that has not joined for the longest time; return False if all have."""
        peer = self.arriving.pop_oldest()
        if peer is not None:
            peer.close(reason=self.reason.TRANSPORT_ERROR)
        return peer is not None

    def _greeting(self, peer: Peer, transport: str) -> str:
        greeting = {
            "sid": peer.eio_sid,
            "upgrades": ["websocket"] if transport == "polling" else [],
            "pingInterval": int(self.ping_interval * 1000),
            "pingTimeout": int(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        return str(engineio.packet.Packet.json.dumps(greeting))

    def handle_request(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Respond to a request. A refusal is readable for any origin, because a browser would
        otherwise report a CORS error.
        """
        try:
            _check_head(environ)
            return super().handle_request(environ, start_response)
        except Refused as refused:
            status, headers, body = self.respond(refused, environ)
        if (origin := environ.get("HTTP_ORIGIN")) is not None:
            headers.append(("Access-Control-Allow-Origin", origin))
        start_response(status, headers)
        return [body]

    def _bad_request(self, message: str | None = None) -> NoReturn:
        reason = (message or "The client broke the protocol")[:REASON_LETTERS]
        start = next((each for each in FIELDS if reason.startswith(each)), "")
        field = FIELDS.get(start, "")
        reason = start if field == "sid" else reason  # it would repeat the session's secret
        raise Refused(400, reason, field)

    def _log_error_once(self, message: str, message_key: str) -> None:
        """Log why a client is refused: each reason only now and then, because anybody can
        cause it.
        """
        now = monotonic()
        if now >= self._logged.get(message_key, -math.inf) + LOG_SECONDS:
            self._logged[message_key] = now
            reason = message_key if "session" in message else message[:REASON_LETTERS]
            logger.warning("a socket was refused: %s", reason)

    def _keep(self) -> None:
        for second in itertools.count():
            gevent.sleep(1)
            gevent.sleep(0)  # after a stall: what has arrived meanwhile is read first
            try:
                self._look_after(self._rota[second % len(self._rota)])
            except Exception:  # the next second is looked after all the same
                logger.exception("looking after the clients failed")

    def _look_after(self, in_turn: set[Peer]) -> None:
        for peer in self.arriving.expire():
            peer.close(reason=self.reason.TRANSPORT_ERROR)
        for peer in list(in_turn):
            peer.ping()
        for socket in self.probing.expire() + self.leaving.expire() + self.stuck.expire():
            socket.abort()


def _check_head(environ: dict[str, Any]) -> None:
    """Refuse an unknown method and an encoded body. Raises `Refused`."""
    if environ["REQUEST_METHOD"] not in METHODS:
        raise Refused(405)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if environ["REQUEST_METHOD"] == "POST" and encoding not in ("", "identity"):
        raise Refused(415)


def respond_plainly(refused: Refused, _environ: dict[str, Any]) -> Response:
    """Return status, headers and body for a refused request, in engineio's own words."""
    status = f"{refused.status} {HTTPStatus(refused.status).phrase}"
    return status, [("Content-Type", "text/plain; charset=UTF-8")], refused.reason.encode()


class Text(Packet):  # type: ignore[misc]
    """A Socket.IO packet. Nothing binary is sent, so values are not searched for it. Of received
    binary values only the place is kept, and they are refused like any value of a wrong type.
    """

    uses_binary_events = False
    packet_type: int
    data: Any

    def __init__(self, *arguments: Any, encoded_packet: str | None = None, **named: Any) -> None:
        if encoded_packet == "":
            raise Garbage  # the library would take it for an event
        super().__init__(*arguments, encoded_packet=encoded_packet, **named)

    def decode(self, encoded_packet: str) -> int:
        """Decode a packet. It waits for no attachments. Raises `Garbage`."""
        try:
            super().decode(encoded_packet)
        except (ValueError, RecursionError) as error:
            raise Garbage from error
        kind, arguments = self.packet_type, self.data
        if kind in (CONNECT, DISCONNECT):
            return 0
        if not isinstance(arguments, list):
            raise Garbage
        if kind in (EVENT, BINARY_EVENT) and arguments and isinstance(arguments[0], str):
            name = f"no {arguments[0]}" if arguments[0] in RESERVED else arguments[0]
            values = [
                b"" if isinstance(it, dict) and "_placeholder" in it else it for it in arguments
            ]
            self.packet_type, self.data = EVENT, [name, *values[1:]]
        elif kind != ACK or not self.id:  # 0 is where the manager keeps its count
            raise Garbage
        return 0


Quick = Callable[[str, list[Any], Callable[[dict[str, Any]], None]], None]
"""`handle(sid, sent, answer)` is called in the event loop and must not wait. `answer` is called
once, now or later, with the ack.
"""


class Server(socketio.Server):  # type: ignore[misc]
    """Socket.IO's server.

    refusal_for: returns the ack of a refused event
    kept: the keys of a client's first environ to keep beside `KEPT`
    """

    refusal_for: Callable[[str, TooOften], dict[str, Any]]

    def __init__(self, *, kept: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(client_manager=Fanout(), serializer=Text, **options)
        self._kept_names = *KEPT, *kept
        self.eio.refuse, self.eio.at_once = self._refuse, self._take_at_once
        self._quick: dict[str, Quick] = {}
        self._note = self.eio.handlers["connect"]
        self.eio.on("connect", self._note_client)

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        """Return a copy, because Flask keeps the request, and so the last payload, in it."""
        environ = super().get_environ(sid, namespace)
        return environ and {**environ, "wsgi.input": BytesIO()}

    def _note_client(self, eio_sid: str, environ: dict[str, Any]) -> None:
        """Register a client with the library, with a small part of its first environ. Equal texts
        are stored once.
        """
        kept = {key: environ[key] for key in self._kept_names if key in environ}
        texts = {key: sys.intern(it) for key, it in kept.items() if isinstance(it, str)}
        self._note(eio_sid, kept | texts)

    def handle_at_once(self, event: str, handle: Quick) -> None:
        """Handle an event of WebSockets in the event loop, without a greenlet, if no earlier
        message of its client still waits. Otherwise the event's ordinary handler is called.
        """
        self._quick[event] = handle

    def _take_at_once(self, eio_sid: str, message: str, done: Callable[[], None]) -> bool:
        found = _EVENT(message)
        handle = None if found is None else self._quick.get(found[1])
        if handle is None:
            return False
        sid = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE)
        if not self.manager.is_connected(sid, NAMESPACE):
            return False
        try:
            packet = Text(encoded_packet=message)
        except Garbage:
            return False

        def answer(ack: dict[str, Any]) -> None:
            if packet.id is not None:
                self.eio.send(eio_sid, Text(ACK, [ack], id=packet.id).encode())
            done()

        try:
            handle(sid, packet.data[1:], answer)
        except Exception:  # a fault here, not the client's: the next message is handled
            logger.exception("a message could not be handled")
            done()
        return True

    def _refuse(self, eio_sid: str, message: str, refusal: TooOften) -> None:
        """Ack an event that exceeds the limit. Other packets get no response."""
        sid, asks = self.manager.sid_from_eio_sid(eio_sid, NAMESPACE), _ASKS_ACK(message)
        if asks is not None and self.manager.is_connected(sid, NAMESPACE):
            refused = [self.refusal_for(sid, refusal)]
            self.eio.send(eio_sid, Text(ACK, refused, id=int(asks[1])).encode())
