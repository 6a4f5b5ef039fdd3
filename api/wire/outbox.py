"""What one client has not taken yet, as WebSocket frames. Pure.

Ordinary frames are kept in order. Of a value that supersedes itself, a tally, only the newest
frame is kept under its key: a slow client costs no more memory, and ends with the truth.
"""

OUTBOX_BYTES = 256 << 10


class Outbox:
    """Frames that wait; `size` is the bytes of the ordinary ones."""

    __slots__ = ("_first", "_frames", "_latest", "size")

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._latest: dict[str, bytes] = {}
        self.size = self._first = 0

    @property
    def full(self) -> bool:
        """Return whether too much waits, not counting what came to a client that had taken all: one
        message, the snapshot of a room with hundreds of polls, may be larger than the bound."""
        return self.size > OUTBOX_BYTES + self._first

    def __bool__(self) -> bool:
        return bool(self._frames or self._latest)

    def put(self, frame: bytes) -> None:
        """Keep a frame, after all that were put."""
        if not self._frames:
            self._first = len(frame)
        self._frames.append(frame)
        self.size += len(frame)

    def put_back(self, rest: bytes) -> None:
        """Keep what was taken and not sent, before all else."""
        self._frames.insert(0, rest)
        self.size += len(rest)

    def replace(self, key: str, frame: bytes) -> None:
        """Keep a frame in the place of the one before it under its key."""
        self._latest[key] = frame

    def take(self) -> list[bytes]:
        """Return all ordinary frames, or where there are none, the newest of each key."""
        frames, self._frames, self.size = self._frames, [], 0
        if not frames:
            frames, self._latest = list(self._latest.values()), {}
        return frames

    def finish(self, last: bytes) -> None:
        """Keep what was put, then a last frame, and nothing after it."""
        self.put(last)
        self._latest = {}
