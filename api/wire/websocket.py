"""A WebSocket on a non-blocking socket: no greenlet, no lock, no extension.

Reading and writing are callbacks of the event loop. A frame is written straight to the socket, or
put into the outbox if something waits there. So frames are never torn, and their order is kept.
"""

import base64
import hashlib
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import gevent

from api.httpd import Deadlines, Unread
from api.wire.frames import (
    CLOSE,
    INVALID_TEXT,
    NORMAL,
    PING,
    PONG,
    TEXT,
    Decoder,
    Violation,
    encode_close,
    encode_frame,
)
from api.wire.outbox import Outbox

CHUNK_BYTES, CHUNK_FRAMES = 16 << 10, 64
"""How many bytes are read, and how many frames are handled, before other work has its turn."""
READ, WRITE = 1, 2
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_is_key = re.compile("[A-Za-z0-9+/]{22}==").fullmatch
"""Sixteen bytes in base 64."""


class BadHandshake(Exception):
    """The handshake is not valid, or the server can't give its socket away."""


class Owner(Protocol):
    """Gets each frame, with its text if it ends one, and the end. Both methods are called in the
    event loop and must not wait.
    """

    def take_frame(self, socket: "WebSocket", text: str | None) -> None: ...

    def take_end(self, socket: "WebSocket") -> None: ...


class Keeper(Protocol):
    """Watches all sockets: it aborts those that are in `stuck` or `leaving` too long. `soon` runs a
    function in its turn.
    """

    max_http_buffer_size: int
    stuck: "Unread[WebSocket]"
    leaving: "Deadlines[WebSocket]"

    def soon(self, work: Callable[[], None]) -> None: ...


class WebSocket:
    """The WebSocket of one client."""

    __slots__ = (
        *("_closing", "_decoder", "_keeper", "_outbox", "_owner", "_paused", "_reader"),
        *("_socket", "_stalled", "_writer"),
    )

    def __init__(self, sock: socket.socket, owner: Owner, keeper: Keeper) -> None:
        loop = gevent.get_hub().loop
        self._socket, self._owner, self._closing = sock, owner, False
        self._keeper = keeper
        self._decoder: Decoder | None = Decoder(keeper.max_http_buffer_size)
        self._outbox, self._stalled, self._paused = Outbox(), False, False
        self._reader = loop.io(sock.fileno(), READ)
        self._writer: Any = None
        self._reader.start(self._read)

    # -- out ----------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Send a frame, after those that wait. A client that leaves too much unread is dropped."""
        if self._stalled:
            self._keep(frame)
            return
        try:
            sent = self._socket.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return
        if sent < len(frame):
            self._stall(frame[sent:])

    def replace(self, key: str, frame: bytes) -> bool:
        """Send the newest frame of a key in place of one that waits; return whether one did."""
        if self._stalled:
            return self._outbox.replace(key, frame)
        self.send(frame)
        return False

    def adopt(self, outbox: Outbox) -> None:
        """Send the frames that waited before there was a WebSocket."""
        while frames := outbox.take():
            self.send(b"".join(frames))

    def _keep(self, frame: bytes) -> None:
        if self._outbox.full:
            self.abort()
        elif self._reader is not None:
            self._outbox.put(frame)
            self._hold()

    def _hold(self) -> None:
        """Note how much waits. If it is too much for all sockets, drop those that are stuck."""
        for stuck in self._keeper.stuck.hold(self, self._outbox.size):
            stuck.abort()

    def _stall(self, rest: bytes) -> None:
        self._stalled = True
        self._outbox.put(rest)
        self._writer = gevent.get_hub().loop.io(self._socket.fileno(), WRITE)
        self._writer.start(self._write)
        self._hold()

    def _write(self) -> None:
        while self._outbox:
            data = b"".join(self._outbox.take())
            try:
                sent = self._socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.abort()
                return
            if sent:
                self._keeper.stuck.start(self)  # it moves: its time begins anew
            if sent < len(data):
                self._outbox.put_back(data[sent:])
                self._hold()
                return
        self._stalled = False
        self._stop_writer()
        self._keeper.stuck.stop(self)
        if self._closing:
            self._say_no_more()

    def _stop_writer(self) -> None:
        if self._writer is not None:
            self._writer.stop()
            self._writer.close()
            self._writer = None

    # -- in -----------------------------------------------------------------------------

    def pause(self) -> None:
        """Stop reading for now. TCP makes the client wait."""
        self._paused = True
        if self._reader is not None:
            self._reader.stop()

    def resume(self) -> None:
        """Continue reading, first the bytes that came with the last read."""
        self._paused = False
        self.feed(b"")
        if self._reader is not None and not self._paused:
            self._reader.start(self._read)

    def _read(self) -> None:
        try:
            data = self._socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.feed(data)
        else:
            self.abort()

    def feed(self, data: bytes) -> None:
        """Handle received bytes."""
        if self._decoder is None:
            return  # after a fault nothing that comes means anything
        pinged: bytes | None = None
        try:
            for count, (opcode, payload) in enumerate(self._decoder.feed(data), 1):
                if opcode == PING:
                    pinged = payload  # RFC 6455, 5.5.3: only the last needs an answer
                self._take(opcode, payload)
                if self._reader is None or self._paused:
                    break
                if count == CHUNK_FRAMES:
                    self.pause()
                    self._keeper.soon(self.resume)
                    break
        except Violation as fault:
            self._decoder = None
            self.close(fault.code)
        if pinged is not None and not self._closing:
            self.send(encode_frame(PONG, pinged))

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            if not self._closing:
                self._closing = True
                self.send(encode_close(NORMAL))
            self.abort()  # RFC 6455, 7.1.1: the server closes TCP first
            return
        try:
            text = payload.decode() if opcode == TEXT and not self._closing else None
        except UnicodeDecodeError as error:
            raise Violation(INVALID_TEXT) from error
        self._owner.take_frame(self, text)

    # -- the end ------------------------------------------------------------------------

    def close(self, code: int) -> None:
        """Send a close frame; close once the client has answered or its time is over."""
        if self._closing:
            return
        self._closing = True
        self.resume()
        if self._stalled:
            self._outbox.finish(encode_close(code))
        else:
            self.send(encode_close(code))
            self._say_no_more()
        if self._reader is not None:
            self._keeper.leaving.start(self)
            self._owner.take_end(self)

    def _say_no_more(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def abort(self) -> None:
        """Close the socket at once."""
        if self._reader is None:
            return
        self._stop_writer()
        self._reader.stop()
        self._reader.close()
        self._reader = self._decoder = None
        self._outbox, self._stalled = Outbox(), True  # nothing is sent any more
        self._socket.close()
        self._keeper.stuck.stop(self)
        self._keeper.leaving.stop(self)
        self._owner.take_end(self)


def take_socket(environ: Mapping[str, Any]) -> tuple[socket.socket, bytes]:
    """Answer the handshake of a WebSocket; return its socket, taken from the HTTP server, and the
    bytes that the client sent without waiting.

    Raises `BadHandshake`.
    """
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13" or not _is_key(key):
        raise BadHandshake("no WebSocket of version 13")
    try:
        sock, early = environ["httpd.detach"]()
    except (KeyError, OSError) as error:
        raise BadHandshake("the server gives no socket away, or the client has gone") from error
    accept = base64.b64encode(hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest())
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    with suppress(OSError):  # one that has gone is seen to be when it is read from
        sock.send(answer + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    return sock, early
