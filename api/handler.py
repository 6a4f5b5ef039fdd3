"""A connection's requests and answers: gevent's handler, with its dear parts made shorter.

gevent checks, encodes and looks through each header field of an answer by itself, and works out
a date and a line of log for each: together as much as Flask takes for a whole request.
"""

import logging
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gevent.pywsgi import MAX_REQUEST_LINE, Input, WSGIHandler

from api import busy_wait
from api.http import PIECE_BYTES, SOCKETS, BadHead, Body, read_head, read_request_line

if TYPE_CHECKING:
    from api.server import Server

logger = logging.getLogger(__name__)

END = b"\r\n\r\n"


class Handler(WSGIHandler):  # type: ignore[misc]
    """Serves one connection: reads requests in time, sends what an answer begins with in one
    system call, and leaves what became a WebSocket alone."""

    server: "Server"
    status: bytes | None
    remote: dict[str, str]
    wsgi_input: Any
    """What may be left of the body, for gevent to read; None where all of it came with the head."""
    held: int | None
    """How much of the body came with the head; None where the head hasn't come yet, not all of it.
    What is here already needs no deadline."""
    began = False
    emptied = False
    """Nothing is left in the buffer: a read would only be told to wait."""
    prompt = False
    """The last request came as soon as the one before was answered."""
    upgrades: bool

    def handle(self) -> None:
        host, port, *_ = self.client_address
        self.remote = {"REMOTE_ADDR": host, "REMOTE_PORT": str(port)}
        try:
            with suppress(OSError):  # the client has gone before it was told what was wrong
                super().handle()
        finally:
            self.server.forget(self)

    def read_requestline(self) -> str:
        """Return a request's first line; its deadline goes on until all of its head is here."""
        heads = self.server.heads
        waiting = self.server.idle if self.began else heads
        waiting.start(self)
        if self.emptied:
            self._wait()
        here = self.rfile.peek()
        self.began = True
        self.held = len(here) - end - len(END) if (end := here.find(END)) >= 0 else None
        if self.held is not None or waiting is not heads:
            waiting.stop(self)
        if self.held is None and waiting is not heads:
            heads.start(self)
        return str(super().read_requestline())

    def _wait(self) -> None:
        """Return once there is something to read: awake, if it was there at once the last time."""
        began = monotonic()
        if self.prompt:
            self.server.busy_wait.begin(began)
        self.socket._wait(self.socket._read_event)
        self.prompt = monotonic() - began < busy_wait.SECONDS

    def read_request(self, raw_requestline: str) -> bool:
        """Take a request's head. Raises ValueError, `BadHead` too, for what is none."""
        if len(raw_requestline) >= MAX_REQUEST_LINE:
            raise BadHead
        line = read_request_line(raw_requestline)
        self.command, self.path, self.request_version = line
        self.headers = headers = read_head(self.rfile, self.request_version)
        if self.held is None:
            self.server.heads.stop(self)
        length = headers.get("CONTENT_LENGTH")
        self.content_length = None if length is None else int(length)
        said = headers.get("HTTP_CONNECTION", "").lower()
        last = self.request_version == "HTTP/1.0" and said != "keep-alive"
        self.close_connection = last or "close" in said
        self.upgrades = self._may_upgrade()
        if not self.upgrades:
            headers.pop("HTTP_UPGRADE", None)  # RFC 9110, 7.8: a server may ignore it
        return True

    def _may_upgrade(self) -> bool:
        """Tell whether what follows the head is the app's to read, without a deadline of ours."""
        head = self.headers
        if self.command != "GET" or "HTTP_UPGRADE" not in head:
            return False
        bare = not self.content_length and "HTTP_TRANSFER_ENCODING" not in head
        at_sockets = self.path.partition("?")[0] == SOCKETS
        return bare and at_sockets and head["HTTP_UPGRADE"].lower() == "websocket"

    def get_environ(self) -> dict[str, Any]:
        """Return the request as WSGI has it."""
        path, _, query = _origin_form(self.path).partition("?")
        environ = {**self.headers, **self.server.environ, **self.remote}
        environ["REQUEST_METHOD"] = self.command
        environ["SCRIPT_NAME"] = ""
        environ["PATH_INFO"] = unquote(path, "latin-1") if "%" in path else path
        environ["QUERY_STRING"] = query
        environ["SERVER_PROTOCOL"] = self.request_version
        environ["wsgi.input"] = self._open_body()
        environ["wsgi.input_terminated"] = not self.upgrades
        return environ

    def _open_body(self) -> Any:
        """Return what the app reads the body from."""
        length, held = self.content_length or 0, self.held
        chunked = "HTTP_TRANSFER_ENCODING" in self.headers
        self.wsgi_input, self.emptied = None, False
        if self.upgrades:
            return self.rfile
        if held is not None and length <= held and not chunked:
            self.emptied = length == held
            return BytesIO(self.rfile.read(length))
        waits = self.socket if self.headers.get("HTTP_EXPECT") == "100-continue" else None
        body = Input(self.rfile, self.content_length, waits, chunked)
        self.wsgi_input = Body(body, self.server.bodies, self)
        self.server.whole_bodies.start(self)
        return self.wsgi_input

    def handle_one_request(self) -> Any:
        """Serve a request. Return True to go on with the next, None to end, or what to send last.

        Source: gevent's own, without what an earlier or another server needs.
        """
        try:
            line = self.read_requestline()
        except OSError:
            return None
        if not line:
            return None
        self.response_length = 0
        try:
            self.read_request(line)
        except Exception as error:  # noqa: BLE001 (it is told, or logged)
            return self._handle_client_error(error)
        self.environ, self.application = self.get_environ(), self.server.application
        self.handle_one_response()
        return None if self.close_connection or self.rfile.closed else True

    def handle_one_response(self) -> None:
        if self.wsgi_input is not None:
            super().handle_one_response()
            self.server.whole_bodies.stop(self)
            self.close_connection |= self.wsgi_input.spoiled
            return
        self.status, self.headers_sent, self.response_use_chunked = None, False, False
        try:
            self.run_application()
        except OSError as error:
            self.close_connection = True
            if error.errno not in self.ignored_socket_errors:
                self.handle_error(*sys.exc_info())
        except BaseException:  # noqa: BLE001 (as gevent: the client is told, the log too)
            self.handle_error(*sys.exc_info())
        self.close_connection |= self.upgrades

    def hang_up(self) -> None:
        """End a connection whose time is over: whoever reads from it reads its end."""
        sock = getattr(self, "socket", None)
        if sock is not None:
            with suppress(OSError):
                sock._sock.shutdown(socket.SHUT_RDWR)

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes]:
        if not isinstance(error, ValueError | OSError):
            logger.error("a request could not be read", exc_info=error)
        return "400", self.server.bad

    def _send_error_response_if_possible(self, _status: int) -> None:
        self.close_connection = True
        if not self.response_length:
            self._sendall(self.server.broken)

    def start_response(
        self, status: str, headers: Sequence[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """Take the head of an answer, checked and encoded as a whole: gevent's does each field.

        Raises ValueError for what would be more or other fields than these.
        """
        if exc_info is not None and self.headers_sent:
            raise exc_info[1]
        head = "".join([f"{name}: {value}\r\n" for name, value in headers])
        lines = len(headers)
        if head.count("\n") != lines or head.count("\r") != lines or not status.isprintable():
            raise ValueError("an answer's head has a line break")
        named = f"\n{head.lower()}"
        self._head, self.response_headers = head.encode("latin-1"), []
        self.status, self.code = status.encode("latin-1"), int(status[:3])
        if "\ndate:" not in named:
            self.response_headers.append((b"Date", self.server.date()))
        self.provided_date = True  # gevent's would work it out again
        self.provided_content_length = "\ncontent-length:" in named or None
        if "\nconnection: close\r" in named:
            self.close_connection = True
        elif self.request_version == "HTTP/1.0":
            kept = b"close" if self.close_connection else b"keep-alive"
            self.response_headers.append((b"Connection", kept))
        return self.write  # type: ignore[no-any-return]

    def _write_with_headers(self, data: bytes) -> None:
        """Send head and body in one piece."""
        self.headers_sent = True
        self.finalize_headers()
        fields = b"".join([b"%s: %s\r\n" % field for field in self.response_headers])
        head = b"HTTP/1.1 %s\r\n%s%s\r\n" % (self.status, self._head, fields)
        if self.response_use_chunked and data:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        self._sendall(head + data[:PIECE_BYTES])  # a large body is not copied: many may share it
        if len(data) > PIECE_BYTES:
            self._sendall(data, PIECE_BYTES)

    def _sendall(self, data: bytes, begin: int = 0) -> None:
        """Send what is from `begin` on; what the kernel has no room for is sent piece by piece."""
        rest = memoryview(data)[begin:]
        try:
            sent = self.socket._sock.send(rest)  # nearly always all of it
        except BlockingIOError:
            sent = 0
        self.response_length += sent
        if sent < len(rest):
            self._send_rest(data, rest[sent:])

    def _send_rest(self, data: bytes, rest: memoryview) -> None:
        """Send what the client takes its time to read: it has a deadline for each piece."""
        unread = self.server.unread
        for handler in unread.hold(self, len(data), id(data)):
            handler.hang_up()
        for begin in range(0, len(rest), PIECE_BYTES):
            unread.start(self)
            super()._sendall(rest[begin : begin + PIECE_BYTES])
        unread.stop(self)

    def log_request(self) -> None:
        """Requests are not logged: gevent's would put a line together for nobody."""


def _origin_form(target: str) -> str:
    """Return a request's target from its path on: a proxy's may begin with scheme and host."""
    if target.startswith("/") or "://" not in target:
        return target
    return "/" + target.partition("://")[2].partition("/")[2]
