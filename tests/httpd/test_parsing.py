"""Where a message ends, however its bytes come."""

import pytest

from api.httpd.bounds import HEAD_BYTES
from api.httpd.faults import Malformed
from api.httpd.heads import read_head
from api.httpd.parsing import Parser, Parsers

HOST = b"Host: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n"
SIZED = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 8\r\n"
UPGRADE = b"Upgrade: websocket\r\nConnection: upgrade\r\n"
NEXT = b"GET /next HTTP/1.1\r\n\r\n"


def parse(sent: bytes, size: int, parser: Parser | None = None) -> tuple[bytes, bytes, Parser]:
    """Feed one message in pieces of a size; return its body, and what was left of the piece in
    which it ended with all after it."""
    parser = parser or Parser()
    body = b""
    for start in range(0, len(sent), size):
        piece, end = sent[start : start + size], 0
        while end < len(piece) and not parser.complete:
            if parser.headed:
                end = parser.feed_body(piece, end)
            else:
                end += parser.feed_head(piece[end:])
                if parser.headed:
                    length, chunked = read_head(parser.head, {})
                    if length or chunked:
                        parser.begin_body(length, chunked=chunked)
        body += b"".join(parser.pieces)
        parser.pieces.clear()
        if parser.complete:
            return body, piece[end:] + sent[start + size :], parser
    return body, b"", parser


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 19, 1_000])
@pytest.mark.parametrize(
    "sent",
    [
        SIZED + b"\r\n\r\n\r\nabcd",
        SIZED + UPGRADE + b"\r\n\r\n\r\nabcd",
        CHUNKED + b"\r\n8\r\n\r\n\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"\r\n4\r\n\r\n\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"\r\n8;a=b\r\n\r\n\r\nabcd\r\n0\r\nX: y\r\nZ: a\r\n\r\n",
        CHUNKED + UPGRADE + b"\r\n8\r\n\r\n\r\nabcd\r\n0\r\n\r\n",
        b"\r\n" + SIZED + b"\r\n\r\n\r\nabcd",
        b"\r\n\r\n" + SIZED + b"\r\n\r\n\r\nabcd",
    ],
)
def test_message_ends_where_it_does_however_it_is_cut(sent: bytes, size: int) -> None:
    body, left, parser = parse(sent + NEXT, size)

    assert (parser.complete, body, left) == (True, b"\r\n\r\nabcd", NEXT)


@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_nothing_of_the_next_message_is_parsed(size: int) -> None:
    sent = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"

    _, left, parser = parse(sent + b"\0 is no HTTP", size)

    assert (parser.complete, parser.keep, left) == (True, False, b"\0 is no HTTP")


@pytest.mark.parametrize(
    "chunks",
    [
        b"1;" + b"a" * 2 * HEAD_BYTES + b"\r\nx\r\n0\r\n\r\n",
        b"".join(b"1;aaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n" for _ in range(HEAD_BYTES)),
        b"0" * 2 * HEAD_BYTES + b"1\r\nx\r\n0\r\n\r\n",
        b"0\r\nX: " + b"x" * 2 * HEAD_BYTES + b"\r\n\r\n",
        b"0\r\n" + b"X: x\r\n" * HEAD_BYTES,
    ],
    ids=["one extension", "many extensions", "zeros", "one trailer", "many trailers"],
)
@pytest.mark.parametrize("size", [999, 1 << 20])
def test_chunks_are_refused_when_they_carry_more_than_the_body(chunks: bytes, size: int) -> None:
    with pytest.raises(Malformed):
        parse(CHUNKED + b"\r\n" + chunks, size)


def test_body_in_the_smallest_chunks_is_taken() -> None:
    body, _, parser = parse(CHUNKED + b"\r\n" + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n", 16_384)

    assert (parser.complete, len(body)) == (True, 50_000)


def test_parser_is_used_again_for_a_connection_that_is_kept() -> None:
    parsers = Parsers()
    parser = parsers.take()
    parse(SIZED + b"\r\n\r\n\r\nabcd", 5, parser)
    parsers.give_back(parser)

    again = parsers.take()

    assert again is parser
    assert parse(CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n", 5, again)[0] == b"abc"


@pytest.mark.parametrize(
    "sent",
    [
        b"Connection: close\r\n\r\n",
        b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_parser_is_not_used_again_after_the_end_of_a_connection(sent: bytes) -> None:
    parsers = Parsers()
    parser = parsers.take()
    parse(b"GET / HTTP/1.1\r\n" + HOST + sent, 100, parser)
    parsers.give_back(parser)

    assert parsers.take() is not parser
