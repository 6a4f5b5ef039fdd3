"""WebSocket frames (RFC 6455), both ways. Pure: bytes in, messages and frames out.

No extension is negotiated, so a reserved bit is a fault. Frames that are too large are refused by
their header, before any of their bytes are kept.
"""

from collections.abc import Iterator

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
CONTINUATION, FINAL, MASKED = 0x0, 0x80, 0x80
CONTROL_BYTES = 125

NORMAL, GOING_AWAY, PROTOCOL_ERROR, INVALID_TEXT, TOO_BIG = 1000, 1001, 1002, 1007, 1009


class Violation(Exception):
    """The client broke the protocol. `code` is that of the close frame."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def encode_frame(opcode: int, payload: bytes) -> bytes:
    """Return a complete message as one frame of a server."""
    size = len(payload)
    if size <= CONTROL_BYTES:
        return bytes((FINAL | opcode, size)) + payload
    if size < 1 << 16:
        return bytes((FINAL | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((FINAL | opcode, 127)) + size.to_bytes(8, "big") + payload


def encode_text(text: str) -> bytes:
    """Return a text message as a frame."""
    return encode_frame(TEXT, text.encode())


def encode_close(code: int) -> bytes:
    """Return a close frame."""
    return encode_frame(CLOSE, code.to_bytes(2, "big"))


def text_of(frame: bytes) -> str:
    """Return the text of a frame that `encode_text` made."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :].decode()


def unmask(payload: bytes, mask: bytes) -> bytes:
    """Return a payload without its mask."""
    size = len(payload)
    stretched = (mask * (size // 4 + 1))[:size]
    plain = int.from_bytes(payload, "little") ^ int.from_bytes(stretched, "little")
    return plain.to_bytes(size, "little")


class Decoder:
    """The stream of one client.

    limit: the largest message in bytes, in however many frames
    """

    __slots__ = ("_buffer", "_limit", "_message", "_opcode")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = b""
        self._message = b""
        self._opcode = CONTINUATION

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Take received bytes; yield complete messages and control frames as (opcode, payload), and
        CONTINUATION for each frame of a message that isn't complete yet.

        Bytes after a frame are only read when the next frame is requested, so a caller may stop,
        and continue later without new bytes. Raises `Violation`, after everything before the fault.
        """
        self._buffer += data
        while (head := self._read_head()) is not None:
            opcode, final, begin, size = head
            end = begin + size
            if len(self._buffer) < end:
                return
            payload = unmask(self._buffer[begin:end], self._buffer[begin - 4 : begin])
            self._buffer = self._buffer[end:]
            if opcode >= CLOSE:
                yield opcode, payload
                continue
            self._opcode, self._message = opcode or self._opcode, self._message + payload
            if final:
                message = self._opcode, self._message
                self._opcode, self._message = CONTINUATION, b""
                yield message
            else:
                yield CONTINUATION, b""

    def _read_head(self) -> tuple[int, bool, int, int] | None:
        """Return opcode, finality, and place and size of the payload, once they are complete."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        opcode, final, size = buffer[0] & 0x0F, bool(buffer[0] & FINAL), buffer[1] & 0x7F
        if buffer[0] & 0x70 or not buffer[1] & MASKED:
            raise Violation(PROTOCOL_ERROR)
        if opcode >= CLOSE:
            if (
                opcode > PONG
                or not final
                or size > CONTROL_BYTES
                or (opcode == CLOSE and size == 1)
            ):
                raise Violation(PROTOCOL_ERROR)
        elif opcode > BINARY or bool(opcode) == bool(self._opcode):
            raise Violation(PROTOCOL_ERROR)  # a new message within one, or one that never began
        extended = {126: 2, 127: 8}.get(size, 0)
        if extended:
            if len(buffer) < 2 + extended:
                return None
            size = int.from_bytes(buffer[2 : 2 + extended], "big")
        if len(self._message) + size > self._limit:
            raise Violation(TOO_BIG)
        return opcode, final, 2 + extended + 4, size
