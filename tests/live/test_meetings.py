"""Meetings over sockets: what is sent when one begins, is named and ends."""

from tests.http.rooms.house import House
from tests.live.conftest import Connect


def test_meeting_is_in_the_snapshot_and_its_changes_are_sent(
    house: House, connect: Connect
) -> None:
    room = house.room()
    member = house.member(room)
    screen, phone = connect(house, house.screen(room)), connect(house, member)
    before = [
        screen.join(room.code, **{"as": "screen"})["meeting"],
        phone.join(room.code)["meeting"],
    ]

    meeting = house.begin(room, title="Assembly")
    path = f"{room.path}/meetings/{meeting}"
    begun = [each.wait("meeting:changed", lambda received: True) for each in (screen, phone)]
    present = phone.wait("presence:diff", lambda diff: diff["present"] == 1)
    house.request("PATCH", path, room.host, json={"title": "General assembly"})
    named = phone.wait("meeting:changed", lambda received: received["title"] == "General assembly")
    during = connect(house).join(room.code)
    house.end(room, meeting)
    ended = phone.wait("meeting:changed", lambda received: received["ended_at"] is not None)
    between = phone.wait("presence:diff", lambda diff: diff["present"] == 0)

    assert before == [None, None]
    assert [(each["id"], each["title"]) for each in begun] == [(meeting, "Assembly")] * 2
    assert during["meeting"] == named
    assert during["room"]["meeting"] == meeting
    assert (present["online"], between["online"]) == (1, 1)
    assert ended == house.request("GET", path).json()
    assert connect(house).join(room.code)["meeting"] is None


def test_people_learn_that_they_may_vote_where_presence_is_required(
    house: House, connect: Connect
) -> None:
    room = house.room()
    member = house.member(room)
    phone = connect(house, member)
    phone.join(room.code)

    poll = house.poll(room, eligibility="roll", require_presence=True)

    received = phone.wait("you:changed", lambda you: str(poll["id"]) in you["polls"])
    assert received["polls"][str(poll["id"])] == {"voted": False, "can_vote": True, "reason": None}
