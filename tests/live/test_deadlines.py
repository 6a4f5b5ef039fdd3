"""A socket in whatever state it stands still is dropped, and what sockets don't read is bounded."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
import websocket

from bench.live_clients import Crowd
from tests.live.conftest import ConnectJavaScript
from tests.live.test_wire import (
    EIO,
    JOIN,
    SMALL,
    TEXT,
    connect_raw,
    count_files,
    flood,
    read_end,
    wait_files,
)
from tests.server import ROOT, Server
from tests.wire.test_frames import client_frame


def serve(folder: Path, *options: str) -> Iterator[Server]:
    server = Server(folder)
    server.command[1:] = [str(ROOT / "tests" / "live" / "hasty.py"), *options]
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from serve(tmp_path_factory.mktemp("hasty"))


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Server]:
    yield from serve(tmp_path, "patient")


Still = Callable[[Server, websocket.WebSocket], None]


def send(*texts: str) -> Still:
    return lambda _server, raw: [raw.send(text) for text in texts] and None


def send_bytes(frame: bytes) -> Still:
    return lambda _server, raw: raw.sock.sendall(frame)


def guest(server: Server, nickname: str) -> str:
    """Return a token."""
    answer = server.request("POST", "/rooms/lobby/guests", json={"nickname": nickname})
    return str(answer.json()["token"])


def end_session(server: Server, raw: websocket.WebSocket) -> None:
    """Enter with a session that is ended."""
    token = guest(server, "Brief")
    raw.send(f'40{{"token":"{token}"}}')
    raw.recv()
    server.request("POST", "/auth/logout", token)


def read_nothing(server: Server, raw: websocket.WebSocket) -> None:
    """Ask for more than the kernel keeps."""
    for text in (f'40{{"token":"{guest(server, "Deaf")}"}}', JOIN, JOIN, JOIN):
        raw.send(text)


STATES: dict[str, Still] = {
    "before it enters a namespace": send(),
    "refused by the namespace": send('40{"token":"none"}'),
    "in a namespace that there isn't": send("40/other,"),
    "entered, and no pong": send("40"),
    "joined, and no pong": send("40", JOIN),
    "left the namespace": send("40", "41"),
    "in half a frame": send_bytes(client_frame(TEXT, b"40" + b" " * 100)[:50]),
    "in half a message": send_bytes(client_frame(TEXT, b"40", final=False)),
    "told of its garbage": send_bytes(b"\xff\xff"),
    "told of its garbage after it entered": send("40", "zzz"),
    "closed, but for TCP": lambda _server, raw: raw.send_close(),
    "closed in Engine.IO alone": send("40", "1"),
    "after its session": end_session,
    "reads nothing": read_nothing,
}


def test_socket_ends_in_whatever_state_it_stands_still(hasty: Server) -> None:
    flood(hasty, 20)  # a join's answer is long
    with ExitStack() as opened:
        sockets: dict[str, socket.socket] = {}
        for name, stand in STATES.items():
            options = {"sockopt": SMALL} if name == "reads nothing" else {}
            raw = opened.enter_context(connect_raw(hasty, [], **options))
            with suppress(OSError, websocket.WebSocketException):  # a busy machine: it ended before
                stand(hasty, raw)
            sockets[name] = raw.sock

        for sock in sockets.values():
            read_end(sock)  # raises for one that stays


PROBES = {
    "nothing": [],
    "a probe": ["2probe"],
    "a probe and no pong": ["2probe", "5"],
}


@pytest.mark.parametrize("sent", PROBES.values(), ids=PROBES)
def test_websocket_ends_when_its_upgrade_stands_still(hasty: Server, sent: list[str]) -> None:
    url = hasty.url + EIO
    sid = json.loads(requests.get(url + "polling", timeout=60).text[1:])["sid"]
    requests.post(f"{url}polling&sid={sid}", "40", timeout=60)
    raw = websocket.create_connection(f"ws{url[4:]}websocket&sid={sid}")
    for text in sent:
        raw.send(text)

    read_end(raw.sock)


@pytest.mark.parametrize("entered", [False, True])
def test_polling_client_is_forgotten_when_it_never_answers(hasty: Server, entered: bool) -> None:
    url = hasty.url + EIO + "polling"
    sid = json.loads(requests.get(url, timeout=60).text[1:])["sid"]
    if entered:
        requests.post(f"{url}&sid={sid}", "40", timeout=60)

    for _ in range(20):  # each waits for a ping at most
        if requests.get(f"{url}&sid={sid}", timeout=60).status_code == 400:
            return

    raise AssertionError("it is known for ever")


def test_sockets_that_read_nothing_make_room_for_those_that_came_later(patient: Server) -> None:
    """All may hold a megabyte, each for itself a quarter of it."""
    flood(patient, 20)  # a join's answer is long
    greeting = f'40{{"token":"{guest(patient, "Deaf")}"}}'
    with ExitStack() as opened:
        deaf = [
            opened.enter_context(connect_raw(patient, [greeting], sockopt=SMALL)).sock
            for _ in range(20)
        ]
        most = count_files(patient)
        for sock in deaf:
            sock.sendall(client_frame(TEXT, JOIN.encode()) * 2)
        wait_files(patient, most - 10)
        held = count_files(patient)

    wait_files(patient, held - 3)  # some were there until they went themselves


def test_those_who_never_enter_make_room_for_those_who_do(
    tmp_path: Path, connect_javascript: ConnectJavaScript
) -> None:
    server = Server(tmp_path)
    server.command = ["sh", "-c", f"ulimit -n 256; exec {' '.join(server.command)}"]
    server.start()
    url = server.url + EIO + "polling"
    crowd = Crowd()
    try:
        crowd.connect(server.port, 60, ["40", JOIN])

        handshakes = [requests.get(url, timeout=60).status_code for _ in range(300)]
        honest = connect_javascript(server.url, transports=["polling", "websocket"])
        honest.wait("joined")

        crowd.turn(0.1)

        assert set(handshakes) == {200}
        assert (crowd.joined, crowd.lost) == (60, 0)
    finally:
        crowd.leave()
        server.kill()
