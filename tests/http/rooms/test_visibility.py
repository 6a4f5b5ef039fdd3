"""Who finds a room, who sees it, and who joins it as a guest."""

from typing import Any

import pytest

from tests.http.hall import refusal
from tests.http.rooms.house import House, Room

VISIBILITIES = ("public", "unlisted", "members")


def guest(house: House, room: Room, **more: Any) -> Any:
    body = {"nickname": f"Guest {len(room.host)} {more.get('key', '')}"[:30], **more}
    return house.request("POST", f"{room.path}/guests", json=body)


def preview(house: House, room: Room, **body: Any) -> Any:
    return house.request("POST", f"{room.path}/guests?dry_run=1", json=body)


def link(house: House, room: Room) -> str:
    answer = house.request("POST", f"{room.path}/guest-link", room.host)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


def listed(house: House, token: str, query: str = "") -> set[str]:
    """Return the codes in somebody's list of rooms."""
    codes: set[str] = set()
    cursor = "0"
    while cursor:
        path = f"/rooms?limit=200&cursor={cursor}{query}"
        page = house.request("GET", path, token).json()
        codes |= {each["code"] for each in page["items"]}
        cursor = page["next"] and str(page["next"])
    return codes


def test_unlisted_room_is_seen_by_its_code_and_stands_in_nobody_elses_list(house: House) -> None:
    public, unlisted, members = (house.room(visibility=each) for each in VISIBILITIES)
    stranger = house.newcomer()

    found = listed(house, stranger)

    assert public.code in found
    assert not found & {unlisted.code, members.code}
    assert unlisted.code in listed(house, unlisted.host)
    assert unlisted.code in listed(house, unlisted.host, "&visibility=unlisted")
    seen = [house.request("GET", each.path).status_code for each in (public, unlisted, members)]
    assert seen == [200, 200, 404]


def test_polls_of_an_unlisted_room_are_seen_by_its_code_and_not_by_their_id(house: House) -> None:
    room, account = house.room(visibility="unlisted"), house.newcomer()
    guest_token = guest(house, room).json()["token"]
    poll = house.poll(room, eligibility="accounts", secrecy="named")
    place = f"/polls/{poll['id']}"
    marks = {"choices": [poll["candidates"][0]["id"]]}
    shown = {"Room-Code": room.code.lower()}

    def cast(headers: dict[str, str]) -> int:
        path = f"{place}/ballot"
        answer = house.request("PUT", path, account, json=marks, headers=headers)
        return int(answer.status_code)

    assert [cast(headers) for headers in ({}, {"Room-Code": "ZZZZZZ"}, shown)] == [404, 404, 201]
    house.request("POST", f"{place}/close", room.host)
    for token in (None, account):
        for end in ("", "/results", "/results.csv", "/results.xlsx", "/record"):
            statuses = [
                house.request("GET", place + end, token, headers=headers).status_code
                for headers in ({}, shown)
            ]
            assert statuses == [404, 200], end
    assert house.request("GET", f"{place}/ballot", account).status_code == 404
    assert house.request("GET", f"{place}/record?room={room.code}").status_code == 200
    for token in (room.host, guest_token):
        assert house.request("GET", f"{place}/results", token).status_code == 200


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
def test_guests_join_and_vote_unless_a_host_keeps_them_out(house: House, visibility: str) -> None:
    room = house.room(visibility=visibility)
    poll = house.poll(room, eligibility="anyone", allow_change=True)
    token = guest(house, room).json()["token"]
    assert house.vote(token, poll, 0).status_code == 201

    changed = house.request("PATCH", room.path, room.host, json={"guests": False})

    assert changed.json()["guests"] is False
    assert refusal(guest(house, room))[0] == 403
    assert refusal(house.vote(token, poll, 1)) == (403, "not_eligible")
    assert house.request("GET", f"{room.path}/messages", token).status_code == 403
    assert house.request("GET", room.path, token).status_code == 200


def test_guest_joins_a_room_for_members_by_its_link_alone(house: House) -> None:
    room = house.room(visibility="members")
    poll = house.poll(room, eligibility="anyone")
    without = [guest(house, room), guest(house, room, key="x")]

    key = link(house, room)
    token = guest(house, room, key=key).json()["token"]

    refused = [*without, guest(house, room), guest(house, room, key=key[:-1])]
    assert [refusal(each) for each in refused] == [(404, "not_found")] * 4
    assert house.vote(token, poll, 0).status_code == 201
    assert house.request("GET", room.path).status_code == 404
    assert house.request("GET", f"{room.path}/guest-link", room.host).json() == {"key": key}


def test_preview_of_a_guest_link_shows_the_room_and_lets_nobody_in(house: House) -> None:
    room, other = (house.room(visibility="members", colour="#0b6b4f") for _ in range(2))
    key, others = link(house, room), link(house, other)
    before = house.request("GET", f"{room.path}/export", room.host).json()["guests"]

    shown = preview(house, room, key=key)
    refused = [preview(house, room), preview(house, room, key=others)]

    look = {"room_name": "Club", "room_logo": None, "room_colour": "#0b6b4f"}
    assert (shown.status_code, shown.json()) == (200, look)
    assert [refusal(each) for each in refused] == [(404, "not_found")] * 2
    assert house.request("GET", f"{room.path}/export", room.host).json()["guests"] == before
    house.request("DELETE", f"{room.path}/guest-link", room.host)
    assert refusal(preview(house, room, key=key)) == (404, "not_found")


def test_preview_of_a_room_without_guests_is_refused_like_its_guests(house: House) -> None:
    assert refusal(preview(house, house.room(guests=False))) == (403, "forbidden")
    assert preview(house, house.room()).status_code == 200


def test_earlier_link_ends_with_the_next_and_its_guests_with_the_last(house: House) -> None:
    room = house.room(visibility="members")
    first = link(house, room)
    token = guest(house, room, key=first).json()["token"]

    second = link(house, room)

    assert guest(house, room, key=first).status_code == 404
    assert house.request("GET", room.path, token).status_code == 200
    house.request("DELETE", f"{room.path}/guest-link", room.host)
    assert house.request("GET", room.path, token).status_code == 404
    assert guest(house, room, key=second).status_code == 404


def test_faulty_body_shows_nobody_that_there_is_a_room_for_members(house: House) -> None:
    room = house.room(visibility="members")
    link(house, room)
    paths = (f"{room.path}/guests", "/rooms/ZZZZZZ/guests")

    answers = [
        house.request("POST", path, **sent)
        for path in paths
        for sent in ({"json": {}}, {"data": "no", "headers": {"Content-Type": "text/plain"}})
    ]

    assert [refusal(each) for each in answers] == [(404, "not_found")] * 4


def test_key_of_the_guest_link_stands_in_no_document(house: House) -> None:
    room = house.room(visibility="members")
    key = link(house, room)

    for path in (room.path, f"{room.path}/log", f"{room.path}/export", "/rooms"):
        assert key not in house.request("GET", path, room.host).text


def test_copy_of_a_room_keeps_who_may_see_it_and_gets_no_link(house: House) -> None:
    room = house.room(visibility="members", guests=False)
    link(house, room)

    body = {"name": "Again", "copy_of": room.code}
    copy = house.request("POST", "/rooms", room.host, json=body).json()

    assert (copy["visibility"], copy["guests"]) == ("members", False)
    path = f"/rooms/{copy['code']}/guest-link"
    assert house.request("GET", path, room.host).json() == {"key": None}
