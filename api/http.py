"""HTTP as this server reads it: the head of a request strictly and within bounds, its body in time.

Stricter than gevent's own reader where leniency lets two servers read one stream differently
(RFC 9112, 6.3 and 11.2), and several times faster.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO, Any

HEAD_BYTES = 16 << 10
PIECE_BYTES = 16 << 10
DISCARD_BYTES = 4 << 20
"""How much of a body that nobody wants is read, so that the client comes to read the answer."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z").match
_ONCE = ("content-length", "host", "transfer-encoding")


class BadHead(ValueError):
    """The head is none, is cut off, or is too long."""


class Head(dict[str, str]):
    """A request's fields by name in lower case, as `WSGIHandler` asks for them."""

    status = ""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field, however its name is written."""
        return super().get(name.lower(), default)

    getheader = get

    @property
    def typeheader(self) -> str | None:
        return super().get("content-type")


def read_head(stream: IO[bytes]) -> Head:
    """Return the fields up to the empty line. Raises `BadHead`."""
    head, left = Head(), HEAD_BYTES
    while (line := stream.readline(left)) not in (b"\r\n", b"\n"):
        left -= len(line)
        name, colon, value = line.decode("latin-1").partition(":")
        if not line.endswith(b"\n") or not colon or not _TOKEN(name):
            raise BadHead
        if "_" in name:
            continue  # in WSGI it would pass for the name with a hyphen
        name, value = name.lower(), value.strip()
        if name in head:
            if name in _ONCE:
                raise BadHead
            value = head[name] + ("; " if name == "cookie" else ",") + value
        head[name] = value
    _check_length(head)
    return head


def _check_length(head: Head) -> None:
    """One length, said in one way: or what follows could be read as another request."""
    coding, length = head.get("transfer-encoding"), head.get("content-length")
    if coding is not None and (length is not None or coding.lower() != "chunked"):
        raise BadHead
    if length is not None and not (length.isascii() and length.isdigit()):
        raise BadHead


@lru_cache(256)
def environ_key(name: str) -> str:
    """Return a field's name as WSGI has it."""
    return "HTTP_" + name.upper().replace("-", "_")


class Body:
    """A request's body, in place of gevent's `Input`. `wait` and `done` frame each read."""

    def __init__(self, stream: Any, wait: Callable[[], None], done: Callable[[], None]) -> None:
        self._stream, self._wait, self._done = stream, wait, done
        self.overflowed = False

    def read(self, size: int | None = None) -> bytes:
        """Return so many bytes, or all that is left."""
        return self._read(self._stream.read, size)

    def readline(self, size: int | None = None) -> bytes:
        """Return a line."""
        return self._read(self._stream.readline, size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _read(self, read: Callable[[int | None], bytes], size: int | None) -> bytes:
        self._wait()
        try:
            return read(size)
        finally:
            self._done()

    def _discard(self) -> None:
        """Read what the app left; `overflowed` where that is too much."""
        self._stream.send_100_continue_enabled = False
        left = DISCARD_BYTES
        while left > 0 and (piece := self.read(PIECE_BYTES)):
            left -= len(piece)
        self.overflowed = left <= 0
