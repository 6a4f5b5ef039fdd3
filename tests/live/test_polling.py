"""Polling clients that say two things at once, or go on after their end."""

import json
import socket
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.server import Server

EIO = "/socket.io/?EIO=4&transport=polling"
JOIN = '420["room:join",{"room":"lobby"}]'
SEPARATOR = "\x1e"


def enter(server: Server) -> str:
    """Return the path of a client that has connected."""
    path = EIO + "&sid=" + json.loads(requests.get(server.url + EIO, timeout=60).text[1:])["sid"]
    requests.post(server.url + path, "40", timeout=60)
    requests.get(server.url + path, timeout=60)
    return path


def post_slowly(server: Server, path: str, body: str) -> socket.socket:
    """Send a request but for the last byte of its body; return its connection."""
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    sock.sendall(f"{head}{body[:-1]}".encode())
    return sock


def status_of(sock: socket.socket) -> int:
    return int(sock.recv(12)[-3:])


@pytest.mark.parametrize("event", [JOIN, '421["my event",{"data":"x"}]', "41", '421["no such",{}]'])
def test_one_of_several_bodies_that_come_at_once_is_handled(
    shared_server: Server, event: str
) -> None:
    path = enter(shared_server)
    with ExitStack() as opened:
        body = SEPARATOR.join([event] * 9)
        socks = [opened.enter_context(post_slowly(shared_server, path, body)) for _ in range(4)]

        for sock in socks:
            sock.sendall(body[-1:].encode())
        received = [status_of(sock) for sock in socks]

    assert set(received) <= {200, 400}
    assert 200 in received


ENDS: dict[str, Any] = {"goodbye": "1", "garbage": "zzz"}


@pytest.mark.parametrize("sent", ENDS.values(), ids=ENDS)
def test_body_that_comes_after_the_client_s_end_is_refused(
    shared_server: Server, sent: str
) -> None:
    path = enter(shared_server)
    with post_slowly(shared_server, path, JOIN) as sock:
        requests.post(shared_server.url + path, sent, timeout=60)

        sock.sendall(JOIN[-1:].encode())

        assert status_of(sock) == 400
