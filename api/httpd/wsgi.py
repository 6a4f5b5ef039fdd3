"""The WSGI side: an app responds to a request in a greenlet (PEP 3333)."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from api.httpd.answering import ClientGone
from api.httpd.bodies import BodyLost
from api.httpd.messages import Request, date_line, lasting_lines

logger = logging.getLogger(__name__)

Fields = list[tuple[str, str]]
App = Callable[..., Iterable[bytes]]


def run(app: App, request: Request) -> None:
    """Have an app respond to a request."""
    response = Response(request)
    try:
        result = app(request.environ, response.start)
        try:
            response.send(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
    except BaseException as error:  # noqa: BLE001 (it is passed on, or logged: nobody waits for it)
        response.fail(error)


class Response:
    """An app's response to one request."""

    __slots__ = ("_begun", "_chunked", "_fields", "_keep", "_left", "_quiet", "_request", "_status")

    def __init__(self, request: Request) -> None:
        self._request, self._keep = request, request.keep
        self._status, self._fields = "", ""
        self._begun = self._chunked = self._quiet = False
        self._left: int | None = None

    def start(self, status: str, headers: Fields, exc_info: Any = None) -> Callable[[bytes], None]:
        """Set status and headers: PEP 3333's start_response.

        Raises ValueError for headers with line breaks, and for those that the server sets itself.
        """
        try:
            if exc_info and self._begun:
                raise exc_info[1].with_traceback(exc_info[2])
        finally:
            exc_info = None if self._begun else exc_info
        if self._status and not exc_info:
            raise AssertionError("start_response was called twice")
        fields = "".join([f"{name}: {value}\r\n" for name, value in headers])
        lines = len(headers)
        if fields.count("\n") != lines or fields.count("\r") != lines or not status.isprintable():
            raise ValueError("a response's head has a line break")
        fields.encode("latin-1")
        self._left, self._keep = None, self._request.keep
        self._status, self._fields = status, self._frame(int(status[:3]), fields, headers)
        return self.write

    def _frame(self, code: int, fields: str, headers: Fields) -> str:
        """Note the length and the Connection that the app gives; return the other fields."""
        named = f"\n{fields.lower()}"
        bodiless = code in (204, 304) or code < 200
        self._quiet = bodiless or self._request.environ["REQUEST_METHOD"] == "HEAD"
        if "\ntransfer-encoding:" in named:
            raise ValueError("how a response is transferred is the server's to say")
        if "\ncontent-length:" in named:
            (length,) = {value for name, value in headers if name.lower() == "content-length"}
            self._left = int(length)
        if "\nconnection:" in named:
            options = [value.lower() for name, value in headers if name.lower() == "connection"]
            self._keep = self._keep and "close" not in ",".join(options)
            kept = [each for each in headers if each[0].lower() != "connection"]
            fields = "".join([f"{name}: {value}\r\n" for name, value in kept])
        return fields if "\ndate:" in named else fields + date_line()

    def _head(self, length: int | None) -> bytes:
        """Return the head to send. `length`: that of the whole body, if known."""
        if not self._status:
            raise AssertionError("start_response was not called")
        self._begun = True
        request, lines = self._request, ""
        version = request.environ["SERVER_PROTOCOL"]
        if self._left is None and length is not None:
            bare = self._status.startswith(("1", "204", "304"))
            lines = "" if bare else f"Content-Length: {length}\r\n"
        elif self._left is None and not self._quiet:
            self._chunked = version == "HTTP/1.1"
            self._keep = self._keep and self._chunked
            lines = "Transfer-Encoding: chunked\r\n" if self._chunked else ""
        connection = request.connection
        stopping = connection is None or connection.stopping
        # a client that was not asked for its body may send it, or its next request
        self._keep = self._keep and request.keep and not stopping and not request.expects
        lines += lasting_lines(version, keep=self._keep)
        return f"HTTP/1.1 {self._status}\r\n{self._fields}{lines}\r\n".encode("latin-1")

    def write(self, data: bytes) -> None:
        """Send a part of the body, after the head: PEP 3333's write. Raises `ClientGone`."""
        connection = self._request.connection
        if connection is None:
            raise ClientGone
        data = self._cut(data)
        head = b"" if self._begun else self._head(None)
        if head or data:
            connection.write(*self._encode(head, data))

    def send(self, result: Iterable[bytes]) -> None:
        """Send the iterable that an app returned."""
        if type(result) in (list, tuple) and not self._begun:
            whole: Any = result
            self._end(whole[0] if len(whole) == 1 else b"".join(whole), whole=True)
            return
        for piece in result:
            if self._request.connection is None:
                return
            if self._left is not None and self._left == len(piece) and not self._quiet:
                self._end(piece)  # no more can come: what is left of the app needs no wait
            elif piece:
                self.write(piece)
        self._end(b"")

    def _end(self, data: bytes, *, whole: bool = False) -> None:
        """Send the last part of the body. If it is the whole body, its length is known."""
        connection = self._request.connection
        if connection is None:
            return
        length = len(data) if whole else None
        data = self._cut(data)
        if self._left and not self._quiet:
            raise ValueError("a response is shorter than its Content-Length")
        head = b"" if self._begun else self._head(length)
        head, data = self._encode(head, data)
        if self._chunked:
            data += b"0\r\n\r\n"
        self._request.abandon()
        connection.send_last(head, data, keep=self._keep and self._request.keep)

    def _cut(self, data: bytes) -> bytes:
        """Return the part that doesn't exceed the announced length."""
        if not isinstance(data, bytes):
            raise TypeError(f"a response is bytes, not {type(data).__name__}")
        if self._quiet:
            return b""
        if self._left is not None:
            if len(data) > self._left:
                raise ValueError("a response is longer than its Content-Length")
            self._left -= len(data)
        return data

    def _encode(self, head: bytes, data: bytes) -> tuple[bytes, bytes]:
        if self._chunked and data:
            return head + b"%x\r\n" % len(data), data + b"\r\n"
        return head, data

    def fail(self, error: BaseException) -> None:
        """Respond in the app's place, if possible; log errors that only the app can have caused."""
        connection = self._request.connection
        excused = isinstance(error, ClientGone) or (isinstance(error, BodyLost) and not self._begun)
        if not excused:
            logger.error("an app failed: %s", self._request.name, exc_info=error)
        if connection is None:
            return
        if self._begun:
            connection.close()
        else:
            connection.fault(400 if isinstance(error, BodyLost) else 500)
