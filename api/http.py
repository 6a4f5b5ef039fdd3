"""HTTP as this server reads it: the head of a request strictly and within bounds, its body in time.

Stricter than gevent's own reader where leniency lets two servers read one stream differently
(RFC 9112, 6.3 and 11.2), and several times faster.
"""

import math
import re
from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from typing import IO, Any, Generic, TypeVar

from api.httpd.deadlines import Deadlines

HEAD_BYTES = 16 << 10
PIECE_BYTES = 16 << 10
DISCARD_BYTES = 4 << 20
"""How much of a body that nobody wants is read, so that the client comes to read the answer."""

SOCKETS = "/socket.io/"
"""The one path where a request may become a WebSocket."""

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rf"({_NAME}) ([\x21-\x7e\x80-\xff]+) (HTTP/1\.[01])\r\n").fullmatch
_FIELD = re.compile(rf"({_NAME}):([\t\x20-\x7e\x80-\xff]*)\r\n").fullmatch
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(:\d{0,5})?").fullmatch
_ONCE = ("CONTENT_LENGTH", "HTTP_HOST", "HTTP_TRANSFER_ENCODING")
KEPT_LINES, KEPT_BYTES = 256, 128
"""Fields that most requests send alike are understood once; tokens are longer."""


class BadHead(ValueError):
    """The head is none, is cut off, or is too long."""


def read_request_line(line: str) -> tuple[str, str, str]:
    """Return method, target and version. Raises `BadHead`."""
    found = _REQUEST_LINE(line)
    if found is None:
        raise BadHead
    return found[1], found[2], found[3]


def read_head(stream: IO[bytes], version: str = "HTTP/1.1") -> dict[str, str]:
    """Return the fields up to the empty line, by name as WSGI has it. Raises `BadHead`."""
    head: dict[str, str] = {}
    left = HEAD_BYTES
    while (line := stream.readline(left)) != b"\r\n":
        left -= len(line)
        name, value = _known_field(line) if len(line) <= KEPT_BYTES else _read_field(line)
        if not name:
            continue
        if name in head:
            if name in _ONCE:
                raise BadHead
            value = head[name] + ("; " if name == "HTTP_COOKIE" else ",") + value
        head[name] = value
    _check_host(head.get("HTTP_HOST"), version)
    _check_length(head, version)
    return head


def _check_host(host: str | None, version: str) -> None:
    """Refuse HTTP/1.1 without a host, and a host that is none (RFC 9112, 3.2)."""
    if version == "HTTP/1.1" if host is None else not _HOST(host):
        raise BadHead


def _check_length(head: dict[str, str], version: str) -> None:
    """One length, said in one way: or what follows could be read as another request."""
    coding, length = head.get("HTTP_TRANSFER_ENCODING"), head.get("CONTENT_LENGTH")
    if coding is not None and (
        length is not None or coding.lower() != "chunked" or version == "HTTP/1.0"
    ):
        raise BadHead
    if length is not None and not (length.isascii() and length.isdigit()):
        raise BadHead


def _read_field(line: bytes) -> tuple[str, str]:
    """Return a field's name as WSGI has it, and its value; the name "" for one to be dropped: with
    an underscore it would pass for the name with a hyphen. Raises `BadHead`."""
    found = _FIELD(line.decode("latin-1"))
    if found is None:
        raise BadHead
    written, value = found[1], found[2].strip(" \t")
    if "_" in written:
        return "", ""
    name = written.upper().replace("-", "_")
    known = name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    return name if known else f"HTTP_{name}", value


_known_field = lru_cache(KEPT_LINES)(_read_field)


T = TypeVar("T", bound=Hashable)


class Body(Generic[T]):
    """A request's body, in place of gevent's `Input`. Each piece of it has a deadline: a body may
    take long in all, but not stand still. `reader` is who misses one."""

    def __init__(self, stream: Any, deadlines: Deadlines[T], reader: T) -> None:
        self._stream, self._deadlines, self._reader = stream, deadlines, reader
        self.spoiled = False
        """No other request can be read after this one: where it would begin is not known."""

    def read(self, size: int | None = None) -> bytes:
        """Return so many bytes, or all that is left. Raises OSError for a malformed body."""
        return self._read(self._stream.read, size)

    def readline(self, size: int | None = None) -> bytes:
        """Return a line. Raises OSError for a malformed body."""
        return self._read(self._stream.readline, size, b"\n")

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _read(self, read: Callable[[int], bytes], size: int | None, end: bytes = b"") -> bytes:
        left = math.inf if size is None or size < 0 else size
        pieces: list[bytes] = []
        while left > 0 and (piece := self._take(read, int(min(left, PIECE_BYTES)))):
            pieces.append(piece)
            left -= len(piece)
            if end and piece.endswith(end):
                break
        return b"".join(pieces)

    def _take(self, read: Callable[[int], bytes], size: int) -> bytes:
        self._deadlines.start(self._reader)
        try:
            return read(size)
        except (OSError, ValueError) as error:
            self.spoiled = True
            raise OSError("the body is malformed, or was cut off") from error
        finally:
            self._deadlines.stop(self._reader)

    def _discard(self) -> None:
        """Read what the app left, within one deadline; `spoiled` where that is too much."""
        self._stream.send_100_continue_enabled = False
        left = 0 if self.spoiled else DISCARD_BYTES
        self._deadlines.start(self._reader)
        try:
            while left > 0 and (piece := self._stream.read(PIECE_BYTES)):
                left -= len(piece)
        except (OSError, ValueError):
            left = 0
        finally:
            self._deadlines.stop(self._reader)
        self.spoiled |= left <= 0
