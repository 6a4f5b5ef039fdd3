"""The head of a request: what is understood, and what could be understood in two ways."""

from typing import Any

import pytest

from api.httpd.bounds import HEAD_BYTES
from api.httpd.faults import Malformed
from api.httpd.heads import read_head
from api.httpd.parsing import Parser

LINE = b"GET / HTTP/1.1\r\n"


def read(head: bytes) -> dict[str, Any]:
    """Return the environ of a head; take it as a server does, llhttp first."""
    parser, environ = Parser(), {}  # type: ignore[var-annotated]
    while head and not parser.headed:
        head = head[parser.feed_head(head) :]
    if not parser.headed:
        raise Malformed
    read_head(parser.head, environ)
    return environ


def fields(sent: bytes) -> dict[str, Any]:
    ours = {"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "SERVER_PROTOCOL"}
    return {name: value for name, value in read(LINE + sent).items() if name not in ours}


def test_fields_are_found_however_their_names_are_written() -> None:
    head = fields(b"Host: a\r\nCONTENT-type:  text/plain \r\nX-Empty:\r\n\r\nbody")

    assert head == {"HTTP_HOST": "a", "CONTENT_TYPE": "text/plain", "HTTP_X_EMPTY": ""}


def test_field_is_joined_when_it_comes_twice() -> None:
    head = fields(b"Host: x\r\nAccept: a\r\nCookie: b\r\naccept: c\r\ncookie: d\r\n\r\n")

    assert (head["HTTP_ACCEPT"], head["HTTP_COOKIE"]) == ("a,c", "b; d")


def test_name_with_an_underscore_is_dropped() -> None:
    assert fields(b"X_Forwarded_For: evil\r\nHost: a\r\n\r\n") == {"HTTP_HOST": "a"}


def test_letters_beyond_ascii_are_taken_byte_for_byte_in_a_value() -> None:
    head = fields("Host: x\r\nX: 가\r\n\r\n".encode())

    assert head["HTTP_X"].encode("latin-1").decode() == "가"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a%20b/%EA%B0%80?c=%20", "/a b/\xea\xb0\x80", "c=%20"),
        ("http://x.example/a?b", "/a", "b"),
        ("http://x.example", "/", ""),
        ("HTTP://x.example?b", "/", "b"),
        ("/a?b?c", "/a", "b?c"),
        ("/%", "/%", ""),
        ("//a/b", "//a/b", ""),
        ("*", "*", ""),
    ],
)
def test_path_is_decoded_and_query_left_as_it_is(target: str, path: str, query: str) -> None:
    environ = read(f"OPTIONS {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == (path, query)


def test_host_of_the_target_goes_before_the_field() -> None:
    assert read(b"GET http://y:1/ HTTP/1.1\r\nHost: x\r\n\r\n")["HTTP_HOST"] == "y:1"


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
    "folded with a tab": b"Accept: a\r\n\tfolded\r\n",
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
    "length of 5,000 digits": b"Content-Length: " + b"9" * 5_000 + b"\r\n",
    "length of 5,000 zeros": b"Content-Length: " + b"0" * 5_000 + b"\r\n",
    "length and coding": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "two codings": b"Transfer-Encoding: gzip, chunked\r\n",
    "coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "coding with a vertical tab": b"Transfer-Encoding: \x0bchunked\r\n",
    "coding in quotes": b'Transfer-Encoding: "chunked"\r\n',
    "empty coding": b"Transfer-Encoding:\r\n",
    "long field": b"X: " + b"x" * HEAD_BYTES + b"\r\n",
    "many fields": b"X: x\r\n" * HEAD_BYTES,
}
BAD_HEADS = FIELDS | {name: b"Host: a\r\n" + sent + b"\r\n" for name, sent in AFTER_HOST.items()}


@pytest.mark.parametrize("head", BAD_HEADS.values(), ids=BAD_HEADS)
def test_head_is_refused_when_it_is_cut_off_ambiguous_or_too_long(head: bytes) -> None:
    with pytest.raises(Malformed):
        read(LINE + head)


@pytest.mark.parametrize("head", AFTER_HOST.values(), ids=AFTER_HOST)
def test_our_reader_refuses_what_llhttp_should_have(head: bytes) -> None:
    """Neither relies on the other, but for a head's size and where it ends."""
    if len(head) > HEAD_BYTES or head == b"\n":
        return
    with pytest.raises(Malformed):
        read_head(LINE + b"Host: a\r\n" + head + b"\r\n", {})


def test_chunks_are_refused_in_http_1_0() -> None:
    with pytest.raises(Malformed):
        read(b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")


@pytest.mark.parametrize("host", ["a", "a.example:5000", "127.0.0.1", "[::1]:80", "", "a_b"])
def test_host_is_taken_when_it_is_one(host: str) -> None:
    assert fields(f"Host: {host}\r\n\r\n".encode()) == {"HTTP_HOST": host}


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b" GET / HTTP/1.1\r\n",
        b"GET /\t HTTP/1.1\r\n",
        b"GET /a\x0bb HTTP/1.1\r\n",
        b"GET\xa0/ HTTP/1.1\r\n",
        b"GET / HTTP/1.2\r\n",
        b"GET / HTTP/0.9\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / RTSP/1.0\r\n",
        b"SOURCE / ICE/1.0\r\n",
        b"GET / http/1.1\r\n",
        b"GET / HTTP/01.1\r\n",
        b"GET /\r\n",
        b"G{T / HTTP/1.1\r\n",
        b"GET /\r HTTP/1.1\r\n",
        b"GET /\xea\xb0\x80 HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"GET * HTTP/1.1\r\n",
        b"GET http:///a HTTP/1.1\r\n",
        b"GET http://u@x/ HTTP/1.1\r\n",
        b"GET ftp://x/ HTTP/1.1\r\n",
    ],
)
def test_request_line_is_refused_when_it_is_not_exactly_one(line: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        read(line + b"Host: x\r\n\r\n")

    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("line", "status"),
    [(b"BREW / HTTP/1.1\r\n", 501), (b"get / HTTP/1.1\r\n", 501), (b"nonsense\r\n", 400)],
)
def test_unknown_method_is_distinguished_from_nonsense(line: bytes, status: int) -> None:
    with pytest.raises(Malformed) as raised:
        read(line + b"Host: x\r\n\r\n")

    assert raised.value.status == status


def test_head_that_is_too_long_is_named() -> None:
    with pytest.raises(Malformed) as raised:
        read(LINE + b"Host: x\r\n" + b"X: x\r\n" * HEAD_BYTES)

    assert raised.value.status == 431
