"""Three hundred sign-ins at once while people vote: what a vote waits.

    python -m bench.signins [--rounds N] [--signins N]

A round votes for some seconds in peace, then while the sign-ins that all came in one moment are
worked off; the server has one core for both.
"""

import argparse
import socket
import tempfile
import threading
import time
from pathlib import Path

from argon2 import PasswordHasher
from rich.console import Console

from bench.hall import make_hall
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, save, show
from bench.subjects import HERE, SUBJECTS, Running, running
from bench.votes import POLLS, VOTERS, ratio_row

PASSWORD = "correct-horse"
CONNECTIONS = 16
SECONDS = 3


class Burst(threading.Thread):
    """Sends every sign-in in one moment, and waits for all answers; `seconds` it took."""

    def __init__(self, one: Running, count: int) -> None:
        super().__init__()
        self.seconds, self.answered = 0.0, 0
        self._sockets = []
        for number in range(1, count + 1):
            body = f"email=voter{number}%40example.org&password={PASSWORD}"
            opened = socket.create_connection(("127.0.0.1", one.port))
            head = "POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
            self._sockets.append((opened, f"{head}Content-Length: {len(body)}\r\n\r\n{body}"))

    def run(self) -> None:
        began = time.monotonic()
        for opened, request in self._sockets:
            opened.sendall(request.encode())
        for opened, _ in self._sockets:
            self.answered += opened.recv(12).endswith(b" 200")
            opened.close()
        self.seconds = time.monotonic() - began


def measure(one: Running, rounds: int, count: int) -> list[Row]:
    """Return a vote's p99 in peace and meanwhile."""
    peace, meanwhile, ratios, seconds = [], [], [], []
    vote(one, 1, CONNECTIONS)
    for _ in range(rounds):
        peace.append(vote(one, SECONDS, CONNECTIONS)["p99_ms"])
        burst = Burst(one, count)
        burst.start()
        meanwhile.append(vote(one, SECONDS, CONNECTIONS)["p99_ms"])
        burst.join()
        assert burst.answered == count, f"{burst.answered} of {count} sign-ins"
        seconds.append(burst.seconds)
        ratios.append(meanwhile[-1] / peace[-1])
    return [
        Row("signins", "a vote's p99 in peace, 16 connections", "ms", peace),
        Row("signins", f"a vote's p99 while {count} sign in at once", "ms", meanwhile),
        Row("signins", f"until all {count} are signed in", "s", seconds),
        ratio_row("signins", f"votes' p99 while {count} sign in", ratios, "≤ 2"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.signins", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--signins", type=int, default=300)
    options = parser.parse_args()
    need_wrk()
    (HERE / "out").mkdir(exist_ok=True)
    hashed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    machine = describe_machine()
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = make_hall(Path(folder), VOTERS, POLLS, hashed)
        with running(SUBJECTS["rollcall"], hall) as one:
            rows = measure(one, options.rounds, options.signins)
    show(rows, Console())
    save("signins", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
