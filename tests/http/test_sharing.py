"""People go on voting while others send cheap requests as fast as they can."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.http.hall import LOBBY_POLL, Hall

pytestmark = pytest.mark.fuzz

FLOODERS, VOTES = 64, 150
AT_MOST = 30
"""Requests of all the flooders for each vote; without turns it would be one of each."""


class Flood:
    """Connections that each send a request after the answer to the one before."""

    def __init__(self, port: int, asked: bytes) -> None:
        self.answered, self.ended = 0, False
        self._port, self._asked = port, asked
        self.threads = [threading.Thread(target=self._send) for _ in range(FLOODERS)]

    def _send(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port), 60) as opened:
            while not self.ended:
                opened.sendall(self._asked)
                if not opened.recv(65_536):
                    return
                self.answered += 1


@contextmanager
def flood(port: int, head: str) -> Iterator[Flood]:
    flooding = Flood(port, f"{head}\r\nHost: x\r\n\r\n".encode())
    for thread in flooding.threads:
        thread.start()
    yield flooding
    flooding.ended = True
    for thread in flooding.threads:
        thread.join()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    running = Hall(tmp_path_factory.mktemp("own"), people=VOTES * 6)
    running.start()
    yield running
    running.kill()


@pytest.mark.parametrize(
    "asked",
    [
        "GET /nowhere HTTP/1.1",
        "GET /auth/login HTTP/1.1",
        "PUT /polls/1/ballot HTTP/1.1\r\nAuthorization: forged\r\nContent-Length: 0",
        "one person's",
        "an ended session's",
    ],
    ids=["missing", "wrong-method", "forged-token", "over-the-limit", "ended-session"],
)
def test_each_vote_waits_for_few_requests_of_a_flood(own: Hall, asked: str) -> None:
    if asked == "one person's":
        asked = f"GET /auth/me HTTP/1.1\r\nAuthorization: {own.newcomer()}"
    elif asked == "an ended session's":
        token = own.newcomer()
        own.request("POST", "/auth/logout", token)
        asked = (
            "PUT /polls/1/ballot HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Authorization: {token}\r\nContent-Length: 0"
        )
    voters = own.newcomers(VOTES)

    with flood(own.port, asked) as flooding:
        assert own.cast(voters[0], [1], poll=LOBBY_POLL).status_code == 201
        before = flooding.answered
        for voter in voters[1:]:
            assert own.cast(voter, [1], poll=LOBBY_POLL).status_code == 201
        meanwhile = flooding.answered - before

    assert meanwhile / VOTES <= AT_MOST
