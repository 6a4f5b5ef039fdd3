"""A room that one may not see is, in every event and form, as one that is not there."""

from typing import Any

import pytest

from tests.http.rooms.everybody import OUTSIDERS, everybody
from tests.http.rooms.house import House, until
from tests.live.conftest import Connect

FORMS: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "unknown field": {"colour": "red"},
    "wrong types": {"text": 1, "status": 1, "choices": "x", "as": 1, "key": 1},
    "NUL": {"text": "\0", "status": "\0", "as": "\0", "key": "\0"},
    "too long": {"text": "x" * 3_000, "choices": [1] * 3_000},
    "two kinds of marks": {"choices": [], "scores": {}},
}


@pytest.fixture(scope="module")
def rooms(house: House) -> tuple[dict[str, str | None], list[dict[str, Any]]]:
    room = house.room(visibility="members")
    tokens = everybody(house, room, house.room(), "members")
    poll = house.poll(room, eligibility="roll")["id"]
    return tokens, [{"room": room.code, "poll": poll}, {"room": "QQQQQQ", "poll": 10**9}]


@pytest.mark.parametrize("form", FORMS)
def test_unseen_room_is_as_one_that_is_not_there(
    house: House,
    connect: Connect,
    rooms: tuple[dict[str, str | None], list[dict[str, Any]]],
    form: str,
) -> None:
    tokens, places = rooms
    for who in OUTSIDERS:
        client = connect(house, tokens[who])
        for event, address, own in (
            ("room:join", "room", {}),
            ("room:leave", "room", {}),
            ("presence:set", "room", {"status": "online"}),
            ("chat:send", "room", {"text": "hello"}),
            ("ballot:cast", "poll", {"choices": []}),
        ):
            acks = [
                client.call(event, {address: place[address], **own, **FORMS[form]})
                for place in places
            ]

            assert acks[0] == acks[1], (who, event)


def test_form_is_looked_at_only_in_a_session(house: House, connect: Connect) -> None:
    def ask() -> Any:
        token = house.newcomer()
        client = connect(house, token)
        house.request("POST", "/auth/logout", token)
        return client.call_before_the_end("chat:send", {"colour": "red"})

    ack = until(ask)

    assert ack["error"]["code"] == "token_invalid"
