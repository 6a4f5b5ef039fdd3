"""A connection over time: order, the lane beside the app, limits, and its end."""

import signal
import socket
import stat
import time
from contextlib import suppress
from pathlib import Path

import pytest

from api.httpd.bounds import DISCARD_BYTES
from tests.httpd.conftest import Ask, hear
from tests.httpd.serving import LAST, SHORT, make_request, serve


@pytest.mark.parametrize(("path", "body"), [("/lane", b"lane"), ("/later", b"later")])
def test_lane_answers_at_once_or_later(ask: Ask, path: str, body: bytes) -> None:
    heard = ask(make_request(path) * 3, make_request(path, LAST))

    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert heard.count(b"\r\n\r\n" + body) == 4
    assert heard.count(b"\r\nConnection: close\r\n") == 1


def test_lane_has_the_body_or_the_request_is_the_apps(ask: Ask) -> None:
    small = make_request("/lane", "Content-Length: 3", method="PUT") + b"abc"
    large = make_request("/lane", f"Content-Length: {1 << 17}", LAST, method="PUT")

    heard = ask(small, large, bytes(1 << 17))

    assert heard.count(b"X-Lane: yes") == 1
    assert b"\r\n\r\nabcHTTP/1.1 200 OK\r\n" in heard
    assert heard.endswith(bytes(1 << 17))


def test_lane_that_fails_is_answered_for(ask: Ask) -> None:
    assert ask(make_request("/broken")).startswith(b"HTTP/1.1 500 ")


def test_response_of_the_lane_has_no_body_where_none_may_be(ask: Ask) -> None:
    heard = ask(make_request("/nothing"), make_request("/lane", LAST, method="HEAD"))

    first, second = heard.split(b"\r\n\r\n")[:2]
    assert b"Content-Length" not in first
    assert b"\r\nContent-Length: 4" in second
    assert heard.endswith(b"\r\n\r\n")


def test_requests_are_answered_in_order_whoever_answers_them(ask: Ask) -> None:
    paths = ["/later", "/lane", "/slow", "/remote", "/lane", "/later"] * 4
    sent = b"".join(map(make_request, paths))

    heard = ask(sent, make_request("/nothing", LAST))

    bodies = b"later", b"lane", b"slow", b"127.0.0.1", b"lane", b"later"
    received = [each.rpartition(b"\r\n\r\n")[2] for each in heard.split(b"HTTP/1.1 ")[1:-1]]
    assert received == list(bodies) * 4


@pytest.mark.parametrize("size", [3, 1_000])
def test_thousands_of_requests_are_answered_that_come_at_once(ask: Ask, size: int) -> None:
    sent = make_request("/lane", f"Content-Length: {size}", method="POST") + b"x" * size

    heard = ask(sent * 2_000, make_request("/nothing", LAST))

    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 2_000


def test_requests_before_a_fault_are_answered_and_none_after_it(ask: Ask) -> None:
    heard = ask(make_request("/later"), make_request("/slow"), b"\0\r\n\r\n", make_request("/lane"))

    statuses = [each[:3] for each in heard.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"400"]


def test_connection_goes_on_after_a_body_that_the_app_left(ask: Ask) -> None:
    size = DISCARD_BYTES // 2
    left = make_request("/empty", f"Content-Length: {size}", method="POST") + bytes(size)

    assert ask(left, make_request("/lane", LAST)).endswith(b"lane")


def test_connection_ends_after_too_much_that_the_app_left(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(make_request("/empty", f"Content-Length: {1 << 25}", method="POST"))
        with pytest.raises(OSError, match=r"reset|pipe"):
            sock.sendall(bytes(1 << 25))


def test_body_that_was_not_asked_for_ends_the_connection(ask: Ask) -> None:
    """What comes next could be the body, or another request."""
    expects = "Expect: 100-continue", "Content-Length: 60"

    heard = ask(make_request("/empty", *expects, method="PUT"), make_request("/lane"))

    assert heard.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in heard


def test_responses_reach_a_client_that_sends_no_more(ask: Ask, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(make_request("/slow") + make_request("/lane"))
        sock.shutdown(socket.SHUT_WR)

        assert hear(sock).count(b"HTTP/1.1 200 OK\r\n") == 2


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (make_request("/", "X: " + "x" * 20_000), 431),
        (make_request("/", "Content-Length: 999999999999"), 413),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX", 408),
        (make_request("/", "Content-Length: 9") + b"some", 408),
    ],
)
def test_fault_is_named(ask: Ask, sent: bytes, status: int) -> None:
    assert ask(sent).startswith(b"HTTP/1.1 %d " % status)


def test_newest_connection_has_room_when_an_idle_one_can_be_dropped(port: int) -> None:
    assert SHORT.connections is not None
    idle = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(SHORT.connections + 9)]
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(make_request("/lane", LAST))

        assert hear(sock).endswith(b"lane")
    assert hear(idle[0]) == b""
    for each in idle:
        each.close()


def test_connection_is_refused_when_all_others_are_busy() -> None:
    assert SHORT.connections is not None
    with serve() as (_, port):
        busy = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(SHORT.connections)]
        for each in busy:
            each.sendall(make_request("/stuck"))
        heard = b"HTTP/1.1 200 "
        until = time.monotonic() + 10
        while heard.startswith(b"HTTP/1.1 200 ") and time.monotonic() < until:  # not all are yet
            with socket.create_connection(("127.0.0.1", port), 10) as sock:
                sock.sendall(make_request("/lane", "Connection: close"))
                heard = hear(sock)
        for each in busy:
            each.close()

    assert heard.startswith(b"HTTP/1.1 503 ")


def test_stop_lets_what_is_answered_be_answered() -> None:
    with serve() as (process, port):
        idle, busy = (socket.create_connection(("127.0.0.1", port), 10) for _ in range(2))
        busy.sendall(make_request("/slow"))
        idle.sendall(make_request("/lane"))
        assert idle.recv(1_000).endswith(b"lane")
        for _ in range(2):
            process.send_signal(signal.SIGTERM)

        assert hear(idle) == b""
        assert b"\r\nConnection: close\r\n" in hear(busy)
        assert process.wait(10) == 0
        idle.close()
        busy.close()


def test_connection_that_was_just_made_is_answered_when_the_server_stops() -> None:
    with serve() as (process, port):
        busy, fresh, first = (socket.create_connection(("127.0.0.1", port), 10) for _ in range(3))
        busy.sendall(make_request("/stuck"))
        first.sendall(make_request("/lane", LAST))
        assert hear(first).endswith(b"lane")
        process.send_signal(signal.SIGTERM)
        with suppress(ConnectionRefusedError, ConnectionResetError):
            while True:  # until the server has begun to stop; each has gone before the next comes
                with socket.create_connection(("127.0.0.1", port), 10) as sock:
                    sock.shutdown(socket.SHUT_WR)
                    hear(sock)

        fresh.sendall(make_request("/lane"))

        assert b"\r\nConnection: close\r\n" in hear(fresh)
        assert process.wait(10) == 0
        busy.close()
        fresh.close()
        first.close()


def test_request_that_has_arrived_unread_is_answered_when_the_server_stops() -> None:
    with serve() as (process, port):
        kept, stopping = (socket.create_connection(("127.0.0.1", port), 10) for _ in range(2))
        kept.sendall(make_request("/lane"))
        assert kept.recv(1_000).endswith(b"lane")
        stopping.sendall(make_request("/stop"))
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "asked\n"
        kept.sendall(make_request("/lane"))
        process.stdin.write("\n")
        process.stdin.flush()

        assert hear(kept).endswith(b"lane")
        assert process.wait(10) == 0
        kept.close()
        stopping.close()


def ask_at(path: Path) -> bytes:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(str(path))
        sock.sendall(make_request("/remote", LAST))
        return hear(sock)


def test_unix_socket_is_served_and_a_stale_one_replaced(tmp_path: Path) -> None:
    path = tmp_path / "http.sock"
    for _ in range(2):  # the first is killed, and leaves its file
        with serve(f"unix:{path}"):
            assert ask_at(path).endswith(b"127.0.0.1")
            assert stat.S_IMODE(path.stat().st_mode) == 0o660


@pytest.mark.parametrize("kind", ["socket that is listened on", "file"])
def test_what_is_in_use_is_not_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "http.sock"
    if kind == "file":
        path.write_text("mine")
    with socket.socket(socket.AF_UNIX) as other:
        if kind != "file":
            other.bind(str(path))
            other.listen()
        with pytest.raises(ValueError, match="literal"), serve(f"unix:{path}"):
            pass

    assert path.exists()


def test_socket_that_was_opened_before_is_served() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        pass_on = (
            "import os, sys;os.dup2(int(sys.argv[1]), 3);os.set_inheritable(3, True);"
            "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
            "os.execv(sys.executable, [sys.executable, '-m', 'tests.httpd.serving', '::1'])"
        )
        options = {"pass_fds": [listener.fileno()]}
        with serve(arguments=["-c", pass_on, str(listener.fileno())], **options) as (_, port):
            assert port == listener.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port), 10) as sock:
                sock.sendall(make_request("/lane", LAST))
                assert hear(sock).endswith(b"lane")


def test_ipv6_is_served() -> None:
    with serve("::1") as (_, port), socket.create_connection(("::1", port), 10) as sock:
        sock.sendall(make_request("/remote", LAST))
        assert hear(sock).endswith(b"::1")


def test_what_came_while_the_server_stood_still_is_read_before_a_deadline_ends_it(
    port: int,
) -> None:
    body = b"b" * (1 << 17)  # the app's: it is received in pieces
    head = make_request("/body", f"Content-Length: {len(body)}", LAST, method="POST")
    with (
        socket.create_connection(("127.0.0.1", port), 20) as staller,
        socket.create_connection(("127.0.0.1", port), 20) as sender,
    ):
        sender.sendall(head + body[:1])
        staller.sendall(make_request("/stall", LAST))
        begun = b""
        while not begun.endswith(b"begun \r\n"):
            begun += staller.recv(4_096)
        sender.sendall(body[1:])

        assert b"done" in hear(staller)
        assert hear(sender).startswith(b"HTTP/1.1 200 ")
