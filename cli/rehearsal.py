"""A rehearsal: made-up people do what real ones will do.

Each signs up, signs in, joins over Socket.IO, votes, sends the same ballot once more as after a
second click, loses the connection and joins again. In the end the poll's record is compared with
the receipts that people got. This module needs the standard library patched by gevent.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any
from uuid import uuid4

import gevent
import requests
import socketio
from gevent.event import AsyncResult

PATIENCE_SECONDS = 120
PASSWORD = "rehearsal-" + secrets.token_hex(8)
WATCH_SECONDS, CONNECT_SECONDS = 0.05, 20
"""How often the server is asked, and how long a connection may take, as in browsers."""
dice = SystemRandom()
STEPS = ("sign up", "sign in", "join", "vote", "vote again", "join again")


class GaveUp(Exception):
    """Somebody was refused, or waited too long for a response."""


@dataclass
class Person:
    """A made-up person; `receipt` is the one in the response to the vote."""

    email: str
    token: str = ""
    receipt: str | None = None
    trouble: str | None = None


@dataclass
class Rehearsal:
    """A rehearsal at one server. `took` has the seconds of each step, one number a person."""

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

    def ask(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """Return the response's JSON or text; retry without a response. Raises `GaveUp`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        while True:
            wait = 0.2
            try:
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
            except requests.RequestException as error:
                trouble = f"no answer: {error}"
            if time.monotonic() + wait > deadline:
                raise GaveUp(f"{method} {path}: {trouble}")
            gevent.sleep(wait * dice.uniform(1, 1.5))

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
            client, answer = socketio.Client(reconnection=False), AsyncResult()
            client.on("disconnect", lambda *_, answer=answer: answer.set(None))
            try:
                client.connect(self.url, auth={"token": person.token}, transports=["websocket"])
                client.emit("room:join", {"room": self.room}, callback=answer.set)
                ack = answer.wait(30)
                if ack is not None and ack["ok"]:
                    return client
                trouble = "no answer" if ack is None else str(ack["error"]["code"])
            except (socketio.exceptions.SocketIOError, OSError, ValueError) as error:
                trouble = repr(error)
            with suppress(Exception):  # it may be gone already
                client.disconnect()
            if time.monotonic() > deadline:
                raise GaveUp(f"room:join: {trouble}")
            gevent.sleep(dice.uniform(0.2, 0.5))

    def attend(self, person: Person) -> None:
        """Do all that one person does."""
        try:
            self.sign_in(person)
            with self.step("join"):
                client = self.join(person)
            path, choice = f"/polls/{self.poll}/ballot", dice.choice(self.candidates)
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
        answered = {person.receipt for person in self.people} - {None}
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


class Watch:
    """Watches the server from outside, as a load balancer and a hall's screen do.

    gap: the longest time between two answers to requests that each had a connection of its own
    refused: how many of those connections were refused or broken off
    away: the longest time that a connection of Socket.IO was away until it had joined again
    """

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.gap = self.away = 0.0
        self.refused = 0
        self._rehearsal, self._left, self._over = rehearsal, 0.0, False
        self._client = socketio.Client(
            reconnection_delay=0.5, reconnection_delay_max=3, request_timeout=CONNECT_SECONDS
        )
        self._client.on("connect", self._join)
        self._client.on("disconnect", self._leave)
        self._asking: gevent.Greenlet | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch meanwhile."""
        with suppress(socketio.exceptions.ConnectionError):
            self._client.connect(
                self._rehearsal.url, transports=["websocket"], wait_timeout=CONNECT_SECONDS
            )
        self._asking = gevent.spawn(self._ask)
        try:
            yield
        finally:
            self._over = True
            self._asking.join()
            with suppress(Exception):  # it may be gone already
                self._client.shutdown()

    def _ask(self) -> None:
        answered = time.monotonic()
        while not self._over:
            try:
                requests.get(f"{self._rehearsal.url}/healthz", timeout=30).raise_for_status()
            except requests.RequestException:
                self.refused += 1
            else:
                now = time.monotonic()
                self.gap, answered = max(self.gap, now - answered), now
            gevent.sleep(WATCH_SECONDS)

    def _join(self) -> None:
        if self._left and self._client.call("room:join", {"room": "lobby"}, timeout=30):
            self.away = max(self.away, time.monotonic() - self._left)

    def _leave(self, *_reason: object) -> None:
        if not self._over:
            self._left = time.monotonic()


def compare(answered: set[str | None], recorded: list[str], counted: int) -> tuple[int, int]:
    """Return how many ballots with a receipt are not in the record, and how many are surplus."""
    lost = len(answered - set(recorded))
    distinct = len(set(recorded) & answered)
    return lost, max(counted, len(recorded)) - distinct


def rehearse(
    rehearsal: Rehearsal, over_seconds: float, interrupt: Callable[[], None] | None
) -> tuple[int, int]:
    """Let everybody come within so many seconds; call `interrupt` once half have voted. Return how
    many ballots are lost, and how many counted twice. Raises `GaveUp`.
    """
    host = Person(f"rehearsal-host-{secrets.token_hex(4)}@example.org")
    try:
        rehearsal.prepare(host)
        crowd = [
            gevent.spawn_later(dice.uniform(0, over_seconds), rehearsal.attend, person)
            for person in rehearsal.people
        ]
        while not all(each.ready() for each in crowd):
            if interrupt is not None and rehearsal.voted * 2 >= len(crowd):
                interrupt()
                interrupt = None
            gevent.joinall(crowd, timeout=0.05)
        return rehearsal.count(host)
    finally:
        rehearsal.clean_up(host)
