"""Engine.IO's server, made for thousands of clients.

Callbacks of the event loop read and write for a client, where python-socketio uses three greenlets
and a queue. One loop checks all deadlines. Clients that break the protocol are disconnected,
without a traceback.
"""

import itertools
import logging
import math
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic, thread_time
from typing import Any, NoReturn

import engineio
import gevent
from gevent.lock import BoundedSemaphore

from api.httpd import Deadlines, Unread, count_places
from api.wire.frames import PROTOCOL_ERROR, encode_text
from api.wire.pace import Pace
from api.wire.packets import MESSAGE, OPEN, Garbage
from api.wire.peers import PACKETS, Peer
from api.wire.refusals import Refused, TooOften
from api.wire.transports import Polling
from api.wire.websocket import BadHandshake, WebSocket

JOIN_SECONDS = 10
LEAVE_SECONDS = 5
STUCK_SECONDS = 15
CLIENTS, RETRY_SECONDS = 20_000, 10
"""How many clients there may be, if as many files may be open, and when to try again."""
AT_ONCE, HANDSHAKES_AT_ONCE = 8, 2
"""How many clients have a message begun before other work has its turn, and how many handshakes."""
UNREAD_BYTES = 64 << 20
"""How many bytes may wait for all WebSockets, and for all polling clients."""
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
DRAIN_SECONDS = 0.02
"""How often a server that ends looks which clients are ready to end."""
REASON_LETTERS, LOG_SECONDS = 120, 10
METHODS = ("GET", "OPTIONS", "POST")
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
        self.prefix = ""
        """How the ids of clients begin."""
        self.draining = False
        """Whether the server ends: no client is taken, and each ends when it has its acks."""
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

    def drain(self, seconds: float, say_goodbye: Callable[[str], None]) -> None:
        """Take no client any more, and end all: each once its messages are handled and their acks
        sent; after so many seconds all that are left. `say_goodbye(sid)` sends what a client is
        sent before; over polling it has to be in the same response as the end.
        """
        self.draining, deadline = True, monotonic() + seconds
        while self.sockets and monotonic() < deadline:
            for peer in [each for each in self.sockets.values() if each.settled]:
                say_goodbye(peer.eio_sid)
                peer.close()
            gevent.sleep(DRAIN_SECONDS)
        for peer in list(self.sockets.values()):
            say_goodbye(peer.eio_sid)
            peer.close()
        while self.leaving and monotonic() < deadline:  # they read what was sent, and close
            gevent.sleep(DRAIN_SECONDS)

    def handle(self, peer: Peer, message: str, refusal: TooOften | None) -> None:
        """Have a message handled, or refused unread. A malformed one ends the client."""
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
        if self.draining or (len(self.sockets) >= self._places and not self._make_room()):
            raise Refused(503, seconds=RETRY_SECONDS)
        peer = Peer(self, self.prefix + self.generate_id())
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
        """Respond. Any origin may read refusals: browsers would report a CORS error instead."""
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
        """Log why a client is refused, each reason only now and then: anybody can cause it."""
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
