"""Events that are handled in the event loop: in order with all others, and never without an end."""

from collections.abc import Callable
from typing import Any

import gevent
import pytest

from api.wire import Server
from api.wire.frames import text_of
from api.wire.peers import Peer

Answer = Callable[[dict[str, Any]], None]


class Client:
    """A client over a transport that only notes what it is sent."""

    def __init__(self, server: Server) -> None:
        self.heard: list[str] = []
        self.peer = Peer(server.eio, "e1")
        self.peer.transport = self
        server.eio.sockets["e1"] = self.peer
        server.eio.handlers["connect"]("e1", {})
        self.say("0")
        take_turns()

    def say(self, message: str) -> None:
        self.peer.take_frame(self, f"4{message}")  # type: ignore[arg-type]

    def send(self, frame: bytes) -> None:
        self.heard.append(text_of(frame)[1:])

    def replace(self, _key: str, frame: bytes) -> None:
        self.send(frame)

    def close(self, _code: int) -> None:
        """Nothing waits."""


def take_turns() -> None:
    """Let all that is ready be done."""
    for _ in range(20):
        gevent.sleep(0)


@pytest.fixture
def server() -> Server:
    server = Server(async_mode="gevent", async_handlers=False)
    server.on("connect", lambda *_: None)
    server.on("slow", lambda _sid, sent: {"slow": sent})
    server.on("quick", lambda _sid, sent: {"waited": sent})
    return server


def test_event_is_answered_before_anything_else_runs(server: Server) -> None:
    server.handle_at_once("quick", lambda _sid, sent, answer: answer({"quick": sent}))
    client = Client(server)

    client.say('27["quick",1]')

    assert client.heard[-1] == '37[{"quick":[1]}]'


def test_event_waits_behind_what_came_before_it(server: Server) -> None:
    server.handle_at_once("quick", lambda _sid, sent, answer: answer({"quick": sent}))
    client = Client(server)

    client.say('21["slow",1]')
    client.say('22["quick",2]')
    take_turns()

    assert client.heard[-2:] == ['31[{"slow":1}]', '32[{"waited":2}]']


def test_what_comes_after_an_event_waits_until_it_is_answered(server: Server) -> None:
    answers: list[Answer] = []
    server.handle_at_once("quick", lambda _sid, _said, answer: answers.append(answer))
    client = Client(server)

    client.say('21["quick",1]')
    client.say('22["slow",2]')
    take_turns()
    before = len(client.heard)
    answers[0]({"quick": 1})
    take_turns()

    assert client.heard[before:] == ['31[{"quick":1}]', '32[{"slow":2}]']


def test_next_event_is_handled_when_one_fails(server: Server) -> None:
    def fail(*_: Any) -> None:
        raise OSError("broken")

    server.handle_at_once("quick", fail)
    client = Client(server)

    client.say('21["quick",1]')
    client.say('22["slow",2]')
    take_turns()

    assert client.heard[-1] == '32[{"slow":2}]'


def test_end_is_reported_once_the_event_is_answered(server: Server) -> None:
    answers: list[Answer] = []
    ended: list[str] = []
    server.on("disconnect", lambda sid, *_: ended.append(sid))
    server.handle_at_once("quick", lambda _sid, _said, answer: answers.append(answer))
    client = Client(server)

    client.say('21["quick",1]')
    client.peer.close()
    take_turns()
    before = len(ended)
    answers[0]({"quick": 1})
    take_turns()

    assert (before, len(ended)) == (0, 1)
