"""Connections themselves: they end when they should, and leave nothing behind."""

import os
import time
from typing import Any

import pytest
import websocket

from tests.live.clients import Client
from tests.server import Server

VISITS = 200
EIO = "/socket.io/?EIO=4&transport=websocket"
WITHIN = 10.0


@pytest.mark.parametrize("frames", [("close",), ("1", "close")], ids=["websocket", "engine_io"])
def test_server_closes_tcp_when_the_websocket_is_closed(
    shared_server: Server, frames: tuple[str, ...]
) -> None:
    raw = websocket.create_connection(shared_server.url.replace("http", "ws") + EIO)
    raw.recv()

    for frame in frames:
        raw.send_close() if frame == "close" else raw.send(frame)

    raw.sock.settimeout(WITHIN)
    while raw.sock.recv(4096):  # until the end of the stream; a timeout raises
        pass
    raw.sock.close()


def test_connections_leave_nothing_open_when_two_hundred_come_and_go(server: Server) -> None:
    def leave(client: Any, visit: int) -> None:
        if visit % 2:
            client.drop()  # as a phone does that loses its network
        client.close()

    for visit in range(4):  # so that what is made once is made
        leave(Client(server.url), visit)
    before = count_files(server)

    for visit in range(VISITS):
        client = Client(server.url, transports=[("websocket", "polling")[visit % 5 == 4]])
        if visit % 3 == 0:
            client.join()
        leave(client, visit if visit % 5 != 4 else 0)

    deadline = time.monotonic() + WITHIN
    while count_files(server) > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert count_files(server) <= before
    assert server.request("GET", "/healthz").status_code == 200


def count_files(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))
