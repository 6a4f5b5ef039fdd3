"""Connections themselves: they end when they should, and leave nothing behind."""

import os
import socket
import time

import pytest
import websocket

from tests.live.clients import Client
from tests.server import Server

VISITS = 200
EIO = "/socket.io/?EIO=4&transport=websocket"
WITHIN = 120.0


@pytest.mark.parametrize("frames", [("close",), ("1", "close")], ids=["websocket", "engine_io"])
def test_server_closes_tcp_when_the_websocket_is_closed(
    shared_server: Server, frames: tuple[str, ...]
) -> None:
    raw = connect_raw(shared_server)

    for frame in frames:
        raw.send_close() if frame == "close" else raw.send(frame)

    raw.sock.settimeout(WITHIN)
    while raw.sock.recv(4096):  # until the end of the stream; a timeout raises
        pass
    raw.sock.close()


def test_connections_leave_nothing_open_when_two_hundred_come_and_go(server: Server) -> None:
    for visit in range(20):  # so that what is made once is made
        come_and_go(server, visit)
    before = count_files(server)

    for visit in range(VISITS):
        come_and_go(server, visit)

    deadline = time.monotonic() + WITHIN
    while count_files(server) > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert count_files(server) <= before
    assert server.request("GET", "/healthz").status_code == 200


def receive(raw: websocket.WebSocket, kind: str) -> str:
    """Return the next packet of a kind; a busy server may send a ping before it."""
    while not (packet := str(raw.recv())).startswith(kind):
        pass
    return packet


def come_and_go(server: Server, visit: int) -> None:
    """Connect, perhaps join, and leave: in order, or as a phone that loses its network."""
    if visit % 10 == 0:
        client = Client(server.url, transports=["polling"])
        client.join()
        client.close()
        return
    raw = connect_raw(server)
    raw.send("40")
    receive(raw, "40")
    if visit % 3 == 0:
        raw.send('421["room:join",{"room":"lobby"}]')
        assert '"ok":true' in receive(raw, "43")
    if visit % 2:
        raw.send_close()
    else:
        raw.sock.shutdown(socket.SHUT_RDWR)
    raw.sock.close()


def connect_raw(server: Server) -> websocket.WebSocket:
    """Open a WebSocket by hand; return it once Engine.IO has greeted."""
    raw = websocket.create_connection(server.url.replace("http", "ws") + EIO)
    assert raw.recv().startswith("0")
    return raw


def count_files(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))
