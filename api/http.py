"""HTTP as this server reads it: the head of a request strictly and within bounds, its body in time.

Stricter than gevent's own reader where leniency lets two servers read one stream differently
(RFC 9112, 6.3 and 11.2), and several times faster.
"""

import re
from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from typing import IO, Any, Generic, TypeVar

from api.deadlines import Deadlines

HEAD_BYTES = 16 << 10
PIECE_BYTES = 16 << 10
DISCARD_BYTES = 4 << 20
"""How much of a body that nobody wants is read, so that the client comes to read the answer."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z").match
_ONCE = ("CONTENT_LENGTH", "HTTP_HOST", "HTTP_TRANSFER_ENCODING")
KEPT_LINES, KEPT_BYTES = 256, 128
"""Fields that most requests send alike are understood once; tokens are longer."""


class BadHead(ValueError):
    """The head is none, is cut off, or is too long."""


def read_head(stream: IO[bytes]) -> dict[str, str]:
    """Return the fields up to the empty line, by name as WSGI has it. Raises `BadHead`."""
    head: dict[str, str] = {}
    left = HEAD_BYTES
    while (line := stream.readline(left)) not in (b"\r\n", b"\n"):
        left -= len(line)
        name, value = _known_field(line) if len(line) <= KEPT_BYTES else _read_field(line)
        if not name:
            continue
        if name in head:
            if name in _ONCE:
                raise BadHead
            value = head[name] + ("; " if name == "HTTP_COOKIE" else ",") + value
        head[name] = value
    _check_length(head)
    return head


def _check_length(head: dict[str, str]) -> None:
    """One length, said in one way: or what follows could be read as another request."""
    coding, length = head.get("HTTP_TRANSFER_ENCODING"), head.get("CONTENT_LENGTH")
    if coding is not None and (length is not None or coding.lower() != "chunked"):
        raise BadHead
    if length is not None and not (length.isascii() and length.isdigit()):
        raise BadHead


def _read_field(line: bytes) -> tuple[str, str]:
    """Return a field's name as WSGI has it, and its value; the name "" for one to be dropped: with
    an underscore it would pass for the name with a hyphen. Raises `BadHead`."""
    written, _, value = line.decode("latin-1").partition(":")
    if not value.endswith("\n") or not _TOKEN(written):
        raise BadHead
    if "_" in written:
        return "", ""
    name = written.upper().replace("-", "_")
    known = name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    return name if known else f"HTTP_{name}", value.strip()


_known_field = lru_cache(KEPT_LINES)(_read_field)


T = TypeVar("T", bound=Hashable)


class Body(Generic[T]):
    """A request's body, in place of gevent's `Input`; `reader` has a deadline at each read."""

    def __init__(self, stream: Any, deadlines: Deadlines[T], reader: T) -> None:
        self._stream, self._deadlines, self._reader = stream, deadlines, reader
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
        self._deadlines.start(self._reader)
        try:
            return read(size)
        finally:
            self._deadlines.stop(self._reader)

    def _discard(self) -> None:
        """Read what the app left; `overflowed` where that is too much."""
        self._stream.send_100_continue_enabled = False
        left = DISCARD_BYTES
        while left > 0 and (piece := self.read(PIECE_BYTES)):
            left -= len(piece)
        self.overflowed = left <= 0
