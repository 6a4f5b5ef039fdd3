"""Guest hosts: a room by a name alone, on one device, until an account becomes its host."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.limits import GUEST_ROOMS
from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room
from tests.server import Server


def start(house: Server, **fields: Any) -> Any:
    return house.request("POST", "/rooms", json={"name": "Club", "host": "Kim", **fields})


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    server = Server(folder, **settings).start()
    yield server
    server.kill()


@pytest.fixture
def started(house: House) -> Any:
    return start(house).json()


def keep(house: House, code: str, account: str, token: str) -> Any:
    return house.request("POST", f"/rooms/{code}/keep", account, json={"token": token})


def test_stranger_with_a_name_hosts_the_room_that_they_start(house: House) -> None:
    answer = start(house)

    assert answer.status_code == 201
    made = answer.json()
    assert (made["host"]["name"], made["host"]["role"]) == ("Kim", "host")
    room = Room(made["room"]["code"], made["token"])
    poll = house.poll(room, eligibility="anyone")
    assert house.vote(room.host, poll, 0).status_code == 201


def test_stranger_without_a_name_is_asked_to_sign_in(house: House) -> None:
    answer = house.request("POST", "/rooms", json={"name": "Club"})

    assert refusal(answer) == (401, "unauthenticated")


def test_account_that_gives_a_guest_hosts_name_is_refused(house: House) -> None:
    body = {"name": "Club", "host": "Kim"}

    answer = house.request("POST", "/rooms", house.newcomer(), json=body)

    assert faults(answer) == {"host": "not_allowed"}


def test_guest_host_keeps_hosting_when_everybody_gets_a_code(house: House, started: Any) -> None:
    room = Room(started["room"]["code"], started["token"])
    house.enrol(room, {"name": "Lee"})

    made = house.request("POST", f"{room.path}/roll/codes", room.host, json={}).json()

    assert [item["name"] for item in made["items"]] == ["Lee"]
    assert house.roll(room)


def test_account_takes_over_the_room_and_ends_the_token(house: House, started: Any) -> None:
    code, account = started["room"]["code"], house.newcomer()

    answer = keep(house, code, account, started["token"])

    assert answer.status_code == 200
    room = house.request("GET", f"/rooms/{code}", account).json()
    assert room["expires_at"] is None
    assert len(house.roll(Room(code, account))) == 1
    ended = house.request("GET", f"/rooms/{code}/roll", started["token"])
    assert refusal(ended) == (401, "token_invalid")


def test_account_that_claims_the_hosts_code_keeps_the_room(house: House, started: Any) -> None:
    room, account = Room(started["room"]["code"], started["token"]), house.newcomer()

    house.claim(room, started["host"]["id"], account)

    assert house.request("GET", room.path, account).json()["expires_at"] is None


@pytest.mark.parametrize("whose", ["voter", "other room", "nobody"])
def test_token_of_no_guest_host_gives_no_room(house: House, started: Any, whose: str) -> None:
    room = Room(started["room"]["code"], started["token"])
    shown = {
        "voter": lambda: house.tablet(room),
        "other room": lambda: str(start(house).json()["token"]),
        "nobody": lambda: "x",
    }[whose]()

    answer = keep(house, room.code, house.newcomer(), shown)

    assert refusal(answer) == (403, "forbidden")


def test_second_account_cannot_take_the_room_by_an_ended_token(house: House, started: Any) -> None:
    code = started["room"]["code"]
    keep(house, code, house.newcomer(), started["token"])

    answer = keep(house, code, house.newcomer(), started["token"])

    assert refusal(answer) == (403, "forbidden")


@pytest.mark.parametrize("setting", [{"GUEST_HOSTS": "off"}, {"SIGNUP": "invite"}])
def test_stranger_starts_no_room_where_the_operator_forbids_it(
    tmp_path: Path, setting: dict[str, str]
) -> None:
    with serving(tmp_path, **setting) as server:
        rules = server.request("GET", "/auth/signup").json()

        assert refusal(start(server)) == (401, "unauthenticated")
        assert rules["guest_hosts"] is False


def test_address_starts_only_so_many_rooms_an_hour(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        started = [start(server).status_code for _ in range(GUEST_ROOMS[0])]

        assert started == [201] * GUEST_ROOMS[0]
        assert refusal(start(server)) == (429, "rate_limited")
