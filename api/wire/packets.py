"""Engine.IO's packets: a letter for the kind, then the data."""

from engineio.exceptions import EngineIOError

from api.wire.frames import encode_text

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0123456"
BINARY = "b"
SEPARATOR = "\x1e"
"""What stands between the packets of one request or response."""
PING_FRAME = encode_text(PING)
PROBE, PROBED = PING + "probe", encode_text(PONG + "probe")


class Garbage(EngineIOError):  # type: ignore[misc]
    """The client broke the protocol."""
