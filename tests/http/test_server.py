"""What the HTTP server makes of an app's answers, and of requests that come in pieces."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from tests.http.plain_app import LARGE
from tests.server import ROOT


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.http.plain_app"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


class Line:
    """A connection; `tell` sends, `hear` reads until the server has nothing more to say."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def tell(self, text: bytes) -> None:
        self._socket.sendall(text)

    def hear(self, until: bytes = b"") -> bytes:
        heard = b""
        while not (until and heard.endswith(until)) and (piece := self._socket.recv(65_536)):
            heard += piece
        return heard

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def line(port: int) -> Iterator[Line]:
    made = Line(port)
    yield made
    made.close()


def ask(path: str, version: str = "1.1", *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: x", *fields, "", ""]).encode()


def test_answer_of_unknown_length_is_chunked(line: Line) -> None:
    line.tell(ask("/pieces"))

    head, _, body = line.hear(b"0\r\n\r\n").partition(b"\r\n\r\n")

    assert b"\r\nTransfer-Encoding: chunked" in head
    assert body == b"4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"


def test_answer_of_unknown_length_ends_with_the_connection_in_http_1_0(line: Line) -> None:
    line.tell(ask("/pieces", "1.0"))

    head, _, body = line.hear().partition(b"\r\n\r\n")

    assert b"Transfer-Encoding" not in head
    assert b"\r\nConnection: close" in head
    assert body == b"one two"


def test_connection_is_kept_in_http_1_0_when_it_is_asked_for(line: Line) -> None:
    for body in (b"one", b"two"):
        line.tell(ask("/", "1.0", "Connection: Keep-Alive", "Content-Length: 3") + body)
        assert b"\r\nConnection: keep-alive\r\n" in line.hear(body)


@pytest.mark.parametrize("request_", [ask("/last"), ask("/", "1.1", "Connection: close")])
def test_connection_ends_when_either_side_says_so(line: Line, request_: bytes) -> None:
    line.tell(request_)

    assert line.hear().startswith(b"HTTP/1.1 200 OK\r\n")


def test_answer_with_a_line_break_in_its_head_is_not_sent(line: Line) -> None:
    line.tell(ask("/split"))

    heard = line.hear()

    assert heard.startswith(b"HTTP/1.1 500 ")
    assert b"Smuggled" not in heard


def test_answer_is_dated_once(line: Line) -> None:
    dates = []
    for path in ("/", "/dated"):
        line.tell(ask(path))
        head = line.hear(b"\r\n\r\n").decode().splitlines()
        dates.append([field[6:] for field in head if field.startswith("Date: ")])

    (now,), (then,) = dates
    assert abs(parsedate_to_datetime(now).timestamp() - time.time()) < 5
    assert then == "then"


def test_answer_without_a_body_has_no_length(line: Line) -> None:
    line.tell(ask("/nothing"))

    head = line.hear(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"Content-Length" not in head


def test_large_answer_comes_whole_to_who_reads_slowly(line: Line) -> None:
    line.tell(ask("/large", "1.1", "Connection: close"))
    time.sleep(0.3)  # until no more fits into the kernel's buffers

    _, _, body = line.hear().partition(b"\r\n\r\n")

    assert len(body) == LARGE


def test_answer_that_fails_halfway_ends_with_the_connection(line: Line) -> None:
    line.tell(ask("/late"))

    assert line.hear().endswith(b"\r\n\r\nhal")


@pytest.mark.parametrize("size", [1, 7, 40])
def test_request_is_answered_when_it_comes_in_pieces(line: Line, size: int) -> None:
    said = ask("/", "1.1", "Content-Length: 11") + b"two\r\n\r\nhalf"
    for start in range(0, len(said), size):
        line.tell(said[start : start + size])
        time.sleep(0.0005)

    assert line.hear(b"two\r\n\r\nhalf").startswith(b"HTTP/1.1 200 OK\r\n")


def test_requests_that_come_together_are_answered_in_order(line: Line) -> None:
    line.tell(b"".join(ask("/", "1.1", "Content-Length: 3") + each for each in (b"one", b"two")))

    assert line.hear(b"two").count(b"HTTP/1.1 200 OK") == 2


def test_request_is_answered_that_comes_with_the_body_of_the_one_before(line: Line) -> None:
    """And one that comes after it alone, once the server waits again."""
    line.tell(ask("/", "1.1", "Content-Length: 3") + b"one" + ask("/dated"))
    heard = line.hear(b"\r\n\r\n")
    while heard.count(b"HTTP/1.1 200 OK\r\n") < 2:
        heard += line.hear(b"\r\n\r\n")
    line.tell(ask("/", "1.1", "Content-Length: 5", "Expect: 100-continue") + b"three")

    assert b"\r\n\r\noneHTTP/1.1 200 OK\r\n" in heard
    assert line.hear(b"three").startswith(b"HTTP/1.1 200 OK\r\n")


def test_body_is_asked_for_when_the_client_waits_with_it(line: Line) -> None:
    line.tell(ask("/", "1.1", "Content-Length: 3", "Expect: 100-continue"))
    asked = line.hear(b"\r\n\r\n")
    line.tell(b"one")

    assert asked.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert line.hear(b"one").startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        ask("/", "1.1", "Content-Length: 3"),
        ask("/", "1.1", "Content-Length: 3") + b"on",
        ask("/", "1.1", "Transfer-Encoding: chunked") + b"3\r\no",
    ],
)
@pytest.mark.parametrize("before", [b"", b"one"], ids=["first", "later"])
def test_connection_ends_when_a_request_stalls(line: Line, before: bytes, said: bytes) -> None:
    if before:
        line.tell(ask("/", "1.1", "Content-Length: 3") + before)
        line.hear(before)
    began = time.monotonic()
    line.tell(said)

    assert b"HTTP/1.1 200 OK" not in line.hear()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "said",
    [
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1 more\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01 a browser that tries TLS\r\n\r\n",
    ],
)
def test_request_is_refused_when_its_first_line_is_none(line: Line, said: bytes) -> None:
    line.tell(said)

    assert line.hear().startswith(b"HTTP/1.1 400 ")
