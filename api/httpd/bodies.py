"""A request's body that is still coming, as `wsgi.input`. The app's greenlet waits for it."""

import sys
from collections.abc import Callable, Iterator

from gevent.event import Event

from api.httpd.bounds import PIECE_BYTES

HELD_BYTES = 4 * PIECE_BYTES
"""How many bytes wait for the app before the connection stops reading."""


class BodyLost(OSError):
    """The body is malformed, was cut off, or came too slowly."""


class Body:
    """A body: the connection adds pieces, and the app reads them. `want` requests more."""

    __slots__ = ("_data", "_ended", "_lost", "_want", "_woken", "discarded")

    def __init__(self, want: Callable[[], None]) -> None:
        self._data, self._want = bytearray(), want
        self._ended = self._lost = False
        self._woken: Event | None = None
        self.discarded: int | None = None
        """How many bytes have been discarded; None while the app may read."""

    # -- the connection's side ----------------------------------------------------------

    @property
    def full(self) -> bool:
        """Whether the app must read before there is room for more."""
        return len(self._data) >= HELD_BYTES

    def put(self, piece: bytes) -> None:
        """Add a piece."""
        if self.discarded is None:
            self._data += piece
        else:
            self.discarded += len(piece)
        self._wake()

    def end(self, *, lost: bool = False) -> None:
        """End the body. `lost`: it is not complete."""
        self._ended, self._lost = True, self._lost or lost
        self._wake()

    def discard(self) -> None:
        """Discard everything that comes from now on."""
        self._data.clear()
        self.discarded = 0

    def _wake(self) -> None:
        if self._woken is not None:
            self._woken.set()

    # -- the app's side -----------------------------------------------------------------

    def read(self, size: int | None = -1) -> bytes:
        """Return this number of bytes, or all that is left. Raises `BodyLost`."""
        left = sys.maxsize if size is None or size < 0 else size
        pieces: list[bytes] = []
        while left > 0 and self._wait():
            pieces.append(self._take(left))
            left -= len(pieces[-1])
        return b"".join(pieces)

    def readline(self, size: int | None = -1) -> bytes:
        """Return a line, or this number of its bytes. Raises `BodyLost`."""
        left = sys.maxsize if size is None or size < 0 else size
        pieces: list[bytes] = []
        while left > 0 and self._wait():
            end = self._data.find(b"\n", 0, left) + 1
            pieces.append(self._take(end or left))
            left -= len(pieces[-1])
            if end:
                break
        return b"".join(pieces)

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """Return the lines that are left, as many as have `hint` bytes. Raises `BodyLost`."""
        lines, size = [], 0
        for line in self:
            lines.append(line)
            size += len(line)
            if hint is not None and 0 < hint <= size:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _take(self, size: int) -> bytes:
        taken = bytes(self._data[:size])
        del self._data[:size]
        return taken

    def _wait(self) -> bool:
        """Wait for bytes; return False at the end of the body."""
        while not self._data:
            if self._lost or self.discarded is not None:
                raise BodyLost("the body is malformed, or was cut off")
            if self._ended:
                return False
            self._woken = Event()
            self._want()
            self._woken.wait()
            self._woken = None
        return True
