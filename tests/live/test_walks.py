"""A server takes the steps of the walks in docs/design.md, in their order."""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.http.rooms.house import House, until
from tests.live.conftest import Connect
from tests.server import ON_POSTGRES
from tests.walked import read_walks
from voting.closing import SMALL

pytestmark = pytest.mark.skipif(ON_POSTGRES, reason="the walks pass the journal")

WALKS = read_walks()
SLOW_CLIENTS = "api/wire/outbox.py:Outbox.replace"
"""The step that only a client with unread frames needs."""

Walk = Callable[[House, Connect], Callable[[], object]]


class Walked(House):
    """A server that notes its steps."""

    forked = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.command = [sys.executable, "-m", "tests.walked"]
        self.notes = folder / "walked"

    def steps(self) -> list[str]:
        return self.notes.read_text().splitlines()


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    made = Walked(tmp_path_factory.mktemp("walked"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "WALKED", str(made.notes))
        made.start()
    yield made
    made.kill()


def vote_in_live_poll(house: House, connect: Connect) -> Callable[[], object]:
    room = house.room()
    voter, poll = house.member(room), house.poll(room, eligibility="roll", results="live")
    connect(house, room.host).join(room.code)
    choices = {"choices": [poll["candidates"][0]["id"]]}
    return lambda: send(house, f"PUT /polls/{poll['id']}/ballot", choices, voter)


def sign_in(house: House, _connect: Connect) -> Callable[[], object]:
    house.sign_up("ann")
    body = {"email": "ann@example.org", "password": "correct-horse"}
    return lambda: send(house, "POST /auth/login", body)


def send(house: House, request: str, document: dict[str, Any], token: str = "") -> None:
    """Send a request in one piece: one whose body comes later takes another way into the server."""
    body = json.dumps(document).encode()
    head = f"{request} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    with socket.create_connection(("127.0.0.1", house.port)) as client:
        client.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        assert client.recv(65_536).startswith(b"HTTP/1.1 20")


def join(house: House, connect: Connect) -> Callable[[], object]:
    room = house.room()
    client = connect(house, room.host)
    return lambda: client.join(room.code)


def close_large_poll(house: House, _connect: Connect) -> Callable[[], object]:
    room = house.room()
    poll = house.poll(room, eligibility="anyone", secrecy="secret")
    for _ in range(SMALL + 1):
        house.vote(house.guest(room), poll, 0)
    return lambda: house.move(room, poll["id"], "close")


ACTS: dict[str, Walk] = {
    "A ballot": vote_in_live_poll,
    "A sign-in": sign_in,
    "A join": join,
    "A tally": vote_in_live_poll,
    "A close": close_large_poll,
}


def find_missing(steps: list[str], taken: list[str]) -> list[str]:
    """Return the steps that were not taken after those before them."""
    missing, at = [], 0
    for step in steps:
        if step in taken[at:]:
            at = taken.index(step, at) + 1
        elif step != SLOW_CLIENTS:
            missing.append(step)
    return missing


@pytest.mark.parametrize("walk", WALKS)
def test_server_takes_the_steps_of_a_walk_in_order(
    walked: Walked, connect: Connect, walk: str
) -> None:
    act = ACTS[walk](walked, connect)
    before = len(walked.steps())

    act()

    with suppress(AssertionError):
        until(lambda: not find_missing(WALKS[walk], walked.steps()[before:]))
    assert find_missing(WALKS[walk], walked.steps()[before:]) == []
