"""A client's socket: sends as fast as the client reads, and ends without losing the last bytes."""

import socket
from contextlib import suppress
from typing import Any

import gevent

from api.httpd.bounds import DISCARD_BYTES, PIECE_BYTES
from api.httpd.shared import Shared
from api.httpd.states import LINGERING, WRITING, State

READ, WRITE = 1, 2


class Channel:
    """The part of a connection that knows nothing of HTTP. `socket` is None after its end."""

    __slots__ = ("_moved", "_reader", "_reading", "_unsent", "_writer", "shared", "socket", "state")

    def __init__(self, shared: Shared, sock: socket.socket) -> None:
        self.shared = shared
        self.state: State | None = None
        self.socket: socket.socket | None = sock
        self._unsent: list[memoryview] | None = None
        self._moved = 0
        self._writer: Any = None
        self._reader: Any = gevent.get_hub().loop.io(sock.fileno(), READ)
        self._reading = False

    # -- in -----------------------------------------------------------------------------

    def receive(self) -> None:
        """Start reading: be called back when bytes have come."""
        if not self._reading and self._reader is not None:
            self._reading = True
            self._reader.start(self._read)

    def pause(self) -> None:
        """Stop reading for now. TCP makes the client wait."""
        self._reading = False
        self._reader.stop()

    def _read(self) -> None:
        raise NotImplementedError

    # -- out ----------------------------------------------------------------------------

    def send(self, head: bytes, body: bytes = b"") -> bool:
        """Send both in one system call; return whether the kernel has all of it. If not, the rest
        is sent as the client reads, and `_sent` is called after it.
        """
        sock, size = self.socket, len(head) + len(body)
        if sock is None:
            return False
        short = len(body) <= PIECE_BYTES  # a long body is not copied: many may share it
        buffers = [head + body] if short else [head, body]
        try:
            sent = sock.send(buffers[0]) if short else sock.sendmsg(buffers)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return False
        if sent < size:
            self._stall(sock.fileno(), buffers, sent)
        return sent == size

    def send_continue(self) -> None:
        """Send 100 Continue, unless something still waits to be sent."""
        if self.socket is not None and self._unsent is None:
            with suppress(OSError):  # a client that has gone is seen to be when it is read from
                self.socket.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _stall(self, file: int, buffers: list[bytes], sent: int) -> None:
        self._unsent = []
        for buffer in buffers:
            if sent < len(buffer):
                self._unsent.append(memoryview(buffer)[sent:])
            sent = max(0, sent - len(buffer))
        self._moved = 0
        self.shared.states.enter(self, WRITING)
        self._writer = gevent.get_hub().loop.io(file, WRITE)
        self._writer.start(self._write)
        largest = max(buffers, key=len)
        for other in self.shared.states.unread.hold(self, len(largest), id(largest)):
            other.close()

    def _write(self) -> None:
        while self._unsent and self.socket is not None:
            try:
                sent = self.socket.send(self._unsent[0])
            except BlockingIOError:
                return
            except OSError:
                self.close()
                return
            self._progress(sent)
            if sent < len(self._unsent[0]):
                self._unsent[0] = self._unsent[0][sent:]
                return
            self._unsent.pop(0)
        self._stop_writing()
        self._sent()

    def _progress(self, sent: int) -> None:
        self._moved += sent
        if self._moved >= PIECE_BYTES:
            self._moved = 0
            self.shared.states.unread.start(self)

    def _stop_writing(self) -> None:
        self._unsent = None
        if self._writer is not None:
            self._writer.stop()
            self._writer.close()
            self._writer = None

    def _sent(self) -> None:
        raise NotImplementedError

    # -- the end ------------------------------------------------------------------------

    def linger(self) -> None:
        """Close the sending side, and wait for the client to read and close. Closing a socket with
        unread bytes resets it, and the last response is lost (RFC 9112, 9.6).
        """
        if self.socket is None:
            return
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        self._moved = 0
        self.shared.states.enter(self, LINGERING)
        self.receive()

    def _drain(self, data: bytes) -> None:
        self._moved += len(data)
        if not data or self._moved > DISCARD_BYTES:
            self.close()

    def release(self) -> socket.socket | None:
        """Take the socket away from the server, and return it."""
        sock, self.socket = self.socket, None
        if sock is not None:
            self._stop_writing()
            self._reader.stop()
            self._reader.close()
            self._reader = None
            self._reading = False
            self.shared.states.leave(self)
            self.shared.note_end()
        return sock

    def close(self) -> None:
        """Close the socket at once."""
        sock = self.release()
        if sock is not None:
            sock.close()
