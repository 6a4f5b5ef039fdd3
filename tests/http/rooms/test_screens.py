"""A screen's token: what it may see of its room, and that it is nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http.hall import refusal
from tests.http.rooms.house import House, Room


def make_screen(house: House, room: Room) -> dict[str, Any]:
    """Let the host make a token for a screen; return the answer's document."""
    made = house.request("POST", f"{room.path}/screen-token", room.host)
    assert made.status_code == 201, made.text
    document: dict[str, Any] = made.json()
    return document


@pytest.mark.parametrize("visibility", ["public", "members"])
def test_screen_sees_its_room_as_a_stranger_sees_a_public_one(
    house: House, visibility: str
) -> None:
    room = house.room(visibility=visibility)
    token = make_screen(house, room)["token"]
    statuses = {
        path: house.request("GET", room.path + path, token).status_code
        for path in ("", "/polls", "/presence", "/qr.svg", "/messages", "/roll", "/attendance")
    }

    seen = {path for path, status in statuses.items() if status == 200}

    assert seen == {"", "/polls", "/presence", "/qr.svg"}
    assert house.request("GET", f"{room.path}/presence", token).json()["people"] is None


def test_screen_never_votes(house: House) -> None:
    room = house.room()
    token, poll = make_screen(house, room)["token"], house.poll(room, "open", eligibility="anyone")

    answer = house.cast(token, [poll["candidates"][0]["id"]], poll=poll["id"])

    assert refusal(answer) == (403, "not_eligible")
    assert house.request("GET", f"/polls/{poll['id']}/results", token).json()["ballots"] == 0


def test_screen_sees_no_other_room_of_members(house: House) -> None:
    token = make_screen(house, house.room(visibility="members"))["token"]
    other = house.room(visibility="members")

    assert refusal(house.request("GET", other.path, token)) == (404, "not_found")


def test_screen_has_no_account(house: House) -> None:
    token = make_screen(house, house.room())["token"]

    assert refusal(house.request("GET", "/auth/me", token)) == (403, "forbidden")
    assert refusal(house.request("POST", "/rooms", token, json={"name": "x"})) == (
        403,
        "forbidden",
    )


def test_screens_are_ended_by_their_host_and_only_theirs(house: House) -> None:
    room, other = house.room(), house.room()
    first, second, elsewhere = (make_screen(house, each)["token"] for each in (room, room, other))

    ended = house.request("DELETE", f"{room.path}/screen-token", room.host)

    assert ended.status_code == 204
    for token in (first, second):
        assert refusal(house.request("GET", room.path, token)) == (401, "token_invalid")
    assert house.request("GET", other.path, elsewhere).status_code == 200
    again = make_screen(house, room)["token"]
    assert house.request("GET", room.path, again).status_code == 200


def test_screen_token_lasts_seven_days(house: House) -> None:
    until = datetime.fromisoformat(make_screen(house, house.room())["expires_at"])

    left = until - datetime.now(UTC)

    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_screen_tokens_are_a_hosts_alone(house: House, method: str) -> None:
    path = f"{house.room().path}/screen-token"

    assert refusal(house.request(method, path)) == (401, "unauthenticated")
    assert refusal(house.request(method, path, house.newcomer())) == (403, "forbidden")
