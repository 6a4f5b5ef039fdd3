"""Heads that are known are read as llhttp and the reader of heads have read them."""

from typing import Any

import pytest

from api.httpd.faults import Malformed
from api.httpd.heads import read_head
from api.httpd.known import KEPT_BYTES, KEPT_LINES, KnownHeads
from api.httpd.parsing import Parser
from tests.http.framing.table import CASES

CASTS = b"PUT /polls/1/ballot HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


def read(sent: bytes) -> tuple[Parser, dict[str, Any], int, bool]:
    """Read a head as a server does for the first time. Raises `Malformed`."""
    parser, environ = Parser(), dict[str, Any]()
    parser.feed_head(sent)
    if not parser.headed:
        raise Malformed
    length, chunked = read_head(parser.head, environ)
    return parser, environ, length, chunked


def note(heads: KnownHeads, sent: bytes) -> bool:
    """Read a head and have it noted, as a server does; return whether it was accepted."""
    try:
        parser, environ, length, chunked = read(sent)
    except Malformed:
        return False
    if parser.keep and not chunked:
        heads.note(parser.head, environ, length)
    return True


def test_any_line_with_any_fields_is_known_only_as_both_readers_read_it() -> None:
    """Of all heads of the framing cases, each line before the fields of each other."""
    heads, lines, fields, known = KnownHeads({}), set[bytes](), set[bytes](), 0
    for case in CASES:
        if note(heads, case.sent):
            line, _, rest = case.sent.partition(b"\r\n")
            lines.add(line)
            fields.add(rest)

    for line in lines:
        for rest in fields:
            sent = line + b"\r\n" + rest
            found = heads.find(sent)
            if found is not None:
                environ, end, known_length = found
                parser, wanted, length, chunked = read(sent)
                assert environ == wanted
                assert (known_length, False, True) == (length, chunked, parser.keep)
                assert sent[:end] == parser.head
                known += 1

    assert known > 100


@pytest.mark.parametrize(
    "sent",
    [
        CASTS.replace(b"/polls", b"http://y/polls"),
        CASTS.replace(b"1.1", b"1.0"),
        CASTS.replace(b"PUT", b"CONNECT"),
        CASTS.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        CASTS.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        CASTS.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
        CASTS.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        CASTS.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * KEPT_BYTES + b"\r\n\r\n"),
    ],
)
def test_unusual_head_is_not_kept(sent: bytes) -> None:
    heads = KnownHeads({})
    note(heads, CASTS)  # its line, or its fields, may be known from another

    note(heads, sent)

    assert heads.find(sent) is None


def test_head_is_not_known_before_it_is_complete() -> None:
    heads = KnownHeads({})
    note(heads, CASTS)

    known = [end for end in range(len(CASTS) + 1) if heads.find(CASTS[:end]) is not None]

    assert known == [len(CASTS)]


def test_oldest_line_is_forgotten_when_there_are_too_many() -> None:
    heads = KnownHeads({})
    sent = [CASTS.replace(b"/1/", f"/{number}/".encode()) for number in range(KEPT_LINES + 1)]

    for each in sent:
        note(heads, each)

    assert [each for each in sent if heads.find(each) is None] == sent[:1]
