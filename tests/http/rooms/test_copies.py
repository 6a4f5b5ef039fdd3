"""Copies of a room: its settings, and its polls as drafts."""

from typing import Any

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room


def copy(house: House, room: Room, token: str, **fields: Any) -> Any:
    body = {"name": "Next month", "copy_of": room.code, **fields}
    return house.request("POST", "/rooms", token, json=body)


def test_copy_has_the_settings_and_the_polls_as_drafts_in_order(house: House) -> None:
    quorum = {"count": 12, "rule": "at_least"}
    room = house.room(visibility="members", quorum=quorum, hold_minutes=5, timezone="Asia/Tokyo")
    house.poll(room, "closed", title="Minutes", method="motion", eligibility="accounts")
    later = house.draft(room, title="Other", eligibility="accounts")
    first = house.draft(room, title="Budget", secrecy="named", opens_at=None)
    house.request("POST", f"/polls/{first['id']}/move", room.host, json={"before": later["id"]})

    made = copy(house, room, room.host).json()

    settings = ("name", "visibility", "quorum", "hold_minutes", "timezone", "current_poll")
    assert [made[name] for name in settings] == [
        *("Next month", "members", quorum, 5, "Asia/Tokyo", None)
    ]
    polls = house.request("GET", f"/rooms/{made['code']}/polls", room.host).json()["items"]
    assert [(poll["title"], poll["state"], poll["method"]) for poll in polls] == [
        ("Minutes", "draft", "motion"),
        ("Budget", "draft", "plurality"),
        ("Other", "draft", "plurality"),
    ]
    assert {poll["secrecy"] for poll in polls if poll["title"] == "Budget"} == {"named"}
    assert polls[-1]["candidates"][0]["id"] != later["candidates"][0]["id"]


def test_copy_leaves_out_void_polls_run_offs_and_people(house: House) -> None:
    room = house.room()
    house.enrol(room, {"name": "Ann"})
    house.poll(room, "void", title="Void", eligibility="accounts")
    poll = house.poll(room, "closed", title="Chair", eligibility="accounts")
    house.request("POST", f"{room.path}/polls", room.host, json={"copy_of": poll["id"]})

    made = copy(house, room, room.host).json()

    polls = house.request("GET", f"/rooms/{made['code']}/polls", room.host).json()["items"]
    assert [poll["title"] for poll in polls] == ["Chair"]
    assert [row["role"] for row in house.roll(Room(made["code"], room.host))] == ["host"]


@pytest.mark.parametrize(("visibility", "status"), [("public", 403), ("members", 404)])
def test_room_is_copied_by_its_hosts_alone(house: House, visibility: str, status: int) -> None:
    room = house.room(visibility=visibility)

    assert refusal(copy(house, room, house.newcomer()))[0] == status


def test_guest_host_copies_no_room(house: House) -> None:
    room = house.room()
    body = {"name": "Club", "host": "Kim", "copy_of": room.code}

    assert faults(house.request("POST", "/rooms", json=body)) == {"copy_of": "not_allowed"}
