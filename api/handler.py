"""A connection's requests and answers: gevent's handler, with its dear parts made shorter.

gevent checks, encodes and looks through each header field of an answer by itself, and works out
a date and a line of log for each: together as much as Flask takes for a whole request.
"""

import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gevent.pywsgi import Input, WSGIHandler

from api.http import BadHead, Body, environ_key, read_head

if TYPE_CHECKING:
    from api.server import Server

logger = logging.getLogger(__name__)

END = b"\r\n\r\n"
VERSIONS = ("HTTP/1.1", "HTTP/1.0")


class Handler(WSGIHandler):  # type: ignore[misc]
    """Serves one connection: reads requests in time, sends what an answer begins with in one
    system call, and leaves what became a WebSocket alone."""

    server: "Server"
    remote: dict[str, str]
    wsgi_input: Any
    held: int | None
    """How much of the body came with the head; None where the head hasn't come yet, not all of it.
    What is here already needs no deadline."""
    began = False
    upgrades: bool

    def handle(self) -> None:
        host, port, *_ = self.client_address
        self.remote = {"REMOTE_ADDR": host, "REMOTE_PORT": str(port)}
        with suppress(OSError):  # the client has gone before it was told what was wrong
            super().handle()

    def read_requestline(self) -> str:
        waiting = self.server.idle if self.began else self.server.heads
        waiting.start(self)
        try:
            line = str(super().read_requestline())
            here = self.rfile.peek() if line else b""
        finally:
            self.began = True
            waiting.stop(self)
        self.held = len(here) - end - len(END) if (end := here.find(END)) >= 0 else None
        return line

    def read_request(self, raw_requestline: str) -> bool:
        """Take a request's head. Raises ValueError, `BadHead` too, for what is none."""
        self.command, self.path, self.request_version = raw_requestline.split()
        if self.request_version not in VERSIONS:
            raise BadHead
        if self.held is None:
            self.server.heads.start(self)
        try:
            self.headers = headers = read_head(self.rfile)
        finally:
            self.server.heads.stop(self)
        length = headers.get("content-length")
        self.content_length = None if length is None else int(length)
        said = headers.get("connection", "").lower()
        last = self.request_version == "HTTP/1.0" and said != "keep-alive"
        self.close_connection = last or "close" in said
        return True

    def get_environ(self) -> dict[str, Any]:
        """Return the request as WSGI has it."""
        headers = self.headers
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {environ_key(name): value for name, value in headers.items()}
        environ |= self.server.environ
        environ |= self.remote
        environ["REQUEST_METHOD"] = self.command
        environ["SCRIPT_NAME"] = ""
        environ["PATH_INFO"] = unquote(path, "latin-1") if "%" in path else path
        environ["QUERY_STRING"] = query
        environ["SERVER_PROTOCOL"] = self.request_version
        chunked = "transfer-encoding" in headers
        waits = self.socket if headers.get("expect") == "100-continue" else None
        self.wsgi_input = Input(self.rfile, self.content_length, waits, chunked)
        if chunked or (self.content_length or 0) > (self.held or 0):
            self.wsgi_input = Body(self.wsgi_input, self.server.bodies, self)
        self.upgrades = headers.get("upgrade", "").lower() == "websocket"
        environ["wsgi.input"] = self.rfile if self.upgrades else self.wsgi_input
        environ["wsgi.input_terminated"] = not self.upgrades
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.upgrades or getattr(self.wsgi_input, "overflowed", False):
            self.close_connection = True

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

    def handle_one_request(self) -> Any:
        went_on = super().handle_one_request()
        return ("400", self.server.bad) if isinstance(went_on, tuple) else went_on

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
        named = {name.lower(): value for name, value in headers}
        self._head, self.response_headers = head.encode("latin-1"), []
        self.status, self.code = status.encode("latin-1"), int(status[:3])
        if (date := named.get("date")) is None:
            self.response_headers.append((b"Date", self.server.date))
        self.provided_date = date or self.server.date  # gevent's would work it out again
        self.provided_content_length = named.get("content-length")
        if named.get("connection") == "close":
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
        self._sendall(head + data)

    def _sendall(self, data: bytes) -> None:
        sent = self.socket.send(data)  # nearly always all of it
        self.response_length += sent
        if sent < len(data):
            super()._sendall(memoryview(data)[sent:])

    def log_request(self) -> None:
        """Requests are not logged: gevent's would put a line together for nobody."""
