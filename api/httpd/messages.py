"""A request as the lane and the app get it, and the head of its response."""

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Protocol

Environ = dict[str, Any]
Prepared = tuple[bytes, bytes, bool]
"""A response's head and body, and whether it keeps the connection."""


class Answerer(Protocol):
    """The connection of a request."""

    @property
    def stopping(self) -> bool:
        """Whether the server accepts no more requests."""

    def send_last(self, head: bytes, body: bytes = b"", *, keep: bool) -> None: ...

    def write(self, head: bytes, body: bytes = b"") -> None: ...

    def fault(self, status: int) -> None: ...

    def close(self) -> None: ...


class Request:
    """A request whose head is complete. Its environ is that of WSGI (PEP 3333), without the body.

    connection: the one to respond on; None after the response, or if the client has gone
    keep: whether the client wants to keep the connection
    """

    __slots__ = ("body", "connection", "environ", "expects", "keep", "upgrades")

    def __init__(self, connection: Answerer, environ: Environ, *, keep: bool) -> None:
        self.connection: Answerer | None = connection
        self.environ, self.keep = environ, keep
        self.body = b""
        self.expects = self.upgrades = False

    @property
    def name(self) -> str:
        """A name for logs, without path and query, which may contain personal data."""
        return str(self.environ["REQUEST_METHOD"])

    def abandon(self) -> None:
        """Send no response any more."""
        self.connection = None

    def respond(self, status: str, headers: str, body: bytes = b"") -> None:
        """Send the response: for example "200 OK", complete lines "Name: value\r\n", and the bytes.

        The server adds Date, Connection if needed, and Content-Length (not for 204 and 304). No
        body is sent for HEAD, 204 and 304. Does nothing if the client has gone.
        """
        self.send(self.prepare(status, headers, body))

    def prepare(self, status: str, headers: str, body: bytes = b"") -> Prepared:
        """Return the response of `respond` as `send` takes it, soon."""
        keep = self.keep and self.connection is not None and not self.connection.stopping
        bare = status[:3] in ("204", "304")
        length = "" if bare else f"Content-Length: {len(body)}\r\n"
        version = self.environ["SERVER_PROTOCOL"]
        lasting = "" if keep and version == "HTTP/1.1" else lasting_lines(version, keep=keep)
        head = f"HTTP/1.1 {status}\r\n{headers}{date_line()}{length}{lasting}\r\n"
        if bare or self.environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        return head.encode("latin-1"), body, keep

    def send(self, prepared: Prepared) -> None:
        """Send a response that was prepared. Does nothing if the client has gone."""
        connection, self.connection = self.connection, None
        if connection is not None:
            head, body, keep = prepared
            connection.send_last(head, body, keep=keep)


def lasting_lines(version: str, *, keep: bool) -> str:
    """Return the Connection line, if one is needed."""
    if not keep:
        return "Connection: close\r\n"
    return "Connection: keep-alive\r\n" if version == "HTTP/1.0" else ""


def _make_date_line(clock: Callable[[], float]) -> Callable[[], str]:
    second, line = 0, ""

    def date_line() -> str:
        nonlocal second, line
        now = int(clock())
        if now != second:
            second, line = now, f"Date: {formatdate(now, usegmt=True)}\r\n"
        return line

    return date_line


date_line = _make_date_line(time.time)
"""Returns the Date line of a response, made once a second."""
