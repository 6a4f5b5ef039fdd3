"""Sockets as they misbehave: garbage, halves, silence, no reading; and as many as there may be."""

import json
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import requests
import websocket

from api.documents.asyncapi import CLIENT_EVENTS
from bench.live_clients import Crowd
from tests.http.rooms.house import until
from tests.live.clients import order_of
from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import Server
from tests.wire.test_frames import client_frame

EIO = "/socket.io/?EIO=4&transport="
WITHIN = 120.0
TEXT, CONTINUATION = 0x1, 0x0
SMALL = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),)
JOIN = '420["room:join",{"room":"lobby"}]'
GARBAGE = {
    "unmasked": (b"\x81\x05hello", 1002),
    "reserved bit": (b"\xc1\x80\0\0\0\0", 1002),
    "reserved opcode": (client_frame(0x3, b"x"), 1002),
    "not a frame": (b"GET / HTTP/1.1\r\n\r\n", 1002),
    "too big by its header": (b"\x81\xff" + (1 << 40).to_bytes(8, "big"), 1009),
    "too big in sum": (
        client_frame(TEXT, b"x" * 40_000, final=False) + client_frame(CONTINUATION, b"x" * 40_000),
        1009,
    ),
    "no text": (client_frame(TEXT, b"4\xff\xfe"), 1007),
    "empty": (client_frame(TEXT, b""), 1002),
    "no engine.io": (client_frame(TEXT, b"zzz"), 1002),
    "no socket.io": (client_frame(TEXT, b"4zzz"), 1002),
    "no event": (client_frame(TEXT, b"42{}"), 1002),
    "no name": (client_frame(TEXT, b"42[1]"), 1002),
    "no json": (client_frame(TEXT, b"42[" + b"[" * 30_000), 1002),
    "no packet": (client_frame(TEXT, b"49[]"), 1002),
    "no ack": (client_frame(TEXT, b"430[]"), 1002),
}


class AnsweringSocket(websocket.WebSocket):
    """Answers Engine.IO's pings, which may come before anything else, and returns the rest."""

    def recv(self) -> Any:
        while (text := super().recv()) == "2":
            self.send("3")
        return text


@contextmanager
def connect_raw(
    server: Server, outgoing: list[str], **options: Any
) -> Iterator[websocket.WebSocket]:
    """Open a WebSocket by hand, and say some things after Engine.IO's greeting."""
    url = server.url.replace("http", "ws") + EIO + "websocket"
    raw = websocket.create_connection(url, timeout=WITHIN, class_=AnsweringSocket, **options)
    assert raw.recv().startswith("0")
    for text in outgoing:
        raw.send(text)
        raw.recv()
    yield raw
    raw.shutdown()


def read_end(sock: socket.socket) -> None:
    """Return once the server has closed; a timeout raises."""
    sock.settimeout(WITHIN)
    try:
        while sock.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass


def count_files(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def wait_files(server: Server, most: int) -> None:
    """Return once the server has no more files open than so many."""
    deadline = time.monotonic() + WITHIN
    while count_files(server) > most and time.monotonic() < deadline:
        time.sleep(0.05)
    assert count_files(server) <= most


@pytest.mark.parametrize(("sent", "code"), GARBAGE.values(), ids=GARBAGE)
def test_socket_is_sent_why_it_is_closed_when_it_sends_garbage(
    shared_server: Server, sent: bytes, code: int
) -> None:
    with connect_raw(shared_server, ["40"]) as raw:
        raw.sock.sendall(sent)

        _, received = raw.recv_data()

        assert int.from_bytes(received[:2], "big") == code
        read_end(raw.sock)
    assert shared_server.request("GET", "/healthz").status_code == 200


@pytest.mark.parametrize("event", sorted(CLIENT_EVENTS.keys() - {"connect"}))
def test_event_is_refused_when_a_key_comes_twice(shared_server: Server, event: str) -> None:
    with connect_raw(shared_server, ["40"]) as raw:
        raw.send('420["%s",{"room":[{"a":1,"a":1}]}]' % event)  # noqa: UP031

        (ack,) = json.loads(raw.recv().removeprefix("430"))

        (fault,) = ack["error"]["errors"]
        assert (fault["field"], fault["code"]) == ("room.0.a", "duplicate")


def test_connection_is_refused_when_a_key_comes_twice(shared_server: Server) -> None:
    with connect_raw(shared_server, []) as raw:
        raw.send('40{"token":"a","token":"b"}')

        received = json.loads(raw.recv().removeprefix("44"))

        assert received["data"]["errors"][0]["field"] == "token"


def test_frame_is_understood_when_it_comes_byte_by_byte(shared_server: Server) -> None:
    with connect_raw(shared_server, ["40"]) as raw:
        for byte in client_frame(TEXT, JOIN.encode()):
            raw.sock.sendall(bytes((byte,)))

        assert '"ok":true' in raw.recv()


def test_message_before_the_end_is_handled_when_both_come_at_once(
    shared_server: Server,
) -> None:
    guest = shared_server.request("POST", "/rooms/lobby/guests", json={"nickname": "Brief"})
    token = guest.json()["token"]
    outgoing = b'42["chat:send",{"room":"lobby","text":"and gone"}]'
    with connect_raw(shared_server, [f'40{{"token":"{token}"}}']) as raw:
        raw.sock.sendall(client_frame(TEXT, outgoing) + client_frame(TEXT, b"1"))
        read_end(raw.sock)

    def heard() -> list[str]:
        received = shared_server.request("GET", "/rooms/lobby/messages", token)
        return [message["text"] for message in received.json()["items"]]

    until(lambda: "and gone" in heard())


def test_ping_is_answered_and_nothing_is_compressed(shared_server: Server) -> None:
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    with connect_raw(shared_server, ["40"], header=offer) as raw:
        assert "sec-websocket-extensions" not in raw.getheaders()

        raw.ping("still there?")

        assert raw.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"still there?")


def test_only_the_last_ping_is_answered_when_many_come_at_once(shared_server: Server) -> None:
    with connect_raw(shared_server, ["40"]) as raw:
        raw.sock.sendall(b"".join(client_frame(0x9, b"%d" % number) for number in range(400)))

        pongs = [raw.recv_data(control_frame=True)[1]]
        while pongs[-1] != b"399":
            pongs.append(raw.recv_data(control_frame=True)[1])

    assert len(pongs) < 40


def test_upgrade_with_an_invalid_handshake_is_refused(shared_server: Server) -> None:
    url = shared_server.url + EIO
    sid = json.loads(requests.get(url + "polling", timeout=60).text[1:])["sid"]
    head = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "8"}

    received = [
        requests.get(url + "websocket" + more, headers=head, timeout=60).status_code
        for more in ("", f"&sid={sid}", f"&sid={sid}")
    ]

    assert received == [400, 400, 400]


@pytest.mark.parametrize(
    "body", ["zzz", "4zzz", "42{}", "\x1e\x1e", "2probe", "4" * 100_000, "\udcff"]
)
def test_polling_client_is_refused_when_it_sends_garbage(shared_server: Server, body: str) -> None:
    url = shared_server.url + EIO + "polling"
    sid = json.loads(requests.get(url, timeout=60).text[1:])["sid"]
    requests.post(f"{url}&sid={sid}", "40", timeout=60)

    received = requests.post(
        f"{url}&sid={sid}", body.encode("utf-8", "surrogateescape"), timeout=60
    )

    assert received.status_code in (200, 400)
    assert requests.get(f"{url}&sid={sid}", timeout=60).status_code == 400


def test_nothing_changes_when_another_websocket_library_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib" / "geventwebsocket").mkdir(parents=True)
    (tmp_path / "lib" / "geventwebsocket" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    server = Server(tmp_path).start()

    try:
        with connect_raw(server, ["40"]) as raw:
            raw.send(JOIN)
            assert '"ok":true' in raw.recv()
    finally:
        server.kill()


UPDATES, STALL_SECONDS = 10, 120.0
"""How many tallies a quick reader is told while a slow one reads nothing, and within what time:
after fifteen seconds the slow one would be let go."""


def flood(server: Server, messages: int) -> None:
    """Send long messages into the lobby's chat, several at once, each by a new guest."""

    def chat(number: int) -> None:
        guest = {"nickname": f"Guest {number} {time.monotonic()}"}
        token = server.request("POST", "/rooms/lobby/guests", json=guest).json()["token"]
        outgoing = {"room": "lobby", "text": f"{number} " + "가" * 1_990}
        with connect_raw(server, [f'40{{"token":"{token}"}}', JOIN]) as raw:
            raw.send("421" + json.dumps(["chat:send", outgoing]))
            while not raw.recv().startswith("431"):
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(chat, range(messages)))


def test_connections_are_closed_when_they_do_not_go_on(server: Server) -> None:
    """All at once, for the seconds of it."""
    ann = server.sign_up("ann")
    before = count_files(server)
    address = ("127.0.0.1", server.port)
    silent, half, trickling = (socket.create_connection(address) for _ in range(3))
    half.sendall(b"PUT /polls/1/ballot HTTP/1.1\r\nHost: x\r\n")
    trickling.sendall(b"GET / HTTP/1.1\r\n")
    greeting = f'40{{"token":"{ann}"}}'
    with (
        connect_raw(server, []) as unjoined,
        connect_raw(server, []) as deaf,
        connect_raw(server, [greeting, JOIN], sockopt=SMALL),  # and it never reads again
    ):
        deaf.sock.sendall(b"\xff\xff")  # it is told that it is closed, and never answers
        flood(server, 25)

        for sock in (silent, half, trickling, unjoined.sock):
            read_end(sock)
        wait_files(server, before)

    assert server.request("GET", "/healthz").status_code == 200


def test_slow_reader_holds_the_newest_tally_and_a_whole_stream_when_it_reads_again(
    server: Server, connect: Connect
) -> None:
    quick = connect(server)
    quick.join()
    ann = server.sign_up("ann")
    greeting = f'40{{"token":"{ann}"}}'
    with connect_raw(server, [greeting], sockopt=SMALL) as slow:
        slow.send(JOIN)

        flood(server, 40)
        votes, deadline = 0, time.monotonic() + STALL_SECONDS
        while len(quick.received("tally:update")) < UPDATES and time.monotonic() < deadline:
            votes += 1
            server.cast(ann, [votes % 10 + 1])
        server.cast(ann, [7])
        newest = order_of(server.results())

        received = []
        while not received or order_of(received[-1]) < newest:
            text = slow.recv()
            kind, _, rest = text.partition("[")
            if kind == "42":
                event, data = json.loads("[" + rest)
                received += [data] if event == "tally:update" else []

    assert [order_of(each) for each in received] == sorted(order_of(each) for each in received)
    assert {row["candidate"]: row["votes"] for row in received[-1]["tally"] if row["votes"]} == {
        7: 1
    }
    assert 2 * len(received) < UPDATES <= len(quick.received("tally:update"))


def test_client_that_finds_the_server_full_comes_back_when_there_is_room(
    tmp_path: Path, connect_javascript: ConnectJavaScript
) -> None:
    server = Server(tmp_path)
    command = " ".join(server.command)
    server.command = ["sh", "-c", f"ulimit -n 256; exec {command}"]
    server.start()
    crowd = Crowd()
    try:
        crowd.connect(server.port, 96, ["40", JOIN])
        refused = requests.get(
            server.url + EIO + "polling", headers={"Accept-Language": "ko"}, timeout=60
        )
        late = connect_javascript(server.url)
        late.wait("connect_error")

        crowd.leave()

        late.wait("joined", within=WITHIN)
    finally:
        crowd.leave()
        server.kill()
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["Retry-After"] == str(refused.json()["retry_after"])
    assert "자리" in refused.json()["detail"]


def test_memory_comes_back_when_clients_go(server: Server) -> None:
    def visit() -> int:
        crowd = Crowd()
        crowd.connect(server.port, 300, ["40", JOIN])
        crowd.leave()
        wait_files(server, before)
        return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * 4096

    before = count_files(server)
    sizes = [visit() for _ in range(8)]

    # a table that doubles makes one visit large, what isn't freed makes each
    grown = median(after - size for size, after in pairwise(sizes[2:]))
    assert grown / 300 < 1_024


def test_votes_are_answered_when_a_crowd_comes_back_at_once(server: Server) -> None:
    ann = server.sign_up("ann")
    crowd = Crowd()
    crowd.connect(server.port, 300, ["40", JOIN])
    server.kill()
    server.start()
    crowd.leave()

    with ThreadPoolExecutor(1) as pool:
        joined = pool.submit(crowd.connect, server.port, 300, ["40", JOIN])
        votes = [server.cast(ann, [1 + number % 10]).status_code for number in range(20)]

    assert set(votes) <= {200, 201}
    assert joined.result()["joined"] == 300
    crowd.leave()
