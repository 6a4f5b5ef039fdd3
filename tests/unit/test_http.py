"""The head of a request: what is understood, and what could be understood in two ways."""

from io import BytesIO
from typing import Any

import pytest

from api.http import (
    DISCARD_BYTES,
    HEAD_BYTES,
    PIECE_BYTES,
    BadHead,
    Body,
    read_head,
    read_request_line,
)
from api.httpd.deadlines import Deadlines


def test_fields_are_found_however_their_names_are_written() -> None:
    stream = BytesIO(b"Host: a\r\nCONTENT-type:  text/plain \r\nX-Empty:\r\n\r\nbody")

    head = read_head(stream)

    assert head == {"HTTP_HOST": "a", "CONTENT_TYPE": "text/plain", "HTTP_X_EMPTY": ""}
    assert stream.read() == b"body"


def test_field_is_joined_when_it_comes_twice() -> None:
    said = b"Host: x\r\nAccept: a\r\nCookie: b\r\naccept: c\r\ncookie: d\r\n\r\n"

    head = read_head(BytesIO(said))

    assert (head["HTTP_ACCEPT"], head["HTTP_COOKIE"]) == ("a,c", "b; d")


def test_name_with_an_underscore_is_dropped() -> None:
    head = read_head(BytesIO(b"X_Forwarded_For: evil\r\nHost: a\r\n\r\n"))

    assert head == {"HTTP_HOST": "a"}


FIELDS = {
    "cut off": b"Host: a\r\n",
    "cut off within a line": b"Host: a",
    "no host": b"Accept: a\r\n\r\n",
    "no field": b"\r\n",
    "two hosts": b"Host: a\r\nHost: b\r\n\r\n",
    "host with a space": b"Host: a b\r\n\r\n",
    "host with a path": b"Host: a/b\r\n\r\n",
    "host with a user": b"Host: u@a\r\n\r\n",
    "host of letters beyond ASCII": b"Host: \xea\xb0\x80\r\n\r\n",
    "port of letters": b"Host: a:b\r\n\r\n",
}
AFTER_HOST = {
    "no colon": b"no colon\r\n",
    "space before the colon": b"Accept : a\r\n",
    "folded": b"Accept: a\r\n folded\r\n",
    "no name": b": nameless\r\n",
    "letter beyond ASCII in a name": b"Acc\xe9pt: a\r\n",
    "bare LF": b"Accept: a\n",
    "bare LF at the end": b"\n",
    "bare CR": b"Accept: a\rContent-Length: 5\r\n",
    "NUL": b"Accept: a\0b\r\n",
    "escape": b"Accept: \x1b[2J\r\n",
    "DEL": b"Accept: \x7f\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 5\r\n",
    "list of lengths": b"Content-Length: 5, 5\r\n",
    "signed length": b"Content-Length: +5\r\n",
    "negative length": b"Content-Length: -5\r\n",
    "underscore in a length": b"Content-Length: 1_0\r\n",
    "length in hex": b"Content-Length: 0x5\r\n",
    "length with a no-break space": b"Content-Length: 2\xa0\r\n",
    "length with a vertical tab": b"Content-Length: \x0b2\r\n",
    "superscript length": b"Content-Length: \xb2\r\n",
    "empty length": b"Content-Length: \r\n",
    "length and coding": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "two codings": b"Transfer-Encoding: gzip, chunked\r\n",
    "coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "coding with a vertical tab": b"Transfer-Encoding: \x0bchunked\r\n",
    "coding in quotes": b'Transfer-Encoding: "chunked"\r\n',
    "empty coding": b"Transfer-Encoding:\r\n",
    "long field": b"X: " + b"x" * HEAD_BYTES + b"\r\n",
    "many fields": b"X: x\r\n" * HEAD_BYTES,
}
BAD_HEADS = FIELDS | {name: b"Host: a\r\n" + said + b"\r\n" for name, said in AFTER_HOST.items()}


@pytest.mark.parametrize("head", BAD_HEADS.values(), ids=BAD_HEADS)
def test_head_is_refused_when_it_is_cut_off_ambiguous_or_too_long(head: bytes) -> None:
    with pytest.raises(BadHead):
        read_head(BytesIO(head))


def test_chunks_are_refused_in_http_1_0() -> None:
    with pytest.raises(BadHead):
        read_head(BytesIO(b"Transfer-Encoding: chunked\r\n\r\n"), "HTTP/1.0")


@pytest.mark.parametrize("host", ["a", "a.example:5000", "127.0.0.1", "[::1]:80", "", "a_b"])
def test_host_is_taken_when_it_is_one(host: str) -> None:
    head = read_head(BytesIO(f"Host: {host}\r\n\r\n".encode()))

    assert head == {"HTTP_HOST": host}


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1\n",
        "GET / HTTP/1.1",
        "GET  / HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        " GET / HTTP/1.1\r\n",
        "GET /\t HTTP/1.1\r\n",
        "GET /a\x0bb HTTP/1.1\r\n",
        "GET\xa0/ HTTP/1.1\r\n",
        "GET / HTTP/1.2\r\n",
        "GET / http/1.1\r\n",
        "GET / HTTP/01.1\r\n",
        "G{T / HTTP/1.1\r\n",
        "GET /\r HTTP/1.1\r\n",
        "\r\n",
    ],
)
def test_request_line_is_refused_when_it_is_not_exactly_one(line: str) -> None:
    with pytest.raises(BadHead):
        read_request_line(line)


class Noted(Deadlines[str]):
    """Deadlines that say what is waited for."""

    def __init__(self, events: list[str]) -> None:
        super().__init__(1)
        self._events = events

    def start(self, thing: str) -> None:
        self._events.append(f"wait for {thing}")

    def stop(self, thing: str) -> None:
        self._events.append(f"got {thing}")


def make_body(stream: BytesIO, events: list[str]) -> Body[str]:
    return Body(stream_of(stream), Noted(events), "it")


class stream_of:
    send_100_continue_enabled = True

    def __init__(self, stream: BytesIO) -> None:
        self.read: Any = stream.read
        self.readline = stream.readline


def test_each_piece_of_a_body_is_timed() -> None:
    events: list[str] = []
    body = make_body(BytesIO(b"one\ntwo\n" + bytes(2 * PIECE_BYTES)), events)

    assert (body.readline(), body.readline()) == (b"one\n", b"two\n")
    assert body.read(2 * PIECE_BYTES) == bytes(2 * PIECE_BYTES)

    assert events == ["wait for it", "got it"] * 4


def test_body_is_read_to_its_end_when_no_size_is_asked_for() -> None:
    assert make_body(BytesIO(bytes(3 * PIECE_BYTES)), []).read() == bytes(3 * PIECE_BYTES)
    assert list(make_body(BytesIO(b"a\n" + b"b" * PIECE_BYTES + b"\nc"), [])) == [
        b"a\n",
        b"b" * PIECE_BYTES + b"\n",
        b"c",
    ]


@pytest.mark.parametrize(("size", "spoiled"), [(100, False), (DISCARD_BYTES + 1, True)])
def test_body_is_spoiled_when_too_much_of_it_is_left(size: int, spoiled: bool) -> None:
    events: list[str] = []
    body = make_body(BytesIO(bytes(size)), events)

    body._discard()

    assert body.spoiled is spoiled
    assert events == ["wait for it", "got it"]


@pytest.mark.parametrize("fault", [OSError, ValueError])
def test_body_is_spoiled_when_it_is_malformed(fault: type[Exception]) -> None:
    def fail(_size: int) -> bytes:
        raise fault

    stream = stream_of(BytesIO(b"never read"))
    stream.read = fail
    body = Body(stream, Noted([]), "it")

    with pytest.raises(OSError, match="malformed"):
        body.read()
    body._discard()

    assert body.spoiled
