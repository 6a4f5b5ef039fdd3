"""Guests: a nickname, good in one room."""

from typing import Any

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room
from tests.live.clients import Client


def enter(house: House, room: Room, nickname: Any) -> Any:
    return house.request("POST", f"{room.path}/guests", json={"nickname": nickname})


def test_guest_gets_a_token_good_in_that_room_alone(house: House) -> None:
    room, other = house.room(), house.room()

    answer = enter(house, room, " 손님 ")

    assert answer.status_code == 201
    assert answer.headers["Location"]
    document = answer.json()
    assert document["guest"] == {"id": document["guest"]["id"], "nickname": "손님"}
    messages = [
        house.request("GET", f"{each.path}/messages", document["token"]) for each in (room, other)
    ]
    assert [answer.status_code for answer in messages] == [200, 403]


@pytest.mark.parametrize("same", ["Ann", " ann ", "\uff21\uff2e\uff2e"])
def test_nickname_is_taken_while_somebody_holds_it_or_the_roll_bears_it(
    house: House, same: str
) -> None:
    held, listed, other = house.room(), house.room(), house.room()
    enter(house, held, "Ann")
    house.enrol(listed, {"name": "Ann"})

    assert refusal(enter(house, held, same)) == (409, "nickname_taken")
    assert refusal(enter(house, listed, same)) == (409, "nickname_taken")
    assert enter(house, other, same).status_code == 201


@pytest.mark.parametrize(
    ("nickname", "fault"),
    [("", "empty"), ("  ", "empty"), ("x" * 41, "too_long"), (3, "wrong_type")],
)
def test_invalid_nickname_is_refused(house: House, nickname: Any, fault: str) -> None:
    assert faults(enter(house, house.room(), nickname)) == {"nickname": fault}


def test_nickname_is_taken_while_somebody_present_bears_it(house: House) -> None:
    room, account = house.room(), house.account()
    client = Client(house.url, {"token": house.token_of(account)})
    try:
        joined = client.call("room:join", {"room": room.code})
        there = enter(house, room, account.name)
    finally:
        client.close()
    asleep = enter(house, room, account.name)  # a phone that sleeps stays in the hall

    assert joined["ok"] is True
    assert refusal(there) == refusal(asleep) == (409, "nickname_taken")
