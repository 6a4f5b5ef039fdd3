"""What one connection and one person may do, and how a refusal is told."""

from typing import Any

import pytest
import socketio

from api.live.connections import CHAT, EVENTS, PATIENCE, PER_PERSON
from tests.http.rooms.house import House
from tests.live.clients import Client
from tests.live.conftest import Connect, ConnectJavaScript


def codes(answers: list[Any]) -> list[str]:
    return [answer["error"]["code"] if not answer["ok"] else "ok" for answer in answers]


def test_flood_of_events_is_refused_and_casting_goes_on_after_it(
    house: House, connect: Connect
) -> None:
    room, burst = house.room(), int(EVENTS[1])
    token = house.member(room)
    poll = house.poll(room)
    client, other = connect(house, token), connect(house, token)

    for _ in range(2 * burst):
        client.emit("room:leave", {"room": room.code})
    answers = client.wait_count("ack", 2 * burst)

    assert codes(answers[:burst]) == ["ok"] * burst
    refused = [answer for answer in answers if not answer["ok"]]
    assert len(refused) >= burst / 2
    assert set(codes(refused)) == {"rate_limited"}
    assert {answer["error"]["retry_after"] for answer in refused} == {1}
    body = {"poll": poll["id"], "choices": []}
    assert other.call("ballot:cast", body)["ok"]  # a connection's limit, not a person's


def test_client_that_never_stops_is_dropped_at_the_transport(
    house: House, connect: Connect
) -> None:
    client = connect(house)

    for _ in range(PATIENCE + 4 * int(EVENTS[1])):
        client.emit("no:such")

    assert client.wait("disconnect") in ("transport close", "transport error")


def test_chat_is_limited_apart_and_the_text_can_be_sent_again(
    house: House, connect: Connect
) -> None:
    room = house.room()
    client = connect(house, room.host)
    client.join(room.code)

    answers = [
        client.call("chat:send", {"room": room.code, "text": str(number)})
        for number in range(int(CHAT[1]) + 2)
    ]

    assert codes(answers) == ["ok"] * int(CHAT[1]) + ["rate_limited"] * 2
    assert answers[-1]["error"]["retry_after"] in (1, 2)
    assert client.join(room.code)["messages"][-1]["text"] == str(int(CHAT[1]) - 1)


def test_person_is_refused_readably_when_they_have_too_many_connections(
    house: House, connect: Connect, connect_javascript: ConnectJavaScript
) -> None:
    token = house.newcomer()
    clients = [connect(house, token) for _ in range(PER_PERSON)]

    refused = connect_javascript(house.url, auth={"token": token, "lang": "ko"})
    told = refused.wait("connect_error")
    clients[0].close()
    with pytest.raises(socketio.exceptions.ConnectionError):
        Client(house.url, {"token": "no token"})
    again = connect(house, token)

    assert told["message"] == told["data"]["code"] == "rate_limited"
    assert "초" in told["data"]["detail"]
    assert again.join()["ok"]
