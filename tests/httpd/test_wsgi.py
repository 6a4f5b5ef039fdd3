"""What the server makes of WSGI apps: those that keep to PEP 3333, as wsgiref's validator has it,
and those that don't."""

import socket

import pytest

from tests.httpd.conftest import Ask, hear
from tests.httpd.serving import LAST, make_request


def split(heard: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the status, the head and the body of a response."""
    head, _, body = heard.partition(b"\r\n\r\n")
    return head[9:12], head + b"\r\n", body


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", b"abc\nde\nf"),
        ("/lines", b"abc\n|de\n|f"),
        ("/each", b"abc\n|de\n|f"),
    ],
)
@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize("coding", ["Content-Length: 8", "Transfer-Encoding: chunked"])
def test_body_reaches_the_app(port: int, path: str, body: bytes, pieces: int, coding: str) -> None:
    sent = (
        b"abc\nde\nf" if "Length" in coding else b"4\r\nabc\n\r\n4;x\r\nde\nf\r\n0\r\nA: b\r\n\r\n"
    )
    head = make_request(path, coding, LAST, "Expect: 100-continue", method="POST")
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        if pieces == 1:
            sock.sendall(head + sent)
        else:
            sock.sendall(head)
            assert sock.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
            sock.sendall(sent[:5])
            sock.sendall(sent[5:])

        status, _, received = split(hear(sock))

    assert (status, received) == (b"200", body)


def test_what_is_written_comes_before_what_is_returned(ask: Ask) -> None:
    _, head, body = split(ask(make_request("/write", LAST)))

    assert b"\r\nTransfer-Encoding: chunked\r\n" in head
    assert body == b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"


def test_head_is_replaced_as_long_as_none_was_sent(ask: Ask) -> None:
    status, _, body = split(ask(make_request("/replaced", LAST)))

    assert (status, body) == (b"503", b"8\r\nreplaced\r\n0\r\n\r\n")


def test_error_after_the_head_ends_the_connection(ask: Ask) -> None:
    status, _, body = split(ask(make_request("/too-late")))

    assert (status, body) == (b"200", b"5\r\nbegun\r\n")


@pytest.mark.parametrize(
    ("path", "length"), [("/none", b"0"), ("/", b"0"), ("/one", b"3"), ("/three", b"5")]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_length_is_sent_where_it_is_known(ask: Ask, path: str, length: bytes, method: str) -> None:
    _, head, body = split(ask(make_request(path, LAST, method=method)))

    assert b"\r\nContent-Length: " + length + b"\r\n" in head
    assert len(body) == (0 if method == "HEAD" else int(length))


@pytest.mark.parametrize("path", ["/write", "/unchanged"])
def test_nothing_follows_the_head_where_no_body_may(ask: Ask, path: str) -> None:
    method = "HEAD" if path == "/write" else "GET"

    heard = ask(make_request(path, method=method), make_request("/lane", LAST))

    assert heard.count(b"HTTP/1.1 ") == 2
    assert heard.partition(b"\r\n\r\n")[2].startswith(b"HTTP/1.1 200 OK\r\nX-Lane: yes")
    assert b"Transfer-Encoding" not in heard


@pytest.mark.parametrize("path", ["/silent", "/twice", "/fails", "/texts", "/codings"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_app_that_fails_is_answered_for(ask: Ask, path: str, method: str) -> None:
    status, head, body = split(ask(make_request(path, method=method), make_request("/")))

    assert status == b"500"
    assert b"\r\nConnection: close\r\n" in head
    assert body == (b"" if method == "HEAD" else b"500 Internal Server Error\n")


def test_length_that_an_app_exceeds_ends_the_response(ask: Ask) -> None:
    assert split(ask(make_request("/long", LAST)))[2] == b"lon"


def test_response_that_is_shorter_than_its_length_is_not_sent(ask: Ask) -> None:
    assert b"short" not in ask(make_request("/short"))


def test_result_is_closed_whether_or_not_the_client_waits(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(
            make_request("/count") + make_request("/closed") + make_request("/count", LAST)
        )
        counts = [each.rpartition(b"\n")[2][:1] for each in hear(sock).split(b"HTTP/1.1 ")]

    assert int(counts[3]) == int(counts[1]) + 1


def test_request_that_is_not_answered_in_time_ends_the_connection(ask: Ask) -> None:
    answer = ask(make_request("/stuck"))

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Connection: close\r\n" in answer
