"""WebSocket frames: what is sent, what is understood, and what is refused by its header alone."""

import pytest

from api.wire.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    Decoder,
    Violation,
    encode_close,
    encode_text,
    text_of,
)

LIMIT = 70_000
MASK = b"\x12\x34\x56\x78"


def client_frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """Return a frame as a client sends it."""
    size = len(payload)
    length = bytes((min(size, 126),))
    if size > 125:
        wide = size >= 1 << 16
        length = bytes((126 + wide,)) + size.to_bytes(8 if wide else 2, "big")
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    head = bytes((final << 7 | opcode, length[0] | 0x80)) + length[1:]
    return head + MASK + masked


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_frame_begins_with_its_length_when_it_is_a_servers(size: int) -> None:
    frame = encode_text("x" * size)

    head = {0: 2, 1: 2, 125: 2, 126: 4, 65_535: 4, 65_536: 10}[size]
    assert (frame[0], len(frame), text_of(frame)) == (0x81, head + size, "x" * size)
    assert int.from_bytes(frame[2:head], "big") == (size if head > 2 else 0)


def test_close_shows_its_code() -> None:
    assert encode_close(1009) == b"\x88\x02\x03\xf1"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_message_comes_whole_when_it_arrives_in_pieces(size: int, step: int) -> None:
    if step == 1 and size > 200:
        step = 1_000
    decoder = Decoder(LIMIT)
    payload = bytes(place % 251 for place in range(size))
    stream = client_frame(TEXT, payload) + client_frame(TEXT, b"next")

    decoded = [
        message
        for begin in range(0, len(stream), step)
        for message in decoder.feed(stream[begin : begin + step])
    ]

    assert decoded == [(TEXT, payload), (TEXT, b"next")]


def test_fragments_are_one_message_when_a_ping_comes_between() -> None:
    stream = client_frame(TEXT, b"a", final=False) + client_frame(PING, b"!")
    stream += client_frame(CONTINUATION, b"b", final=False) + client_frame(CONTINUATION, b"c")

    decoded = list(Decoder(LIMIT).feed(stream))

    assert decoded == [(CONTINUATION, b""), (PING, b"!"), (CONTINUATION, b""), (TEXT, b"abc")]


def test_frames_are_decoded_one_by_one_when_one_stops_in_between() -> None:
    decoder = Decoder(LIMIT)
    stream = b"".join(client_frame(TEXT, b"%d" % number) for number in range(3))

    first = next(decoder.feed(stream))

    assert [first, *decoder.feed(b"")] == [(TEXT, b"0"), (TEXT, b"1"), (TEXT, b"2")]


@pytest.mark.parametrize(
    "stream",
    {
        "unmasked": encode_text("hello"),
        "reserved bit": b"\xc1" + client_frame(TEXT, b"x")[1:],
        "reserved opcode": client_frame(0x3, b""),
        "reserved control": client_frame(0xB, b""),
        "long ping": client_frame(PING, b"x" * 126),
        "ping in pieces": client_frame(PING, b"", final=False),
        "close of one byte": client_frame(CLOSE, b"x"),
        "nothing to go on with": client_frame(CONTINUATION, b"x"),
        "two begun": client_frame(TEXT, b"a", final=False) + client_frame(BINARY, b"b"),
        "http": b"GET / HTTP/1.1\r\n\r\n",
    }.values(),
)
def test_malformed_stream_is_refused(stream: bytes) -> None:
    with pytest.raises(Violation) as refused:
        list(Decoder(LIMIT).feed(stream))

    assert refused.value.code == PROTOCOL_ERROR


@pytest.mark.parametrize(
    "stream",
    {
        "by its header": client_frame(TEXT, b"x" * (LIMIT + 1))[:10],
        "beyond any": b"\x81\xff" + b"\xff" * 8,
        "in sum": client_frame(TEXT, b"x" * LIMIT, final=False)
        + client_frame(CONTINUATION, b"x")[:2],
    }.values(),
    ids=["by its header", "beyond any", "in sum"],
)
def test_message_is_refused_before_it_comes_when_it_is_too_big(stream: bytes) -> None:
    with pytest.raises(Violation) as refused:
        list(Decoder(LIMIT).feed(stream))

    assert refused.value.code == TOO_BIG


def test_messages_are_decoded_when_a_fault_comes_after_them() -> None:
    messages = Decoder(LIMIT).feed(client_frame(TEXT, b"good") + b"\xff\xff")

    assert next(messages) == (TEXT, b"good")
    with pytest.raises(Violation):
        next(messages)
