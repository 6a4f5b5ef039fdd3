"""One Engine.IO client: its transport, its messages, and its end.

Its messages are handled in order, in a greenlet that exists only while there are any. So a silent
client needs none.
"""

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent

from api.wire.bucket import Bucket
from api.wire.frames import GOING_AWAY, PROTOCOL_ERROR
from api.wire.packets import (
    BINARY,
    CLOSE,
    MESSAGE,
    NOOP,
    PING_FRAME,
    PONG,
    PROBE,
    PROBED,
    SEPARATOR,
    UPGRADE,
    Garbage,
)
from api.wire.refusals import TooOften
from api.wire.transports import GONE, Polling, Transport, answer
from api.wire.websocket import BadHandshake, WebSocket, take_socket

NAMESPACING = ("40", "41")
"""How packets begin that enter or leave a namespace of Socket.IO."""
INBOX_MESSAGES = 64
"""How many unhandled messages a client may have before reading stops."""
PACKETS = (20.0, 80.0)
"""How many packets a client may send over any transport: a second on average, and at once."""
PAYLOAD_PACKETS = 1_000
"""How many packets a request of a polling client may contain."""
PACKET_LETTERS = 4_096
"""A longer packet counts as one more for each such number of characters."""
CONNECT_PACKETS = 20
"""As how many packets one counts that enters or leaves a namespace."""
PATIENCE = 500
"""A client is dropped if its refused packets exceed its accepted ones by this number."""
REFUSED_SECONDS = 0.005
"""How long nothing is read from a WebSocket after one of its packets was refused."""


class Peer:
    """A client. engineio's server uses its `closed`, `connected` and `upgraded`."""

    __slots__ = (
        *("_bucket", "_engine", "_inbox", "_paused", "_pinged", "_probe", "_refused", "_slowed"),
        "_timing",
        *("closed", "eio_sid", "name", "reason", "rooms", "state", "transport", "upgraded"),
    )
    connected = True

    def __init__(self, engine: Any, eio_sid: str) -> None:
        self._engine, self.eio_sid = engine, eio_sid
        self.transport: Transport = GONE
        self._probe: WebSocket | None = None
        self._inbox: deque[tuple[str, TooOften | None]] | None = None
        self._bucket, self._refused = Bucket(*engine.packets), 0
        self._paused = self._pinged = self._slowed = self.upgraded = self.closed = False
        self._timing: Callable[[], None] | None = None
        self.reason = ""
        self.name = ""  # Socket.IO's id of it, once it is connecting there
        self.state = ""
        self.rooms: set[str] = set()

    # -- polling ------------------------------------------------------------------------

    def start_polling(self, greeting: bytes) -> dict[str, Any]:
        """Return the response to the first request. All later requests wait for frames."""
        polling = self.transport = Polling(self._lose, self._engine.polled)
        polling.send(greeting)
        return answer(polling.poll(0))

    def handle_get_request(self, environ: dict[str, Any], _start_response: Any) -> Any:
        """Respond to a request for frames, or for a WebSocket."""
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            return self._start_probe(environ)
        if self._probe is not None or not isinstance(self.transport, Polling):
            return answer(NOOP)
        return answer(self.transport.poll(self._engine.ping_interval * 2))

    def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Return once the messages of a request are handled. Raises `Garbage`, also for a flood."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        if size > self._engine.max_http_buffer_size:
            raise Garbage
        try:
            texts = environ["wsgi.input"].read(size).decode().split(SEPARATOR, PAYLOAD_PACKETS)
        except UnicodeDecodeError as error:
            raise Garbage from error
        if len(texts) > PAYLOAD_PACKETS or self.closed or self._inbox is not None:
            raise Garbage  # too much; or the peer ended or sent another while this one came
        inbox = self._inbox = deque()
        try:
            for text in texts:
                self._take(text, self._pay(text))
        finally:
            while len(inbox) > 1:
                self._engine.handle(self, *inbox.popleft())
                gevent.sleep(0)
            self._work()

    # -- WebSocket ----------------------------------------------------------------------

    def start_websocket(self, environ: dict[str, Any], greeting: bytes) -> None:
        """Use a WebSocket from the beginning. Raises `BadHandshake`."""
        sock, early = take_socket(environ)
        socket = WebSocket(sock, self, self._engine)
        self.transport, self.upgraded = socket, True
        socket.send(greeting)
        socket.feed(early)

    def take_frame(self, socket: WebSocket, text: str | None) -> None:
        """Handle a frame of a WebSocket; None is a frame without a text."""
        try:
            refusal = self._pay(text or "")
        except Garbage:
            socket.abort()  # or it would continue while its end is handled
            return
        if text is not None and refusal is not None:
            self._slow_down()
        try:
            if text is not None and socket is self.transport:
                self._take(text, refusal)
            elif text is not None:
                self._take_probe(socket, text)
        except Garbage:
            socket.close(PROTOCOL_ERROR)

    def take_end(self, socket: WebSocket) -> None:
        """Handle the end of a WebSocket, for whatever reason."""
        if socket is self.transport:
            self.close(reason=self._engine.reason.TRANSPORT_CLOSE)
        elif socket is self._probe:
            self._probe = None

    def _start_probe(self, environ: dict[str, Any]) -> Any:
        if self._probe is not None:
            raise Garbage
        try:
            sock, early = take_socket(environ)
        except BadHandshake as error:
            raise Garbage from error
        self._probe = WebSocket(sock, self, self._engine)
        self._engine.probing.start(self._probe)
        self._probe.feed(early)
        return ()

    def _take_probe(self, socket: WebSocket, text: str) -> None:
        polling = self.transport
        if socket is not self._probe or not isinstance(polling, Polling):
            raise Garbage
        if text == PROBE:
            socket.send(PROBED)
            polling.wake()
        elif text == UPGRADE:
            self._probe, self.transport, self.upgraded = None, socket, True
            self._engine.probing.stop(socket)
            socket.adopt(polling.hand_over())
        else:
            raise Garbage

    # -- what it says -------------------------------------------------------------------

    def _pay(self, text: str) -> TooOften | None:
        """Charge a packet; return its refusal if it is too much. Raises `Garbage` after many."""
        amount = CONNECT_PACKETS if text[:2] in NAMESPACING else 1 + len(text) // PACKET_LETTERS
        try:
            self._bucket.take(monotonic(), amount)
        except TooOften as refusal:
            self._refused += amount
            if self._refused >= PATIENCE:
                raise Garbage from refusal
            return refusal
        self._refused = max(0, self._refused - 1)
        return None

    def _slow_down(self) -> None:
        """Read nothing for a moment: packets to refuse then cost little, however many come."""
        if isinstance(self.transport, WebSocket) and not self._slowed:
            self._slowed = True
            self.transport.pause()
            gevent.spawn_later(REFUSED_SECONDS, self._read_on)

    def _read_on(self) -> None:
        self._slowed = False
        if isinstance(self.transport, WebSocket) and not self._paused:
            self.transport.resume()

    def _take(self, text: str, refusal: TooOften | None) -> None:
        kind = text[:1]
        if kind == MESSAGE:
            self._hand_on(text[1:], refusal)
        elif kind == PONG:
            self._pinged = False
            if self._timing is not None:
                self._timing()
        elif kind == BINARY:
            pass  # nothing takes it
        elif kind == CLOSE:
            self.close(reason=self._engine.reason.CLIENT_DISCONNECT)
        else:
            raise Garbage

    def _hand_on(self, message: str, refusal: TooOften | None) -> None:
        if self._inbox is None and refusal is not None:
            self._engine.handle(self, message, refusal)  # that waits for nothing
            return
        if self._inbox is None:
            self._inbox = deque()
            if self._engine.at_once(self.eio_sid, message, self._go_on):
                return
            self._engine.soon(self._work)
        self._inbox.append((message, refusal))
        if len(self._inbox) >= INBOX_MESSAGES and isinstance(self.transport, WebSocket):
            self._paused = True
            self.transport.pause()

    def _go_on(self) -> None:
        """Continue after a message that was handled at once."""
        if self._inbox or self._paused or self.closed:
            self._engine.soon(self._work)
        else:
            self._inbox = None

    def _work(self) -> None:
        """Handle a message. The next one waits for the turns of other clients."""
        inbox = self._inbox
        if inbox:
            self._engine.handle(self, *inbox.popleft())
        if inbox:
            self._engine.soon(self._work)
            return
        self._inbox = None
        if self.closed:
            self._engine.handle_end(self)
        elif self._paused and isinstance(self.transport, WebSocket):
            self._paused = False
            if not self._slowed:
                self.transport.resume()

    # -- the end ------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether none of its messages waits, and, over polling, none of the server's."""
        polling = self.transport if isinstance(self.transport, Polling) else None
        return self._inbox is None and not (polling and polling.outbox)

    def ping(self) -> None:
        """Ping the client, or end it if it hasn't answered the last ping."""
        if self._pinged:
            self.close(reason=self._engine.reason.PING_TIMEOUT)
        else:
            self._pinged = True
            self.transport.send(PING_FRAME)

    def time_pong(self, ponged: Callable[[], None]) -> None:
        """Send an additional ping. `ponged` is called with the next response."""
        self._timing = ponged
        self.transport.send(PING_FRAME)

    def close(self, *_: Any, reason: str | None = None, **__: Any) -> None:
        """Close the transport, so that the client may connect again."""
        if self.closed:
            return
        reasons = self._engine.reason
        self.closed, self.reason = True, reason or reasons.SERVER_DISCONNECT
        transport, self.transport = self.transport, GONE
        transport.close(GOING_AWAY)
        if self._probe is not None:
            self._probe.abort()
        self._engine.forget(self)
        if self._inbox is None:
            self._inbox = deque()
            self._engine.soon(self._work)
        elif self.reason not in (reasons.TRANSPORT_CLOSE, reasons.CLIENT_DISCONNECT):
            self._inbox.clear()

    def _lose(self) -> None:
        self.close(reason=self._engine.reason.TRANSPORT_ERROR)
