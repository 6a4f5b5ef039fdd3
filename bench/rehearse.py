"""A rehearsal, for the night before: as many people as will come, doing what they will do.

    make rehearse VOTERS=300 [KILL=1]
    python -m bench.rehearse [--voters N] [--kill] [--url https://vote.example.org]

Each signs up, signs in, joins over Socket.IO, votes, sends the same ballot once more as after a
second click, loses the connection and joins again. Without `--url` it starts a server of its own
in a folder that it removes, and with `--kill` ends that once in the middle as a power cut would.
With `--url` it makes a room, a poll and accounts of its own there and deletes them at the end; the
server's rate limits hold, so it takes longer. At the end the poll's record is compared with what
people were answered. Exits with 1 where a ballot is lost or counted twice, or somebody gave up.
"""

import sys

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import argparse
import random
import secrets
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import gevent
import requests
import socketio
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.server import Server

STEPS = ("sign up", "sign in", "join", "vote", "vote again", "join again")
PATIENCE_SECONDS = 120
PASSWORD = "rehearsal-" + secrets.token_hex(8)


class GaveUp(Exception):
    """Somebody was refused, or not answered for too long."""


@dataclass
class Person:
    """One who rehearses; `receipt` is what the vote was answered with."""

    email: str
    token: str = ""
    receipt: str | None = None
    trouble: str | None = None


@dataclass
class Rehearsal:
    """What is rehearsed where, and how long each step took whom, in seconds."""

    url: str
    people: list[Person]
    report: Callable[[str], None]
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    room: str = ""
    poll: int = 0
    candidates: list[int] = field(default_factory=list)

    @property
    def voted(self) -> int:
        return len(self.took["vote"])

    def ask(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        """Return the answer's JSON or text, asking again where nobody answers. Raises `GaveUp`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        while True:
            wait, trouble = 0.2, "no answer"
            with suppress(requests.RequestException):
                answer = requests.request(
                    method, self.url + path, headers=headers, timeout=30, **options
                )
                if answer.ok:
                    is_json = "json" in answer.headers.get("Content-Type", "")
                    return answer.json() if is_json else answer.text
                wait = float(answer.headers.get("Retry-After", wait))
                trouble = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code < 500 and answer.status_code != 429:
                    raise GaveUp(f"{method} {path}: {trouble}")
            if time.monotonic() + wait > deadline:
                raise GaveUp(f"{method} {path}: {trouble}")
            gevent.sleep(wait * random.uniform(1, 1.5))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note how long a step took."""
        began = time.monotonic()
        yield
        self.took[name].append(time.monotonic() - began)
        self.report(name)

    def sign_in(self, person: Person) -> None:
        """Make a person's account and a token of it."""
        fields = {"email": person.email, "password": PASSWORD}
        with self.step("sign up"), suppress(GaveUp):  # the answer before may have been cut off
            self.ask("POST", "/auth/signup", json={**fields, "name": person.email.split("@")[0]})
        with self.step("sign in"):
            person.token = self.ask("POST", "/auth/login", json=fields)

    def prepare(self, host: Person) -> None:
        """Make the room and its open poll."""
        self.sign_in(host)
        self.took.clear()
        room = self.ask("POST", "/rooms", host.token, json={"name": "Rehearsal"})
        self.room = room["code"]
        draft = {
            "title": "Does it hold?",
            "candidates": [{"name": "Yes"}, {"name": "No"}],
            "secrecy": "named",
        }
        poll = self.ask("POST", f"/rooms/{self.room}/polls", host.token, json=draft)
        self.poll = poll["id"]
        self.candidates = [each["id"] for each in poll["candidates"]]
        self.ask("POST", f"/polls/{self.poll}/open", host.token)

    def join(self, person: Person) -> socketio.Client:
        """Return a socket that has joined the room, trying until there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            client = socketio.Client(reconnection=False)
            try:
                client.connect(self.url, auth={"token": person.token}, transports=["websocket"])
                ack = client.call("room:join", {"room": self.room}, timeout=30)
                if ack["ok"]:
                    return client
                trouble = str(ack["error"]["code"])
            except (socketio.exceptions.SocketIOError, OSError, ValueError) as error:
                trouble = repr(error)
            with suppress(Exception):  # it may be gone already
                client.disconnect()
            if time.monotonic() > deadline:
                raise GaveUp(f"room:join: {trouble}")
            gevent.sleep(random.uniform(0.2, 0.5))

    def attend(self, person: Person) -> None:
        """Do all that one person does."""
        try:
            self.sign_in(person)
            with self.step("join"):
                client = self.join(person)
            path, choice = f"/polls/{self.poll}/ballot", random.choice(self.candidates)
            ballot = {"json": {"choices": [choice]}, "headers": {"Idempotency-Key": str(uuid4())}}
            with self.step("vote"):
                person.receipt = self.ask("PUT", path, person.token, **ballot)["receipt"]
            with self.step("vote again"):
                again = self.ask("PUT", path, person.token, **ballot)["receipt"]
            if again != person.receipt:
                person.trouble = "a repeated ballot was given another receipt"
            with suppress(Exception):  # the server may have gone first
                client.disconnect()
            with self.step("join again"):
                self.join(person).disconnect()
        except GaveUp as error:
            person.trouble = str(error)

    def count(self, host: Person) -> tuple[int, int]:
        """Close the poll; return how many ballots are lost, and how many counted twice."""
        self.ask("POST", f"/polls/{self.poll}/close", host.token)
        record = self.ask("GET", f"/polls/{self.poll}/record", host.token)
        results = self.ask("GET", f"/polls/{self.poll}/results", host.token)
        answered = {person.receipt for person in self.people if person.receipt is not None}
        return compare(
            answered, [each["receipt"] for each in record["ballots"]], results["ballots"]
        )

    def clean_up(self, host: Person) -> None:
        """Delete the room and every account, whatever has happened."""
        if self.room:
            with suppress(GaveUp):
                self.ask("POST", f"/polls/{self.poll}/close", host.token)
            with suppress(GaveUp):
                self.ask("DELETE", f"/rooms/{self.room}", host.token)
        for person in (*self.people, host):
            if person.token:
                with suppress(GaveUp):
                    self.ask("DELETE", "/auth/me", person.token)


def compare(answered: set[str | None], recorded: list[str], counted: int) -> tuple[int, int]:
    """Return how many answered ballots are not in the record, and how many are there too often."""
    lost = len(answered - set(recorded))
    distinct = len(set(recorded) & answered)
    return lost, max(counted, len(recorded)) - distinct


def rehearse(rehearsal: Rehearsal, over_seconds: float, server: Server | None) -> tuple[int, int]:
    """Let everybody come within so many seconds; `server` is killed once half have voted."""
    host = Person(f"rehearsal-host-{secrets.token_hex(4)}@example.org")
    try:
        rehearsal.prepare(host)
        crowd = [
            gevent.spawn_later(random.uniform(0, over_seconds), rehearsal.attend, person)
            for person in rehearsal.people
        ]
        while not all(each.ready() for each in crowd):
            if server is not None and rehearsal.voted * 2 >= len(crowd):
                server.kill()
                rehearsal.report("killed")
                server.start()
                server = None
            gevent.joinall(crowd, timeout=0.05)
        return rehearsal.count(host)
    finally:
        rehearsal.clean_up(host)


def show(rehearsal: Rehearsal, console: Console) -> None:
    """Print how long the steps took."""
    table = Table("step", "people", "p50", "p95", "p99", "longest")
    for name in STEPS:
        took = sorted(rehearsal.took[name])
        cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
        times = [f"{cuts[each - 1] * 1e3:,.0f} ms" for each in (50, 95, 99)] if took else ["-"] * 3
        longest = f"{took[-1] * 1e3:,.0f} ms" if took else "-"
        table.add_row(name, str(len(took)), *times, longest)
    console.print(table)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.rehearse",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--voters", type=int, default=300)
    parser.add_argument("--url", help="a server that runs; without it one is started")
    parser.add_argument("--over", type=float, default=5, help="seconds within which all come")
    parser.add_argument("--kill", action="store_true", help="kill the server in the middle")
    options = parser.parse_args()
    if options.kill and options.url:
        parser.error("--kill: only a server that the rehearsal starts itself is killed")
    return options


@contextmanager
def served(url: str | None) -> Iterator[tuple[str, Server | None]]:
    """Yield a server's address; without one, start a server, and end it afterwards."""
    if url:
        yield url.rstrip("/"), None
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), RATE_LIMITS="off")
        server.forked = False  # under gevent, reading a fork's output would stop everybody
        server.start()
        try:
            yield server.url, server
        finally:
            server.kill()


def main() -> int:
    options, console, run = read_options(), Console(), secrets.token_hex(4)
    people = [Person(f"rehearsal-{run}-{n}@example.org") for n in range(options.voters)]
    with (
        served(options.url) as (url, server),
        Progress(console=console, disable=not console.is_terminal) as progress,
    ):
        bars = {name: progress.add_task(name, total=len(people)) for name in STEPS}

        def report(name: str) -> None:
            if name in bars:
                progress.advance(bars[name])
            if name == "killed":
                progress.console.print("the server was killed, and is started again")

        rehearsal = Rehearsal(url, people, report)
        try:
            lost, twice = rehearse(rehearsal, options.over, server if options.kill else None)
        except GaveUp as error:
            console.print(f"the rehearsal could not be held: {error}")
            return 1
    show(rehearsal, console)
    troubles = [person.trouble for person in people if person.trouble]
    for trouble in troubles[:5]:
        console.print(f"gave up: {trouble}", markup=False)
    console.print(f"lost: {lost} twice: {twice} gave up: {len(troubles)}")
    return int(bool(lost or twice or troubles))


if __name__ == "__main__":
    sys.exit(main())
