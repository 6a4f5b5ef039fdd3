"""One's own account: a new name, a new password, and what ends with the old one."""

from functools import partial

import pytest

from tests.at_once import at_once
from tests.http.hall import PASSWORD, faults, refusal
from tests.http.rooms.house import House
from tests.server import Server

ME = "/auth/me"
NEW = {"password": "battery-staple", "current_password": PASSWORD}


def test_name_is_changed_where_the_account_gave_it(house: House) -> None:
    room = house.room()

    answer = house.request("PATCH", ME, room.host, json={"name": "  새 이름 "})

    assert answer.json()["name"] == "새 이름"
    assert house.request("GET", ME, room.host).json()["name"] == "새 이름"
    assert [row["name"] for row in house.roll(room)] == ["새 이름"]


def test_name_stays_on_a_roll_that_a_host_wrote(house: House) -> None:
    account = house.account()
    token, room = house.token_of(account), house.room(trust_email=True)
    house.enrol(room, {"name": "As written", "email": account.email, "role": "host"})

    house.request("PATCH", ME, token, json={"name": "Otherwise"})

    assert "As written" in [row["name"] for row in house.roll(room)]


def test_password_is_changed_and_ends_every_other_session(house: House) -> None:
    account = house.account()
    asking, other = house.token_of(account), house.token_of(account)

    answer = house.request("PATCH", ME, asking, json=NEW)

    assert answer.json().keys() >= {"id", "email", "name", "token", "expires_at"}
    assert house.request("GET", ME, answer.json()["token"]).status_code == 200
    for token in (asking, other):
        assert refusal(house.request("GET", ME, token)) == (401, "token_invalid")
    assert house.sign_in(account.email, NEW["password"])
    old = {"email": account.email, "password": PASSWORD}
    assert refusal(house.request("POST", "/auth/login", json=old)) == (401, "bad_credentials")


def test_password_and_sessions_hold_when_the_server_starts_again(server: Server) -> None:
    ended = server.sign_up("ann")
    kept = server.request("PATCH", ME, ended, json=NEW).json()["token"]

    server.kill()
    server.start()

    assert refusal(server.request("GET", ME, ended)) == (401, "token_invalid")
    assert server.request("GET", ME, kept).status_code == 200


def test_password_stays_when_the_current_one_is_wrong(house: House) -> None:
    account = house.account()
    token = house.token_of(account)

    answer = house.request("PATCH", ME, token, json={**NEW, "current_password": "wrong-horse"})

    assert refusal(answer) == (401, "bad_credentials")
    assert house.request("GET", ME, token).status_code == 200
    assert house.sign_in(account.email, PASSWORD)


def test_password_is_changed_once_when_two_sessions_change_it_at_once(house: House) -> None:
    token = house.newcomer()
    bodies = [{**NEW, "password": f"battery-staple-{n}"} for n in range(2)]

    answers = at_once([partial(house.request, "PATCH", ME, token, json=body) for body in bodies])

    assert sorted(answer.status_code for answer in answers) == [200, 401]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"password": "battery-staple"}, {"current_password": "required"}),
        ({**NEW, "password": "short"}, {"password": "too_short"}),
        ({"name": ""}, {"name": "empty"}),
        ({"email": "other@example.org"}, {"current_password": "required"}),
        ({"administrator": True}, {"administrator": "unknown_field"}),
    ],
)
def test_change_names_its_faults(house: House, body: dict[str, str], found: dict[str, str]) -> None:
    assert faults(house.request("PATCH", ME, house.newcomer(), json=body)) == found
