"""What a room is told as its host acts: polls that open and close, settings, the chat."""

import pytest

from tests.live.conftest import Connect
from tests.server import Server


@pytest.fixture(scope="module")
def host(shared_server: Server) -> str:
    token = shared_server.sign_up("newshost")
    made = shared_server.request("POST", "/rooms", token, json={"name": "News"})
    assert made.status_code == 201
    return token


def room_of(server: Server, host: str) -> str:
    made = server.request("POST", "/rooms", host, json={"name": "News"})
    return str(made.json()["code"])


def draft_in(server: Server, host: str, room: str) -> int:
    body = {"title": "?", "candidates": [{"name": "A"}, {"name": "B"}]}
    return int(server.request("POST", f"/rooms/{room}/polls", host, json=body).json()["id"])


def test_poll_is_sent_when_it_opens_and_closes(
    shared_server: Server, host: str, connect: Connect
) -> None:
    room = room_of(shared_server, host)
    poll = draft_in(shared_server, host, room)
    screen = connect(shared_server)
    screen.join(room, **{"as": "screen"})

    shared_server.request("POST", f"/polls/{poll}/open", host)
    opened = screen.wait("poll:created", lambda received: received["id"] == poll)
    shown = screen.wait("room:changed", lambda received: received["current_poll"] == poll)
    shared_server.request("POST", f"/polls/{poll}/close", host)
    closed = screen.wait("poll:changed", lambda received: received["state"] == "closed")
    last = screen.wait("tally:update", lambda received: received["state"] == "closed")

    assert (opened["state"], shown["code"], closed["id"]) == ("open", room, poll)
    assert last["winners"] == []


def test_draft_is_sent_to_nobody_before_it_opens(
    shared_server: Server, host: str, connect: Connect
) -> None:
    room = room_of(shared_server, host)
    watcher = connect(shared_server)
    watcher.join(room)

    draft = draft_in(shared_server, host, room)
    other = draft_in(shared_server, host, room)
    shared_server.request("POST", f"/polls/{other}/open", host)
    watcher.wait("poll:created", lambda received: received["id"] == other)

    assert draft not in [received["id"] for received in watcher.received("poll:created")]


def test_room_is_notified_when_it_changes_and_goes(
    shared_server: Server, host: str, connect: Connect
) -> None:
    room = room_of(shared_server, host)
    watcher = connect(shared_server)
    watcher.join(room)

    shared_server.request("PATCH", f"/rooms/{room}", host, json={"name": "새 이름"})
    changed = watcher.wait("room:changed", lambda received: received["name"] == "새 이름")
    shared_server.request("DELETE", f"/rooms/{room}", host)
    gone = watcher.wait("room:deleted", lambda received: received["code"] == room)

    assert "id" not in changed
    assert gone == {"code": room}


def test_message_is_sent_to_members_alone_and_kept(
    shared_server: Server, host: str, connect: Connect
) -> None:
    room = room_of(shared_server, host)
    speaker, stranger = connect(shared_server, host), connect(shared_server)
    speaker.join(room)
    stranger.join(room)

    acked = speaker.call("chat:send", {"room": room, "text": "안녕하세요"})
    refused = stranger.call("chat:send", {"room": room, "text": "?"})
    received = speaker.wait("chat:message", lambda message: message["id"] == acked["id"])
    history = shared_server.request("GET", f"/rooms/{room}/messages", host).json()["items"]

    assert (received["text"], received["author"]["name"]) == ("안녕하세요", "newshost")
    assert history[-1] == received
    assert refused["error"]["code"] == "forbidden"
    assert stranger.received("chat:message") == []
