"""No packet costs much, however it is made: every event is sent the expensive ones."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import websocket

from api.documents.asyncapi import CLIENT_EVENTS
from api.problems import BODY_BYTES
from schemas.validation import Schema
from tests.hostile import ANSWER_BYTES, PILE, Meter, json_bodies, repeat
from tests.http.rooms.house import House
from tests.live.test_wire import EIO, WITHIN
from tests.server import Server

PACKETS = {
    "a long name": repeat(b'420["', b"a", b'"]'),
    "a name of marks": repeat(b'420["a', PILE.encode(), b'"]'),
    "a name of escapes": repeat(b'420["', rb"\ud800", b'"]'),
    "many arguments": repeat(b'420["room:join"', b",{}", b"]"),
    "places of bytes": repeat(b'420["room:join"', b',{"_placeholder":true,"num":0}', b"]"),
    "a long id": repeat(b"42", b"9", b'["room:join",{}]'),
    "many attachments": repeat(b"45", b"9", b'-["room:join",{}]'),
    "a long namespace": repeat(b"42/", b"a", b',0["room:join",{}]'),
    "a query of a namespace": repeat(b"40/?", b"a=1&", b",{}"),
    "a long token": repeat(b'40{"token":"', b"a", b'"}'),
    "a wide token": repeat(b'40{"token":[', b"{},", b"1]}"),
    "open lists": repeat(b"42", b"["),
    "an ack of lists": repeat(b"431[", b"[],", b"1]"),
    "separators": repeat(b"42", b"\x1e"),
}


class Socket:
    """A WebSocket by hand; one that the server closes is opened again."""

    def __init__(self, house: House) -> None:
        self._house, self._raw = house, websocket.WebSocket()

    def send(self, packet: bytes) -> None:
        """Send a packet, and wait until it has been handled; an ack may be only so long."""
        if not self._raw.connected:
            self._raw = websocket.create_connection(
                self._house.url.replace("http", "ws") + EIO + "websocket", timeout=WITHIN
            )
            self._receive("0")
            self._raw.send('40{"token":"%s"}' % self._house.administrator)  # noqa: UP031
            self._receive("40")
        try:
            self._raw.send(packet, websocket.ABNF.OPCODE_TEXT)
            self._raw.send('427["no:such"]')  # handled after it
            while not (received := self._receive("4")).startswith("437"):
                assert len(received) <= ANSWER_BYTES, received[:100]
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            self._raw.close()

    def _receive(self, start: str) -> str:
        while not (received := str(self._raw.recv())).startswith(start):
            if received == "2":
                self._raw.send("3")
            elif not received:
                raise ConnectionError
        return received


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("house"), people=3, RATE_LIMITS="off")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def meter(house: House) -> Iterator[Meter]:
    made = Meter(house)
    yield made
    made.close()


def expensive(event: str) -> Iterator[tuple[str, bytes]]:
    """Yield packets of the largest size with an event, each after what it is."""
    asks: Any = CLIENT_EVENTS[event].payload if event in CLIENT_EVENTS else None
    definition = asks.definition if isinstance(asks, Schema) else {}
    before, after = b'420["%s",' % event.encode(), b"]"
    for what, body in json_bodies(definition, BODY_BYTES - len(before + after)):
        yield what, before + body + after


@pytest.mark.parametrize("event", [*sorted(CLIENT_EVENTS.keys() - {"connect"}), "no:such"])
def test_refusing_an_event_costs_little_however_it_is_made(
    house: House, meter: Meter, event: str
) -> None:
    socket = Socket(house)

    for what, packet in expensive(event):
        socket.send(b'420["no:such"]')  # opened, if it was closed
        meter.check(what, len(packet), partial(socket.send, packet))


@pytest.mark.parametrize("what", PACKETS)
def test_refusing_a_packet_costs_little_however_it_is_made(
    house: House, meter: Meter, what: str
) -> None:
    socket, packet = Socket(house), PACKETS[what](BODY_BYTES)

    socket.send(b'420["no:such"]')

    meter.check(what, len(packet), partial(socket.send, packet))


POLLED = {
    "separators": repeat(b"", b"\x1e"),
    "pongs": repeat(b"3", b"\x1e3"),
    "empty messages": repeat(b"4", b"\x1e4"),
    "connections": repeat(b"40", b"\x1e40"),
    "events": repeat(b"40", b'\x1e420["no:such"]'),
    "one event": repeat(b'40\x1e420["room:join",', b"[],", b"1]]"),
    "binary": repeat(b"b", b"A"),
    "no text": repeat(b"4", b"\xff"),
    "letters": repeat(b"", b"a"),
}


@pytest.fixture(scope="module")
def limited(shared_server: Server) -> Iterator[Meter]:
    """Measure a server with its limits: one payload may hold thousands of packets."""
    made = Meter(shared_server)
    yield made
    made.close()


@pytest.mark.parametrize("what", POLLED)
def test_refusing_a_polled_payload_costs_little_however_it_is_made(
    shared_server: Server, limited: Meter, what: str
) -> None:
    path, payload = f"{EIO}polling", POLLED[what](BODY_BYTES)

    def send() -> None:
        sid = json.loads(shared_server.request("GET", path).text[1:])["sid"]
        answer = shared_server.request("POST", f"{path}&sid={sid}", data=payload)
        assert answer.status_code in (200, 400), answer.text
        assert len(answer.content) <= ANSWER_BYTES
        shared_server.request("GET", "/healthz")  # what was taken has been begun

    limited.check(what, len(payload), send)
