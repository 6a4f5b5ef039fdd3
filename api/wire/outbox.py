"""The WebSocket frames that one client has not read yet. Pure.

Ordinary frames are kept in order. Of a value that supersedes itself, such as a tally, only the
newest frame is kept, under its key. So a slow client costs no more memory, and ends with the
current state.
"""

OUTBOX_BYTES = 256 << 10


class Outbox:
    """Frames that wait. `size` counts the bytes of the ordinary ones."""

    __slots__ = ("_first", "_frames", "_latest", "size")

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._latest: dict[str, bytes] = {}
        self.size = self._first = 0

    @property
    def full(self) -> bool:
        """Return whether too much waits. A message to a client that had read everything doesn't
        count: a single one, the snapshot of a room with hundreds of polls, may be larger than the
        bound.
        """
        return self.size > OUTBOX_BYTES + self._first

    def __bool__(self) -> bool:
        return bool(self._frames or self._latest)

    def put(self, frame: bytes) -> None:
        """Add a frame after all others."""
        if not self._frames:
            self._first = len(frame)
        self._frames.append(frame)
        self.size += len(frame)

    def put_back(self, rest: bytes) -> None:
        """Put a frame that was taken but not sent before all others."""
        self._frames.insert(0, rest)
        self.size += len(rest)

    def replace(self, key: str, frame: bytes) -> bool:
        """Replace the frame of a key by a newer one; return whether there was one."""
        known = key in self._latest
        self._latest[key] = frame
        return known

    def take(self) -> list[bytes]:
        """Remove and return all ordinary frames; if there are none, the newest of each key."""
        frames, self._frames, self.size = self._frames, [], 0
        if not frames:
            frames, self._latest = list(self._latest.values()), {}
        return frames

    def finish(self, last: bytes) -> None:
        """Add a last frame, after which nothing is accepted."""
        self.put(last)
        self._latest = {}
