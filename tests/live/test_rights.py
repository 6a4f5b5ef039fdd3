"""What one may do is told as it changes: by the poll's life, one's row, one's other devices."""

from typing import Any

import pytest

from tests.http.rooms.house import House, Room
from tests.live.conftest import Connect
from tests.server import Server

MAY = {"voted": False, "can_vote": True, "reason": None}
VOTED = {"voted": True, "can_vote": True, "reason": None}


def chance(poll: int, expected: dict[str, Any]) -> Any:
    return lambda you: you["polls"].get(str(poll)) == expected


def rename(house: House, room: Room, row: int, **fields: Any) -> None:
    answer = house.request("PATCH", f"{room.path}/roll/{row}", room.host, json=fields)
    assert answer.status_code == 200, answer.text


def test_voter_is_notified_as_the_poll_opens_pauses_and_closes(
    house: House, connect: Connect
) -> None:
    room = house.room()
    voter = connect(house, house.member(room))
    voter.join(room.code)
    poll = house.poll(room)["id"]

    opened = voter.wait("you:changed", chance(poll, MAY))
    house.move(room, poll, "pause")
    closed = {"voted": False, "can_vote": False, "reason": "poll_not_open"}
    paused = voter.wait("you:changed", chance(poll, closed))

    assert opened.keys() == {"room", "person", "row", "role", "muted", "polls"}
    assert (paused["room"], paused["role"]) == (room.code, "voter")
    assert voter.join(room.code)["you"] == {k: v for k, v in paused.items() if k != "room"}


def test_other_device_is_notified_when_its_person_votes(house: House, connect: Connect) -> None:
    room = house.room()
    token, other = house.member(room), house.member(room)
    poll = house.poll(room, secrecy="secret", results="closed")
    tab, phone, neighbour = connect(house, token), connect(house, token), connect(house, other)
    for client in (tab, phone, neighbour):
        client.join(room.code)

    body = {"poll": poll["id"], "choices": [poll["candidates"][0]["id"]]}
    assert tab.call("ballot:cast", body)["ok"]

    phone.wait("you:changed", chance(poll["id"], VOTED))
    assert house.vote(other, poll, 1).status_code == 201
    neighbour.wait("you:changed", chance(poll["id"], VOTED))
    received = [you["polls"][str(poll["id"])] for you in neighbour.received("you:changed")]
    assert received in ([VOTED], [MAY, VOTED])  # it may learn late that the poll has opened


def test_person_is_notified_when_a_host_bars_them_and_lets_them_vote_again(
    house: House, connect: Connect
) -> None:
    room = house.room()
    poll = house.poll(room, eligibility="accounts")["id"]
    client = connect(house, house.newcomer())
    person = client.join(room.code)["you"]["person"]

    for method, can_vote in (("PUT", False), ("DELETE", True)):
        answer = house.request(method, f"{room.path}/barred/{person}", room.host)
        assert answer.ok, answer.text
        reason = None if can_vote else "not_eligible"
        client.wait(
            "you:changed", chance(poll, {"voted": False, "can_vote": can_vote, "reason": reason})
        )


def test_row_that_becomes_an_observer_s_ends_the_right_to_vote(
    house: House, connect: Connect
) -> None:
    room = house.room()
    token = house.newcomer()
    rows = house.enrol(room, {"name": "Kim"}, {"name": "Lee"})
    house.claim(room, rows[0]["id"], token)
    poll = house.poll(room)["id"]
    client = connect(house, token)
    client.join(room.code)

    rename(house, room, rows[0]["id"], role="observer")

    barred = {"voted": False, "can_vote": False, "reason": "not_eligible"}
    assert client.wait("you:changed", chance(poll, barred))["role"] == "observer"


def test_voter_who_becomes_host_is_sent_drafts_from_then_on(house: House, connect: Connect) -> None:
    room = house.room()
    token = house.newcomer()
    (row,) = house.enrol(room, {"name": "Kim"})
    house.claim(room, row["id"], token)
    client, host = connect(house, token), connect(house, room.host)
    client.join(room.code)
    host.join(room.code)
    early = house.draft(room)["id"]
    host.wait("poll:created", lambda received: received["id"] == early)

    rename(house, room, row["id"], role="host")
    client.wait("you:changed", lambda you: you["role"] == "host")
    draft = house.draft(room)["id"]
    client.wait("poll:created", lambda received: received["id"] == draft)
    house.request("DELETE", f"/polls/{draft}", room.host)
    deleted = client.wait("poll:deleted", lambda received: received["id"] == draft)

    assert deleted == {"id": draft, "room": room.code}
    assert early not in [received["id"] for received in client.received("poll:created")]


def test_account_that_becomes_administrator_is_a_host_from_then_on(
    server: Server, connect: Connect
) -> None:
    token = server.sign_up("operator")
    client = connect(server, token)
    client.join("lobby")

    made = server.request("POST", "/auth/admin", token, json={"code": server.setup_code()})

    assert made.ok
    client.wait("you:changed", lambda you: you["role"] == "host")


def test_draft_is_sent_to_hosts_alone_until_it_opens(house: House, connect: Connect) -> None:
    room = house.room()
    host, voter, stranger = (
        connect(house, room.host),
        connect(house, house.member(room)),
        connect(house),
    )
    for client in (host, voter, stranger):
        client.join(room.code)

    draft = house.draft(room)["id"]
    host.wait("poll:created", lambda received: received["state"] == "draft")
    gone = house.draft(room)["id"]
    host.wait("poll:created", lambda received: received["id"] == gone)
    house.request("DELETE", f"/polls/{gone}", room.host)
    host.wait("poll:deleted", lambda received: received["id"] == gone)
    house.move(room, draft, "open")

    for client in (voter, stranger):
        assert client.wait("poll:created")["state"] == "open"
        assert client.received("poll:deleted") == []
    host.wait("poll:changed", lambda received: received["state"] == "open")
    assert [received["id"] for received in host.received("poll:created")] == [draft, gone]


def test_one_who_is_taken_off_a_members_room_hears_no_more_of_it(
    house: House, connect: Connect
) -> None:
    room = house.room(visibility="members")
    token = house.newcomer()
    (row,) = house.enrol(room, {"name": "Kim"})
    house.claim(room, row["id"], token)
    removed, host = connect(house, token), connect(house, room.host)
    person = removed.join(room.code)["you"]["person"]
    host.join(room.code)
    host.wait("presence:diff", lambda diff: person in [each["id"] for each in diff["joins"]])

    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)
    removed.wait("room:deleted", lambda received: received == {"code": room.code})
    before = len(removed.received("poll:created"))
    poll = house.poll(room)["id"]
    host.wait("tally:update", lambda received: received["poll"] == poll)

    assert len(removed.received("poll:created")) == before
    assert removed.call("room:join", {"room": room.code})["error"]["code"] == "not_found"
    host.wait("presence:diff", lambda diff: diff["leaves"] == [person])


@pytest.mark.parametrize("who", ["stranger", "guest"])
def test_outsider_hears_no_more_when_a_room_becomes_members_only(
    house: House, connect: Connect, who: str
) -> None:
    room = house.room()
    token = house.guest(room) if who == "guest" else None
    outsider, host = connect(house, token), connect(house, room.host)
    outsider.join(room.code)
    host.join(room.code)

    changes = {"visibility": "members", "name": "Now secret"}
    house.request("PATCH", room.path, room.host, json=changes)

    assert outsider.wait("room:deleted") == {"code": room.code}
    host.wait("room:changed", lambda received: received["name"] == "Now secret")
    assert "Now secret" not in [each["name"] for each in outsider.received("room:changed")]
    assert outsider.call("room:join", {"room": room.code})["error"]["code"] == "not_found"


def test_hidden_results_are_sent_to_hosts_alone_until_published(
    house: House, connect: Connect
) -> None:
    room = house.room()
    poll = house.poll(room, results="host")
    host, stranger = connect(house, room.host), connect(house)
    host.join(room.code)
    stranger.join(room.code)
    assert house.vote(house.member(room), poll, 0).status_code == 201

    house.move(room, poll["id"], "close")
    shown = host.wait("tally:update", lambda received: received["state"] == "closed")
    hidden = stranger.wait("tally:update", lambda received: received["state"] == "closed")
    house.move(room, poll["id"], "publish")
    published = stranger.wait("tally:update", lambda received: received["tally"] is not None)

    assert (shown["winners"], hidden["tally"]) == ([poll["candidates"][0]["id"]], None)
    assert all(received["tally"] is None for received in host.received("tally:update")[:-2])
    assert published["version"] > hidden["version"]


def test_new_name_of_an_account_is_sent_to_the_room(house: House, connect: Connect) -> None:
    room, account = house.room(), house.account()
    mine, watcher = connect(house, house.token_of(account)), connect(house, room.host)
    watcher.join(room.code)
    mine.join(room.code)

    house.request("PATCH", "/auth/me", house.token_of(account), json={"name": "새 이름"})

    diff = watcher.wait("presence:diff", lambda received: "새 이름" in str(received["joins"]))
    assert {each["id"]: each["name"] for each in diff["joins"]}[account.person] == "새 이름"


def test_guest_is_shown_a_room_for_members_until_its_link_ends(
    house: House, connect: Connect
) -> None:
    room = house.room(visibility="members")
    path = f"{room.path}/guest-link"
    key = house.request("POST", path, room.host).json()["key"]
    body = {"nickname": "kim", "key": key}
    token = house.request("POST", f"{room.path}/guests", json=body).json()["token"]
    client = connect(house, token)
    assert client.join(room.code)["you"]["role"] == "guest"

    house.request("DELETE", path, room.host)

    assert client.wait("room:deleted") == {"code": room.code}


def test_guest_of_a_public_room_is_a_stranger_when_guests_are_kept_out(
    house: House, connect: Connect
) -> None:
    room = house.room()
    client = connect(house, house.guest(room))
    client.join(room.code)

    house.request("PATCH", room.path, room.host, json={"guests": False})

    assert client.wait("you:changed", lambda you: you["role"] == "stranger")
    refused = client.call("chat:send", {"room": room.code, "text": "hello"})
    assert refused["error"]["code"] == "forbidden"
