"""What one connection and one person may do, and how a refusal is told."""

import json
from typing import Any

import pytest
import requests
import socketio
import websocket

from api.live.connections import CHAT, PER_PERSON, ROOMS
from api.wire.peers import CONNECT_PACKETS, PACKET_LETTERS, PACKETS, PATIENCE
from tests.http.rooms.house import House
from tests.live.clients import Client
from tests.live.conftest import Connect, ConnectJavaScript
from tests.live.test_wire import EIO, connect_raw, read_end
from tests.wire.test_frames import client_frame

TRIES = 2 * int(CHAT[1])
"""Lines of chat of which some are too many, unless each takes more than a second."""
TEXT, BINARY, PING, PONG = 0x1, 0x2, 0x9, 0xA
FLOODS = {
    "leaving and entering the namespace": [client_frame(TEXT, b"41"), client_frame(TEXT, b"40")],
    "entering it again": [client_frame(TEXT, b"40")],
    "entering another": [client_frame(TEXT, b"40/other,")],
    "leaving one it isn't in": [client_frame(TEXT, b"41/other,")],
    "events": [client_frame(TEXT, b'42["room:leave",{"room":"lobby"}]')],
    "events that want an ack": [client_frame(TEXT, b'420["room:leave",{"room":"lobby"}]')],
    "events that there aren't": [client_frame(TEXT, b'42["no:such"]')],
    "events to a namespace it isn't in": [client_frame(TEXT, b'42/other,["no:such"]')],
    "events with something binary": [client_frame(TEXT, b'451-["no:such",{"_placeholder":true}]')],
    "acks of nothing": [client_frame(TEXT, b"431[]")],
    "pongs of Engine.IO": [client_frame(TEXT, b"3")],
    "binary messages": [client_frame(TEXT, b"bAAAA")],
    "binary frames": [client_frame(BINARY, b"x")],
    "pings": [client_frame(PING, b"")],
    "pongs": [client_frame(PONG, b"")],
    "fragments": [client_frame(0x0, b"", final=False)],
}
"""What a socket may send again and again; the frames of each are sent in turn."""


def codes(answers: list[Any]) -> list[str]:
    return [answer["error"]["code"] if not answer["ok"] else "ok" for answer in answers]


def test_flood_of_events_is_refused_and_casting_goes_on_after_it(
    house: House, connect: Connect
) -> None:
    room, burst = house.room(), int(PACKETS[1]) - CONNECT_PACKETS
    token = house.member(room)
    poll = house.poll(room)
    client, other = connect(house, token), connect(house, token)

    answers: list[Any] = []
    while "rate_limited" not in codes(answers):  # a slow machine may send so that none is too many
        for _ in range(2 * burst):
            client.emit("room:leave", {"room": room.code})
        answers = client.wait_count("ack", len(answers) + 2 * burst)

    assert codes(answers[:burst]) == ["ok"] * burst
    refused = [answer for answer in answers if not answer["ok"]]
    assert set(codes(refused)) == {"rate_limited"}
    assert {answer["error"]["retry_after"] for answer in refused} == {1}
    body = {"poll": poll["id"], "choices": []}
    assert other.call("ballot:cast", body)["ok"]  # a connection's limit, not a person's


def test_large_packets_count_as_several(house: House, connect: Connect) -> None:
    client, few = connect(house, house.newcomer()), int(PACKETS[1]) // 8
    text = "x" * 15 * PACKET_LETTERS

    acks: list[Any] = []
    while "rate_limited" not in codes(acks) and len(acks) < 4 * few:  # a slow machine earns more
        for _ in range(few):
            client.emit("no:such", text)
        acks = client.wait_count("ack", len(acks) + few)

    assert set(codes(acks)) == {"not_found", "rate_limited"}


def test_client_that_never_stops_is_dropped_at_the_transport(
    house: House, connect: Connect
) -> None:
    client = connect(house)

    for _ in range(PATIENCE + 4 * int(PACKETS[1])):
        client.emit("no:such")

    assert client.wait("disconnect") in ("transport close", "transport error")


def test_chat_is_limited_apart_and_the_text_can_be_sent_again(
    house: House, connect: Connect
) -> None:
    room = house.room()
    client = connect(house, room.host)
    client.join(room.code)

    answers = [client.call("chat:send", {"room": room.code, "text": "0"})]
    while answers[-1]["ok"]:
        line = {"room": room.code, "text": str(len(answers))}
        answers.append(client.call("chat:send", line))

    assert len(answers) > CHAT[1]
    assert codes(answers[-1:]) == ["rate_limited"]
    assert answers[-1]["error"]["retry_after"] in (1, 2)
    assert client.join(room.code)["messages"][-1]["text"] == str(len(answers) - 2)


def test_person_is_refused_readably_when_they_have_too_many_connections(
    house: House, connect: Connect, connect_javascript: ConnectJavaScript
) -> None:
    token = house.newcomer()
    clients = [connect(house, token) for _ in range(PER_PERSON)]

    refused = connect_javascript(house.url, auth={"token": token, "lang": "ko"})
    received = refused.wait("connect_error")
    clients[0].close()
    with pytest.raises(socketio.exceptions.ConnectionError):
        Client(house.url, {"token": "no token"})
    again = connect(house, token)

    assert received["message"] == received["data"]["code"] == "rate_limited"
    assert "초" in received["data"]["detail"]
    assert again.join()["ok"]


def test_connection_watches_so_many_rooms_and_the_next_when_it_has_left_one(
    house: House, connect: Connect
) -> None:
    host = house.newcomer()
    made = [house.request("POST", "/rooms", host, json={"name": "R"}) for _ in range(ROOMS + 1)]
    codes = [answer.json()["code"] for answer in made]
    client = connect(house, host)
    for code in codes[:-1]:
        assert client.join(code)["ok"]

    refused = client.call("room:join", {"room": codes[-1]})
    again = client.join(codes[0])
    unseen = client.call("room:join", {"room": "QQQQQQ"})
    client.call("room:leave", {"room": codes[0]})
    after = client.join(codes[-1])

    (fault,) = refused["error"]["errors"]
    assert (fault["field"], fault["code"]) == ("room", "too_many")
    assert str(ROOMS) in fault["detail"]
    assert again["ok"]
    assert after["ok"]
    assert unseen["error"]["code"] == "not_found"
    assert connect(house, host).join(codes[-1])["presence"]["online"] == 1


@pytest.mark.parametrize("frames", FLOODS.values(), ids=FLOODS)
def test_socket_is_dropped_whatever_it_floods(house: House, frames: list[bytes]) -> None:
    with connect_raw(house, ["40"]) as raw:
        if frames == FLOODS["fragments"]:
            raw.sock.sendall(client_frame(TEXT, b"", final=False))
        try:
            for _ in range(20):
                raw.sock.sendall(b"".join(frames) * (PATIENCE // 5))
        except OSError:
            return

        read_end(raw.sock)  # raises where the server doesn't close


@pytest.mark.parametrize("packet", ["3", "41", "40", "42[]", '42["no:such"]', "431[]", "bAAAA"])
def test_polling_client_is_dropped_when_one_request_holds_a_flood(
    house: House, packet: str
) -> None:
    url = house.url + EIO + "polling"
    sid = json.loads(requests.get(url, timeout=60).text[1:])["sid"]
    requests.post(f"{url}&sid={sid}", "40", timeout=60)

    received = requests.post(f"{url}&sid={sid}", "\x1e".join([packet] * 5_000), timeout=60)

    assert received.status_code == 400
    assert requests.get(f"{url}&sid={sid}", timeout=60).status_code == 400


def told_of(raw: websocket.WebSocket, ack: int) -> str:
    """Return what an ack says, "ok" or a code."""
    text = raw.recv()
    while not text.startswith(f"43{ack}["):
        text = raw.recv()
    (answer,) = json.loads(text[text.index("[") :])
    return "ok" if answer["ok"] else str(answer["error"]["code"])


def test_limit_of_events_stays_when_the_namespace_is_entered_again(house: House) -> None:
    leave = '["room:leave",{"room":"lobby"}]'
    with connect_raw(house, ["40"]) as raw:
        spent = range(int(PACKETS[1]) - 3 * CONNECT_PACKETS)
        for number in spent:
            raw.send(f"42{number}{leave}")
        assert {told_of(raw, number) for number in spent} == {"ok"}
        raw.send("41")
        raw.send("40")
        again = range(100, 140)
        for number in again:
            raw.send(f"42{number}{leave}")
        received = [told_of(raw, number) for number in again]

    assert "rate_limited" in received


@pytest.mark.parametrize("again", ["namespace", "socket"])
def test_limit_of_chat_stays_when_one_comes_back(house: House, again: str) -> None:
    room = house.room()
    greeting = f'40{{"token":"{room.host}"}}'
    chat = json.dumps(["chat:send", {"room": room.code, "text": "once more"}])
    received: list[str] = []
    if again == "namespace":
        with connect_raw(house, [greeting]) as raw:
            for number in range(TRIES):
                raw.send(f"42{number}{chat}")
                received.append(told_of(raw, number))
                if number == int(CHAT[1]) // 2:
                    raw.send("41")
                    raw.send(greeting)
    else:
        for number in range(TRIES):
            with connect_raw(house, [greeting]) as raw:
                raw.send(f"42{number}{chat}")
                received.append(told_of(raw, number))

    assert received[: int(CHAT[1])] == ["ok"] * int(CHAT[1])
    assert "rate_limited" in received
