"""The chat: one line for each that is sent, in the order of what happened, to those who want it."""

import os
import signal
from typing import Any
from uuid import uuid4

import pytest

from tests.live.clients import Inbox
from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import Server

TRANSPORTS = {
    "websocket": ["websocket"],
    "polling": ["polling"],
    "upgrade": ["polling", "websocket"],
}


@pytest.fixture
def room(server: Server) -> str:
    """The code of a room whose host is ann."""
    made = server.request("POST", "/rooms", server.sign_up("ann"), json={"name": "Board"})
    code: str = made.json()["code"]
    return code


def lines(server: Server, room: str) -> list[tuple[str, str]]:
    """Return the whole chat: who spoke or moved, and their line or move."""
    token = server.sign_in("ann@example.org")
    kept = server.request("GET", f"/rooms/{room}/messages", token).json()["items"]
    return [read(each) for each in kept]


def read(message: dict[str, Any]) -> tuple[str, str]:
    moved = message["system"]
    return message["author"]["name"], moved["code"] if moved else message["text"]


def heard(client: Inbox) -> list[tuple[str, str]]:
    return [read(message) for message in client.received("chat:message")]


def line(room: str, text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"room": room, "text": text, **more}


def test_line_is_kept_once_when_the_official_client_sends_it_again(
    server: Server, room: str, connect_javascript: ConnectJavaScript
) -> None:
    token = server.sign_in("ann@example.org")
    more = {"retries": 3, "ackTimeout": 300}
    page = connect_javascript(server.url, auth={"token": token}, rooms=[room], more=more)
    page.wait("joined")

    os.kill(server.pid, signal.SIGSTOP)
    try:
        page.say("chat:send", line(room, key=str(uuid4())))
        page.wait_count("chat sent", 3)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    page.call("chat:send", line(room, "the next", key=str(uuid4())))

    page.wait("chat:message", lambda message: message["text"] == "the next")
    spoken = [("ann", "hello"), ("ann", "the next")]
    assert [each for each in lines(server, room) if each[1] != "arrived"] == spoken
    assert [each for each in heard(page) if each[1] != "arrived"] == spoken


def test_line_is_kept_once_when_the_server_was_killed_before_it_is_sent_again(
    server: Server, room: str, connect: Connect
) -> None:
    token, key = server.sign_in("ann@example.org"), str(uuid4())
    before = connect(server, token).call("chat:send", line(room, key=key))

    server.kill()
    server.start()
    page = connect(server, token)
    again = page.call("chat:send", line(room, key=key))

    assert again == before
    assert lines(server, room) == [("ann", "hello")]


def test_key_is_its_authors_in_one_room(server: Server, room: str, connect: Connect) -> None:
    ann, ben = (connect(server, server.sign_in("ann@example.org")) for _ in range(2))
    ben = connect(server, server.sign_up("ben"))
    key = str(uuid4())
    sent = [(ann, room), (ann, "lobby"), (ben, "lobby")]

    answers = [client.call("chat:send", line(code, key=key)) for client, code in sent * 2]

    ids = [answer["id"] for answer in answers]
    assert len(set(ids)) == 3
    assert ids[:3] == ids[3:]


def test_lines_without_a_key_are_each_kept(server: Server, room: str, connect: Connect) -> None:
    ann = connect(server, server.sign_in("ann@example.org"))

    ids = {ann.call("chat:send", line(room))["id"] for _ in range(3)}

    assert len(ids) == 3


def test_key_is_refused_when_it_was_sent_with_another_line(
    server: Server, room: str, connect: Connect
) -> None:
    ann, key = connect(server, server.sign_in("ann@example.org")), str(uuid4())
    ann.call("chat:send", line(room, key=key))

    refused = ann.call("chat:send", line(room, "another", key=key))

    assert refused["error"]["code"] == "idempotency_mismatch"
    assert lines(server, room) == [("ann", "hello")]


def test_line_that_is_sent_again_counts_for_no_limit(
    server: Server, room: str, connect: Connect
) -> None:
    ann, key = connect(server, server.sign_in("ann@example.org")), str(uuid4())

    answers = [ann.call("chat:send", line(room, key=key)) for _ in range(20)]

    assert len({answer["id"] for answer in answers}) == 1


def test_sender_alone_is_not_sent_a_line_without_echo(
    server: Server, room: str, connect: Connect
) -> None:
    token = server.sign_in("ann@example.org")
    sender, other_device = connect(server, token), connect(server, token)
    for client in (sender, other_device):
        client.join(room)

    answer = sender.call("chat:send", line(room, echo=False))
    sender.call("chat:send", line(room, "heard", echo=True))

    for client in (sender, other_device):
        client.wait("chat:message", lambda message: message["text"] == "heard")
    assert ("ann", "hello") not in heard(sender)
    assert ("ann", "hello") in heard(other_device)
    assert answer["id"] in {message["id"] for message in sender.join(room)["messages"]}


def test_line_says_what_its_author_was_in_the_room(
    server: Server, room: str, connect: Connect
) -> None:
    host = server.sign_in("ann@example.org")
    server.request("PATCH", f"/rooms/{room}", host, json={"visibility": "public"})
    guest = server.request("POST", f"/rooms/{room}/guests", json={"nickname": "Host"}).json()
    for token in (host, guest["token"]):
        connect(server, token).call("chat:send", line(room))

    kept = server.request("GET", f"/rooms/{room}/messages", host).json()["items"]

    authors = [each["author"] for each in kept if each["system"] is None]
    assert [(author["name"], author["role"]) for author in authors] == [
        ("ann", "host"),
        ("Host", "guest"),
    ]


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_arrival_is_sent_before_the_first_message_of_the_person(
    server: Server, room: str, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    token = server.sign_in("ann@example.org")
    watcher = connect_javascript(server.url, auth={"token": token}, rooms=[room])
    watcher.wait("joined")
    watcher.wait("chat:message", lambda message: message["system"])
    people = ["ben", "cho", "dan"]

    for name in people:
        page = connect_javascript(
            server.url, auth={"token": server.sign_up(name)}, transports=transports, rooms=[]
        )
        page.say("room:join", {"room": room})
        page.say("chat:send", line(room, "hello"))
        page.wait("chat:message", lambda message: message["text"] == "hello")
        assert heard(page) == [(name, "arrived"), (name, "hello")]

    received = [each for name in people for each in ((name, "arrived"), (name, "hello"))]
    watcher.wait_count("chat:message", 1 + len(received))
    assert heard(watcher)[1:] == received
    assert lines(server, room) == [("ann", "arrived"), *received]


def test_arrival_is_kept_when_the_first_line_is_refused(
    server: Server, room: str, connect: Connect
) -> None:
    ann = connect(server, server.sign_in("ann@example.org"))
    ann.join(room)
    ann.wait("chat:message", lambda message: message["system"])
    ben = connect(server, server.sign_up("ben"))
    while ben.call("chat:send", line("lobby"))["ok"]:
        pass

    ben.join(room)
    refused = ben.call("chat:send", line(room))

    assert refused["error"]["code"] == "rate_limited"
    ann.wait("chat:message", lambda message: read(message) == ("ben", "arrived"))
    assert lines(server, room) == [("ann", "arrived"), ("ben", "arrived")]
