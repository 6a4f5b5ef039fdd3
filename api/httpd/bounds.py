"""What a client may occupy, and for how long: the defaults, and `Limits` to set others."""

from dataclasses import dataclass

IDLE_SECONDS, HEAD_SECONDS, BODY_SECONDS, WHOLE_BODY_SECONDS = 75, 10, 30, 600
"""Seconds for the next request to begin (longer than proxies keep connections), for its head, for
16 KiB of its body (`PIECE_BYTES`), and for the whole body.
"""
HANDLER_SECONDS, WRITING_SECONDS, LINGERING_SECONDS = 300, 60, 2
"""Seconds for the app to continue, for a client to read 16 KiB of a response, and for a client to
close its side after the last response.
"""
HEAD_BYTES, LANE_BYTES, BODY_BYTES = 16 << 10, 16 << 10, 64 << 20
PIECE_BYTES = 16 << 10
"""How many bytes are read at once, and how much progress renews a deadline."""
DISCARD_BYTES = 4 << 20
"""How much of an unread body is received, so that the client gets to the response."""
UNREAD_BYTES = 64 << 20
"""How many bytes of all responses may wait for clients to read."""


@dataclass(frozen=True)
class Limits:
    """The limits of a server. `connections`: None for as many as the process may open files."""

    idle_seconds: float = IDLE_SECONDS
    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS
    whole_body_seconds: float = WHOLE_BODY_SECONDS
    handler_seconds: float = HANDLER_SECONDS
    writing_seconds: float = WRITING_SECONDS
    lingering_seconds: float = LINGERING_SECONDS
    lane_bytes: int = LANE_BYTES
    body_bytes: int = BODY_BYTES
    unread_bytes: int = UNREAD_BYTES
    connections: int | None = None
