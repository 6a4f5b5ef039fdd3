"""What the HTTP server makes of an app's answers, and of requests that come in pieces."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from api.httpd.bounds import UNREAD_BYTES
from tests.http.plain_app import LARGE
from tests.http.rooms.house import until
from tests.http.serving import count_connections, running


@pytest.fixture(scope="module")
def app() -> Iterator[tuple[int, int]]:
    """Serve the plain app, which waits for slow tests; return its process's id and its port."""
    with running("tests.http.plain_app", "30") as served:
        yield served


@pytest.fixture
def serving(request: pytest.FixtureRequest) -> Iterator[int]:
    """Serve an app that waits for fewer seconds; return its port."""
    with running("tests.http.plain_app", request.param) as (_, port):
        yield port


@pytest.fixture
def port(app: tuple[int, int]) -> int:
    return app[1]


class Line:
    """A connection; `tell` sends, `hear` reads until the server has nothing more to say."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self._socket.settimeout(60)
        self._socket.connect(("127.0.0.1", port))

    def tell(self, text: bytes) -> None:
        self._socket.sendall(text)

    def hear(self, until: bytes = b"") -> bytes:
        heard = b""
        with suppress(ConnectionResetError):
            while not (until and heard.endswith(until)) and (piece := self._socket.recv(65_536)):
                heard += piece
        return heard

    def hear_some(self, size: int) -> bytes:
        return self._socket.recv(size)

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
def test_connection_ends_when_either_side_sends_close(line: Line, request_: bytes) -> None:
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
    assert parsedate_to_datetime(now)
    assert then == "then"


def test_date_is_of_the_second_in_which_the_answer_was_made(line: Line) -> None:
    for _ in range(25):
        before = int(time.time())
        line.tell(ask("/", "1.1", "Content-Length: 3") + b"one")
        head = line.hear(b"one").decode().splitlines()

        (date,) = [field[6:] for field in head if field.startswith("Date: ")]
        assert before <= parsedate_to_datetime(date).timestamp() <= time.time()
        time.sleep(0.05)


def test_answer_without_a_body_has_no_length(line: Line) -> None:
    line.tell(ask("/nothing"))

    head = line.hear(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"Content-Length" not in head


def test_large_answer_comes_whole_to_a_slow_client(line: Line) -> None:
    line.tell(ask("/large", "1.1", "Connection: close"))
    time.sleep(0.3)  # until no more fits into the kernel's buffers

    _, _, body = line.hear().partition(b"\r\n\r\n")

    assert len(body) == LARGE


@pytest.mark.parametrize("together", [True, False])
def test_next_request_is_answered_when_the_answer_before_was_large(
    line: Line, together: bool
) -> None:
    next_one = ask("/nothing", "1.1", "Connection: close")
    line.tell(ask("/large") + (next_one if together else b""))

    heard = b""
    while len(heard) < LARGE:
        heard += line.hear_some(LARGE // 16)
    if not together:
        line.tell(next_one)
    heard += line.hear()

    assert heard.count(b"HTTP/1.1 ") == 2


def test_answer_that_fails_halfway_ends_with_the_connection(line: Line) -> None:
    line.tell(ask("/late"))

    assert line.hear().endswith(b"\r\n\r\nhal")


@pytest.mark.parametrize("size", [1, 7, 40])
def test_request_is_answered_when_it_comes_in_pieces(line: Line, size: int) -> None:
    sent = ask("/", "1.1", "Content-Length: 11") + b"two\r\n\r\nhalf"
    for start in range(0, len(sent), size):
        line.tell(sent[start : start + size])
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


UPGRADE = ("Upgrade: websocket", "Connection: Upgrade")
POST = b"POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
STALLED = {
    "before any byte": b"",
    "in the request line": b"GET / HT",
    "after the request line": b"GET / HTTP/1.1\r\n",
    "in the head": b"GET / HTTP/1.1\r\nHost: x\r\n",
    "before the body": ask("/", "1.1", "Content-Length: 3"),
    "in the body": ask("/", "1.1", "Content-Length: 3") + b"on",
    "in a chunk": ask("/", "1.1", "Transfer-Encoding: chunked") + b"3\r\no",
    "in a chunk's size": ask("/", "1.1", "Transfer-Encoding: chunked") + b"1",
    "in the trailers": ask("/", "1.1", "Transfer-Encoding: chunked") + b"0\r\nX: ",
    "after 100 Continue": ask("/", "1.1", "Content-Length: 3", "Expect: 100-continue"),
    "while the body is discarded": ask("/nothing", "1.1", "Content-Length: 30000") + b"x" * 20_000,
    "while it doesn't read": ask("/large"),
    "while it doesn't read the second": ask("/large") + ask("/large"),
    "in a body that claims to upgrade": ask("/", "1.1", *UPGRADE, "Content-Length: 3") + b"on",
    "in a body that claims to upgrade at the sockets": POST + b"Content-Length: 3\r\n\r\non",
    "in chunks that claim to upgrade": POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\no",
    "in a body of a GET that claims to upgrade": ask(
        "/socket.io/", "1.1", *UPGRADE, "Content-Length: 3"
    ),
    "after an upgrade elsewhere": ask("/nothing", "1.1", *UPGRADE),
    "after a refused upgrade": ask("/socket.io/", "1.1", *UPGRADE),
    "after an answer": ask("/nothing"),
}
"""What a client has sent when it stands still, by the state that its connection is in."""


@pytest.mark.parametrize("before", [b"", b"one"], ids=["first", "later"])
def test_connection_ends_in_whatever_state_it_stands_still(before: bytes) -> None:
    with running("tests.http.plain_app") as (pid, port):
        lines = {name: Line(port) for name in STALLED}
        for name, line in lines.items():
            if before:
                line.tell(ask("/", "1.1", "Content-Length: 3") + before)
                line.hear(before)
            line.tell(STALLED[name])
        until(lambda: count_connections(pid) == 0)  # it has dropped even those who don't read

        heard = {name: line.hear() for name, line in lines.items()}  # what it had sent

    assert all(len(text) < 2 * LARGE for text in heard.values())
    assert not [name for name, text in heard.items() if b"200 OK" in text and "read" not in name]


DRIPPED = {
    "a head": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
    "a body": (ask("/", "1.1", "Content-Length: 30000"), b"x"),
    "a chunk": (ask("/", "1.1", "Transfer-Encoding: chunked") + b"7530\r\n", b"x"),
    "chunks": (ask("/", "1.1", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "trailers": (ask("/", "1.1", "Transfer-Encoding: chunked") + b"0\r\n", b"X: x\r\n"),
    "what is discarded": (ask("/nothing", "1.1", "Content-Length: 30000"), b"x"),
}


@pytest.mark.parametrize("serving", ["1"], indirect=True)
@pytest.mark.parametrize("before", [b"", b"one"], ids=["first", "later"])
def test_connection_ends_when_it_only_drips(serving: int, before: bytes) -> None:
    lines = {name: Line(serving) for name in DRIPPED}
    for name, line in lines.items():
        if before:
            line.tell(ask("/", "1.1", "Content-Length: 3") + before)
            line.hear(before)
        line.tell(DRIPPED[name][0])

    dripping, deadline = set(DRIPPED), time.monotonic() + 60
    while dripping and time.monotonic() < deadline:
        for name in list(dripping):
            try:
                lines[name].tell(DRIPPED[name][1])
            except OSError:
                dripping.remove(name)
        time.sleep(0.1)

    assert not dripping


@pytest.mark.parametrize("serving", ["3"], indirect=True)
def test_slow_body_is_taken_as_long_as_it_goes_on(serving: int) -> None:
    """It takes longer than a piece of it may."""
    line, pieces, piece = Line(serving), 16, bytes(8_000)
    line.tell(ask("/", "1.1", f"Content-Length: {pieces * len(piece)}"))
    for _ in range(pieces):
        time.sleep(0.2)
        line.tell(piece)

    assert line.hear(bytes(pieces * len(piece))).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("serving", ["1"], indirect=True)
def test_body_is_cut_off_when_it_takes_too_long_in_all(serving: int) -> None:
    line = Line(serving)
    line.tell(ask("/", "1.1", "Content-Length: 10000000"))

    def send_for_ten_seconds() -> None:
        for _ in range(100):
            line.tell(bytes(40_000))
            time.sleep(0.1)

    with pytest.raises(OSError, match=r"reset|pipe"):
        send_for_ten_seconds()


@pytest.mark.parametrize("serving", ["2"], indirect=True)
def test_large_answer_comes_whole_to_a_client_that_reads_on(serving: int) -> None:
    """It takes longer than a piece of it may."""
    line = Line(serving)
    line.tell(ask("/large", "1.1", "Connection: close"))

    heard = b""
    while piece := line.hear_some(LARGE // 16):
        heard += piece
        time.sleep(0.1)

    assert len(heard.partition(b"\r\n\r\n")[2]) == LARGE


def test_memory_is_bounded_when_nobody_reads_large_answers(app: tuple[int, int]) -> None:
    pid, port = app
    lines = [Line(port) for _ in range(4 * UNREAD_BYTES // LARGE)]
    for line in lines:
        line.tell(ask("/large") * 3)
    for line in lines:
        line.hear_some(1)

    most = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())

    assert most is not None
    assert int(most[1]) << 10 < 2 * UNREAD_BYTES


MISFRAMED = {
    "bare LF after the request line": b"GET / HTTP/1.1\nHost: x\r\n\r\n",
    "bare LF after a field": b"GET / HTTP/1.1\r\nHost: x\n\r\n",
    "bare LF at the end of the head": b"GET / HTTP/1.1\r\nHost: x\r\n\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": ask("/", "1.1", "Host: y"),
    "space before the colon": ask("/", "1.1", "Accept : a"),
    "folded field": ask("/", "1.1", "Accept: a", " b"),
    "NUL in a value": ask("/", "1.1", "Accept: \0"),
    "bare CR in a value": ask("/", "1.1", "Accept: a\rX: b"),
    "two lengths": ask("/", "1.1", "Content-Length: 3", "Content-Length: 4") + b"abc",
    "signed length": ask("/", "1.1", "Content-Length: +3") + b"abc",
    "length with a no-break space": ask("/").replace(b"x", b"x\r\nContent-Length: 2\xa0", 1),
    "length of 5,000 digits": ask("/", "1.1", "Content-Length: " + "9" * 5_000),
    "length and chunks": ask("/", "1.1", "Content-Length: 3", "Transfer-Encoding: chunked"),
    "coding with a vertical tab": ask("/", "1.1", "Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n",
    "unknown coding": ask("/", "1.1", "Transfer-Encoding: gzip"),
    "chunks in HTTP/1.0": ask("/", "1.0", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
}
CHUNKED = ask("/", "1.1", "Transfer-Encoding: chunked")
MISFRAMED |= {
    name: CHUNKED + chunks
    for name, chunks in {
        "chunk of no size": b"\r\nabc\r\n",
        "chunk's size in another base": b"0x3\r\nabc\r\n",
        "signed size": b"+3\r\nabc\r\n",
        "negative size": b"-3\r\nabc\r\n",
        "space before the size": b" 3\r\nabc\r\n",
        "space after the size": b"3 \r\nabc\r\n",
        "underscore in the size": b"0_3\r\nabc\r\n",
        "size of 17 digits": b"00000000000000003\r\nabc\r\n",
        "bare LF after the size": b"3\nabc\r\n",
        "bare LF after a chunk": b"3\r\nabc\n0\r\n\r\n",
        "chunk longer than its size": b"3\r\nabcd\r\n",
        "chunk of letters": b"xyz\r\nabc\r\n",
        "trailer without a name": b"0\r\n: a\r\n\r\n",
        "trailer with a space in its name": b"0\r\na b: c\r\n\r\n",
        "bare LF in an extension": b"3;a\nb\r\nabc\r\n0\r\n\r\n",
        "bare LF in a trailer": b"0\r\nX: a\nY: b\r\n\r\n",
    }.items()
}


@pytest.mark.parametrize("sent", MISFRAMED.values(), ids=MISFRAMED)
@pytest.mark.parametrize("before", [b"", b"one"], ids=["first", "later"])
def test_nothing_is_read_after_a_request_that_is_misframed(
    line: Line, before: bytes, sent: bytes
) -> None:
    if before:
        line.tell(ask("/", "1.1", "Content-Length: 3") + before)
        line.hear(before)
    line.tell(sent + ask("/dated"))

    heard = line.hear()

    assert heard.count(b"HTTP/1.1 ") <= 1
    assert b"200 OK" not in heard


def test_pipelined_requests_are_answered_whatever_their_heads_hold(line: Line) -> None:
    """A head without fields is a whole one, and holds nothing of the next."""
    bare = b"GET / HTTP/1.0\r\n\r\n"
    line.tell(ask("/dated") + ask("/", "1.1", "Content-Length: 3") + b"one" + bare)

    assert line.hear().count(b"HTTP/1.1 200 OK\r\n") == 3


def test_request_for_a_whole_address_is_answered_as_for_its_path(line: Line) -> None:
    line.tell(b"GET http://x/dated?a=b HTTP/1.1\r\nHost: x\r\n\r\n")

    assert b"\r\nDate: then\r\n" in line.hear(b"\r\n\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1 more\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01 a browser that tries TLS\r\n\r\n",
    ],
)
def test_request_is_refused_when_its_first_line_is_malformed(line: Line, sent: bytes) -> None:
    line.tell(sent)

    assert line.hear().startswith(b"HTTP/1.1 400 ")
