"""Requests of two users that come without a pause: every answer is its asker's.

`PIPELINED=50000 .venv/bin/pytest tests/http/test_pipelined.py` sends more of them than the default.
"""

import os
import re
import socket
from collections.abc import Iterator

import pytest

from tests.at_once import at_once
from tests.http.hall import Hall
from voting.model.accounts import Account

pytestmark = pytest.mark.fuzz

REQUESTS = int(os.environ.get("PIPELINED", "4000"))
SECONDS = 60
AHEAD = 500
"""How many requests a client writes at once."""
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(.*?)\r\n\r\n", re.DOTALL)
LENGTH = re.compile(rb"(?i)^content-length: (\d+)\r?$", re.MULTILINE)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall without limits on requests."""
    running = Hall(tmp_path_factory.mktemp("pipelined"), people=2, RATE_LIMITS="off")
    running.start()
    yield running
    running.kill()


def asking(hall: Hall, account: Account) -> bytes:
    """Return a request for an account's own document."""
    token = hall.token_of(account)
    return f"GET /auth/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def ask_without_pause(port: int, asked: list[bytes]) -> list[bytes]:
    """Send requests on one connection as fast as it takes them; return the bodies in order."""
    bodies: list[bytes] = []
    with socket.create_connection(("127.0.0.1", port), SECONDS) as line:

        def send() -> None:
            for begin in range(0, len(asked), AHEAD):
                line.sendall(b"".join(asked[begin : begin + AHEAD]))

        def read() -> None:
            heard = b""
            while len(bodies) < len(asked):
                piece = line.recv(1 << 18)
                assert piece, f"the connection ended after {len(bodies)} answers"
                found, end = split_answers(heard + piece)
                heard = (heard + piece)[end:]
                bodies.extend(found)

        at_once([send, read])
    return bodies


def split_answers(heard: bytes) -> tuple[list[bytes], int]:
    """Return the bodies of the whole answers in what was heard, and where the next begins."""
    bodies, begin = [], 0
    while (head := ANSWER.match(heard, begin)) is not None:
        length = LENGTH.search(head[2])
        assert (head[1], length is None) == (b"200", False), head[0]
        end = head.end() + int(length[1]) if length else 0
        if end > len(heard):
            break
        bodies.append(heard[head.end() : end])
        begin = end
    return bodies, begin


def strangers(bodies: list[bytes], askers: list[Account]) -> int:
    """Return how many answers are not their asker's."""
    return sum(
        f'"{asker.email}"'.encode() not in body for body, asker in zip(bodies, askers, strict=True)
    )


@pytest.mark.parametrize("lines", [1, 2], ids=["shared", "own"])
def test_every_answer_is_its_askers(hall: Hall, lines: int) -> None:
    """On a connection that two users share, as behind a proxy, and on one of each."""
    two = hall.people
    if lines == 1:
        askers = [[two[number % 2] for number in range(REQUESTS)]]
    else:
        askers = [[each] * (REQUESTS // 2) for each in two]
    wanted = {each.id: asking(hall, each) for each in two}
    asked = [[wanted[each.id] for each in line] for line in askers]

    heard = at_once([lambda line=line: ask_without_pause(hall.port, line) for line in asked])

    assert [strangers(bodies, line) for bodies, line in zip(heard, askers, strict=True)] == [
        0
    ] * lines
