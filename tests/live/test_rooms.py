"""Joining a room, as whom, and what a client is sent; and leaving it."""

import re
from typing import Any

import pytest

from tests.live.clients import votes_of
from tests.live.conftest import Connect
from tests.server import Server

SNAPSHOT = {
    "server_time",
    "you",
    "room",
    "meeting",
    "presence",
    "polls",
    "polls_next",
    "messages_removed",
    "results",
    "messages",
    "log",
}
PRESENCE = {"seq", "online", "present", "quorum", "people"}
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
TRANSPORTS = (["websocket"], ["polling"])


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["websocket", "polling"])
def test_join_answers_the_whole_snapshot_when_signed_in(
    shared_server: Server, people: list[str], connect: Connect, transports: list[str]
) -> None:
    shared_server.cast(people[0], [4])

    snapshot = connect(shared_server, people[0], transports=transports).join()

    assert snapshot.keys() == {"ok"} | SNAPSHOT
    assert re.fullmatch(RFC3339, snapshot["server_time"])
    assert snapshot["you"] == {
        "person": "u1",
        "row": None,
        "role": "voter",
        "muted": None,
        "polls": {"1": {"voted": True, "can_vote": True, "reason": None}},
    }
    assert snapshot["room"] == shared_server.request("GET", "/rooms/lobby").json()
    assert snapshot["polls"] == shared_server.request("GET", "/rooms/lobby/polls").json()["items"]
    assert without_time(snapshot["results"]["1"]) == without_time(shared_server.results())
    assert snapshot["presence"].keys() == PRESENCE
    assert snapshot["messages"] == []


def test_join_shows_that_one_has_not_voted_when_that_is_so(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    snapshot = connect(shared_server, people[2]).join()

    assert snapshot["you"]["polls"]["1"] == {"voted": False, "can_vote": True, "reason": None}


def test_join_shows_no_person_when_a_stranger_comes(
    shared_server: Server, connect: Connect
) -> None:
    snapshot = connect(shared_server).join()

    assert snapshot.keys() == {"ok"} | SNAPSHOT
    assert snapshot["you"]["person"] is None
    standing = snapshot["you"]["polls"]["1"]
    assert standing == {"voted": False, "can_vote": False, "reason": "unauthenticated"}
    assert snapshot["presence"]["people"] is None


def test_screen_of_a_members_room_is_let_in_by_its_token_and_counts_as_nobody(
    server: Server, connect: Connect
) -> None:
    host = server.sign_up("ann")
    body = {"name": "Board", "visibility": "members"}
    room = server.request("POST", "/rooms", host, json=body).json()["code"]
    token = server.request("POST", f"/rooms/{room}/screen-token", host).json()["token"]
    screen = connect(server, token)

    for joined in (screen.join(room), screen.join(room, **{"as": "screen"})):
        assert joined["you"]["person"] is None
        assert joined["presence"]["people"] is None
        assert joined["presence"]["online"] == 0
    assert connect(server, host).join(room, **{"as": "screen"})["presence"]["online"] == 0
    assert not screen.call("chat:send", {"room": room, "text": "hello"})["ok"]


def test_screen_sees_what_a_stranger_sees_when_it_has_a_token(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    stranger = connect(shared_server).join()

    screen = connect(shared_server, people[0]).join(**{"as": "screen"})

    assert timeless(screen) == timeless(stranger)


@pytest.mark.parametrize("code", ["lobby", "LOBBY", "Lobby"])
def test_join_finds_the_lobby_however_it_is_written(
    shared_server: Server, connect: Connect, code: str
) -> None:
    snapshot = connect(shared_server).join(code)

    assert snapshot["room"]["code"] == "lobby"


@pytest.mark.parametrize(
    ("language", "detail"),
    [
        ("en", "This does not exist, or you may not see it."),
        ("ko", "찾을 수 없습니다."),
        ("ko-KR", "찾을 수 없습니다."),
    ],
)
def test_join_is_refused_in_the_asked_language_when_there_is_no_such_room(
    shared_server: Server, connect: Connect, language: str, detail: str
) -> None:
    answer = connect(shared_server, lang=language).call("room:join", {"room": "K7M2QX"})

    assert answer == {
        "ok": False,
        "error": {
            "type": "urn:rollcall:problem:not_found",
            "title": "Not Found",
            "status": 404,
            "code": "not_found",
            "detail": detail,
        },
    }


def test_join_twice_sends_each_thing_once(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    client = connect(shared_server, people[0])
    client.join()
    first = client.join(**{"as": "screen"})["results"]["1"]
    before = len(client.received("tally:update"))

    shared_server.cast(people[1], [5])
    shared_server.cast(people[1], [6])

    expected = votes_of(shared_server.results())
    client.wait_tally(expected, after=first)
    orders = [received["version"] for received in client.received("tally:update")[before:]]
    assert orders == sorted(set(orders))


def test_leave_ends_what_is_sent_when_one_has_joined(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    gone, here = connect(shared_server), connect(shared_server)
    first = here.join()["results"]["1"]
    gone.join()

    answer = gone.call("room:leave", {"room": "lobby"})
    before = len(gone.received("tally:update"))
    shared_server.cast(people[1], [8])
    shared_server.cast(people[1], [9])

    here.wait_tally(votes_of(shared_server.results()), after=first)
    assert answer == {"ok": True}
    assert len(gone.received("tally:update")) == before


def test_leave_is_fine_when_one_has_not_joined(shared_server: Server, connect: Connect) -> None:
    answer = connect(shared_server).call("room:leave", {"room": "lobby"})

    assert answer == {"ok": True}


def test_last_of_join_and_leave_decides_when_neither_ack_is_awaited(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    client, here = connect(shared_server, people[0]), connect(shared_server)
    first = here.join()["results"]["1"]
    voter = connect(shared_server, people[1])

    for number in range(20):  # while ballots are on their way to the disk
        voter.emit("ballot:cast", {"poll": 1, "choices": [number % 10 + 1]})
        client.emit("room:join", {"room": "lobby"})
        client.emit("room:leave", {"room": "lobby"})
    client.wait_count("ack", 40)
    voter.wait_count("ack", 20)
    before = len(client.received("tally:update"))
    shared_server.cast(people[1], [1])
    shared_server.cast(people[1], [2])

    here.wait_tally(votes_of(shared_server.results()), after=first)
    assert len(client.received("tally:update")) == before


def timeless(snapshot: dict[str, Any]) -> dict[str, Any]:
    results = {poll: without_time(received) for poll, received in snapshot["results"].items()}
    return {**without_time(snapshot), "results": results}


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "server_time"}
