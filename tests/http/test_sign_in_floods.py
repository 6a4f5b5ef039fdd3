"""A hall signs in while somebody else sends what fails, as much of it as they can.

What is compared is the server's processor time until the whole hall is in: a busy machine
changes how long that takes, not how much of it.
"""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.at_once import at_once
from tests.http.hall import PASSWORD, Hall

PEOPLE, CROWD, FLOOD = 150, 24, 300
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
AT_MOST = 3.0
SECONDS = 150
"""How long an answer may take where a machine hashes the passwords of a hall beside other work."""

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(3 * SECONDS)]

made_up = map("nobody{}@example.org".format, count())
KINDS: dict[str, tuple[str, Callable[[int], str]]] = {
    "made-up emails from the hall": (HERE, lambda _: next(made_up)),
    "made-up emails from elsewhere": (ELSEWHERE, lambda _: next(made_up)),
    "one account from the hall": (HERE, lambda _: "person149@example.org"),
    "real emails from elsewhere": (ELSEWHERE, lambda n: f"person{n % PEOPLE}@example.org"),
    "nothing but connections from the hall": (HERE, lambda _: ""),
}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Hall]:
    """A hall of a test's own: what failed before would count."""
    running = Hall(tmp_path, people=PEOPLE)
    running.start()
    yield running
    running.kill()
    assert "Traceback" not in "".join(running.output)


def send_sign_in(server: Hall, email: str, password: str, source: str) -> socket.socket:
    """Send a sign-in from an address of this machine, without waiting for the answer; with no
    email a `GET`, which is no sign-in."""
    body = json.dumps({"email": email, "password": password}).encode() if email else b""
    method = "POST" if email else "GET"
    client = socket.create_connection(("127.0.0.1", server.port), SECONDS, (source, 0))
    head = f"{method} /auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
    return client


def sign_in(server: Hall, number: int) -> int:
    """Return the status of somebody's sign-in with the right password."""
    email = f"person{number}@example.org"
    with send_sign_in(server, email, PASSWORD, HERE) as client:
        return int(client.recv(12)[-3:])


def busy_seconds(server: Hall) -> float:
    """Return the processor time that the server has used so far."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_crowd(server: Hall) -> tuple[set[int], float]:
    """Return the statuses of a hall that signs in at once, and the processor time it took."""
    before = busy_seconds(server)
    statuses = at_once([partial(sign_in, server, number) for number in range(CROWD)])
    return set(statuses), busy_seconds(server) - before


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are in no /proc here")
@pytest.mark.parametrize("kind", KINDS)
def test_hall_signs_in_although_somebody_sends_what_fails(own: Hall, kind: str) -> None:
    source, email = KINDS[kind]
    _, peace = measure_crowd(own)

    with ExitStack() as flood:
        for number in range(FLOOD):
            flood.enter_context(send_sign_in(own, email(number), "wrong-horse", source))
        statuses, meanwhile = measure_crowd(own)

    assert statuses == {200}
    assert meanwhile < AT_MOST * peace


def test_owner_signs_in_when_many_guess_their_password_elsewhere(own: Hall) -> None:
    guess = partial(send_sign_in, own, "person0@example.org", "wrong-horse", ELSEWHERE)

    with ExitStack() as guesses:
        for _ in range(FLOOD):
            guesses.enter_context(guess())
        status = sign_in(own, 0)

    assert status == 200
