"""The head of a request: what is understood, and what could be understood in two ways."""

from io import BytesIO

import pytest

from api.deadlines import Deadlines
from api.http import DISCARD_BYTES, HEAD_BYTES, BadHead, Body, read_head


def test_fields_are_found_however_their_names_are_written() -> None:
    stream = BytesIO(b"Host: a\r\nCONTENT-type:  text/plain \r\nX-Empty:\r\n\r\nbody")

    head = read_head(stream)

    assert head == {"HTTP_HOST": "a", "CONTENT_TYPE": "text/plain", "HTTP_X_EMPTY": ""}
    assert stream.read() == b"body"


def test_field_is_joined_when_it_comes_twice() -> None:
    head = read_head(BytesIO(b"Accept: a\r\nCookie: b\r\naccept: c\r\ncookie: d\r\n\r\n"))

    assert (head["HTTP_ACCEPT"], head["HTTP_COOKIE"]) == ("a,c", "b; d")


def test_name_with_an_underscore_is_dropped() -> None:
    head = read_head(BytesIO(b"X_Forwarded_For: evil\r\nHost: a\r\n\r\n"))

    assert head == {"HTTP_HOST": "a"}


@pytest.mark.parametrize(
    "head",
    [
        b"Host: a\r\n",
        b"Host: a",
        b"no colon\r\n\r\n",
        b"Host : a\r\n\r\n",
        b"Host: a\r\n folded\r\n\r\n",
        b": nameless\r\n\r\n",
        b"Host: a\r\nHost: b\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
        b"Content-Length: +5\r\n\r\n",
        b"Content-Length: 1_0\r\n\r\n",
        b"Content-Length: \r\n\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        b"X: " + b"x" * HEAD_BYTES + b"\r\n\r\n",
        b"X: x\r\n" * HEAD_BYTES + b"\r\n",
    ],
)
def test_head_is_refused_when_it_is_cut_off_ambiguous_or_too_long(head: bytes) -> None:
    with pytest.raises(BadHead):
        read_head(BytesIO(head))


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
        self.read, self.readline = stream.read, stream.readline


def test_each_read_of_a_body_is_timed() -> None:
    events: list[str] = []
    body = make_body(BytesIO(b"one\ntwo\nthree"), events)

    assert (body.readline(), list(body), body.read()) == (b"one\n", [b"two\n", b"three"], b"")

    assert events == ["wait for it", "got it"] * 5


@pytest.mark.parametrize(("size", "overflowed"), [(100, False), (DISCARD_BYTES + 1, True)])
def test_body_overflows_when_too_much_of_it_is_left(size: int, overflowed: bool) -> None:
    body = make_body(BytesIO(bytes(size)), [])

    body._discard()

    assert body.overflowed is overflowed
