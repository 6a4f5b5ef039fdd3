"""One hostile machine while a hall votes: the votes a second that are left, and what one waits.

    python -m bench.hostile [--rounds N] [--only ATTACK …] [--part NAME]

Each attack of `bench.attackers` meets a server of its own, limits on: some seconds of votes in
peace, then as many under attack. Somebody who votes every 20 ms measures the longest wait, also of
an answer that never comes; so do some who sign in, join or close a poll of theirs.

The attacker runs on the load's core, so wrk sends fewer votes even where the server has time for
them. Two ratios are kept: of the votes that were cast, and of those that the server had time for.
"""

import argparse
import multiprocessing
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import requests
from argon2 import PasswordHasher
from rich.console import Console
from simple_websocket import Client, ConnectionClosed
from simple_websocket import ConnectionError as Refused

from bench.attackers import ATTACKS, CROWDED_ROOM, READERS
from bench.hall import Hall, make_hall
from bench.load import need_wrk, vote
from bench.report import ROOT, Row, describe_machine, save, show
from bench.signins import PASSWORD
from bench.subjects import HERE, LOAD_CORE, SUBJECTS, Running, prefer, running
from bench.votes import own_files, ratio_row
from db.tinydb_store import TinyDBStore
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Guest, Room

VOTERS, POLLS = 5_000, 60
CONNECTIONS, SECONDS, WARM_SECONDS = 16, 4, 1
RANKED, CANDIDATES, GUESTS = 1_000, 20, 10_000
LONGEST_MS, PAUSE_SECONDS = 500, 0.02


def prepare(folder: Path) -> Hall:
    """Make a hall with what some attacks need: a closed ranked poll, and a crowded room."""
    hashed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    hall = make_hall(folder, VOTERS, POLLS, hashed)
    store, now = TinyDBStore(folder / "rollcall.json", datetime.now(UTC)), datetime.now(UTC)
    with store.transaction():
        room = store.add(Room(0, CROWDED_ROOM, "Guests", "public"))
        for number in range(GUESTS):
            store.add(Guest(0, room.code, f"Guest {number}", now))
    poll = store.get(Poll, 1)
    assert poll is not None
    make_ranked(store, poll)
    close_poll(store, poll.id, now, CLOCK)
    store.close()
    return hall


def make_ranked(store: TinyDBStore, poll: Poll) -> None:
    """Let a poll of the hall be a ranked one with many ballots."""
    more = tuple(Candidate(0, f"Person {number}") for number in range(CANDIDATES))
    with store.transaction():
        poll = store.save(replace(poll, method="ranked", candidates=poll.candidates + more))
        ids = [candidate.id for candidate in poll.candidates][-CANDIDATES:]
        for _ in range(RANKED):
            marks = tuple(sorted(ids, key=lambda _each: secrets.randbits(32)))
            voter, receipt = secrets.token_hex(32), secrets.token_hex(16)
            store.add(Ballot(secrets.randbits(53), poll.id, voter, receipt, marks))


class Honest:
    """Honest people; each method prepares an act, and returns it to be timed."""

    def __init__(self, one: Running) -> None:
        self._url, self._poll = one.url, one.hall.polls - 1
        self._tokens = cycle(one.hall.tokens.read_text().split()[1:])
        self._host = next(self._tokens)
        self._session = requests.Session()
        self._room: str | None = None

    def vote(self) -> Callable[[], None]:
        voter, path = next(self._tokens), f"/polls/{self._poll}/ballot"
        return lambda: self._ask("PUT", path, {"choices": []}, voter)

    def sign_in(self) -> Callable[[], None]:
        someone = {"email": f"voter{secrets.randbelow(VOTERS) + 1}@example.org"}
        return lambda: self._ask("POST", "/auth/login", {**someone, "password": PASSWORD})

    def close(self) -> Callable[[], None]:
        self._room = self._room or self._ask("POST", "/rooms", {"name": "Theirs"})["code"]
        draft = {"title": "?", "candidates": [{"name": "A"}], "secrecy": "secret"}
        poll = self._ask("POST", f"/rooms/{self._room}/polls", draft)["id"]
        self._ask("POST", f"/polls/{poll}/open")
        return lambda: self._ask("POST", f"/polls/{poll}/close")

    def join(self) -> Callable[[], None]:
        return self._join

    def _join(self) -> None:
        client = Client(f"ws{self._url[4:]}/socket.io/?EIO=4&transport=websocket")
        client.send("40")
        client.send('420["room:join",{"room":"lobby"}]')
        while not (client.receive(timeout=60) or "").startswith("430["):
            pass
        client.close()

    def _ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        head = {"Authorization": f"Bearer {token or self._host}"}
        asked = self._session.request(method, self._url + path, json=body, headers=head, timeout=60)
        asked.raise_for_status()
        return asked.json() if asked.headers["Content-Type"] == "application/json" else None


ALSO = {
    "nothing": (Honest.sign_in, Honest.close, Honest.join),
    "namespaces left and joined in a loop": (Honest.join,),
    "GET /auth/login": (Honest.sign_in,),
    "sign-ins of made-up accounts": (Honest.sign_in,),
    "secret polls closed in a room of one's own": (Honest.close,),
    "polling handshakes that never join": (Honest.join,),
}
"""What else is timed under an attack, beside a vote."""


class Waiting(multiprocessing.Process):
    """Acts every 20 ms, on the load's core; `longest_ms` is the longest wait, also for what is not
    done at the end."""

    def __init__(self, prepare: Callable[[], Callable[[], None]]) -> None:
        super().__init__(daemon=True)
        self._prepare = prepare
        self._began = multiprocessing.Value("d", 0.0)
        self._longest = multiprocessing.Value("d", 0.0)

    def run(self) -> None:
        prefer(LOAD_CORE)
        while True:
            act = persist(self._prepare)
            self._began.value = began = time.monotonic()
            persist(act)
            self._longest.value = max(self._longest.value, time.monotonic() - began)
            self._began.value = 0.0
            time.sleep(PAUSE_SECONDS)

    @property
    def longest_ms(self) -> float:
        began = self._began.value
        return 1_000 * max(self._longest.value, time.monotonic() - began if began else 0.0)


def persist(step: Callable[[], Any]) -> Any:
    """Return what a step returns; one that is refused is tried again."""
    while True:
        try:
            return step()
        except (OSError, Refused, ConnectionClosed):
            time.sleep(PAUSE_SECONDS)


@contextmanager
def attacked(one: Running, name: str, token: str) -> Iterator[None]:
    """Let one attack go on; what it needs to begin has been done when this is entered."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.attackers", name, str(one.port), token],
        cwd=ROOT,
        preexec_fn=lambda: prefer(LOAD_CORE),  # noqa: PLW1509 (no threads here)
        stderr=subprocess.DEVNULL,
    ) as attacker:
        time.sleep(WARM_SECONDS)
        try:
            yield
        finally:
            attacker.kill()


@contextmanager
def acting(one: Running, name: str) -> Iterator[dict[str, Waiting]]:
    """Let honest people act, by act."""
    waiting = {
        act.__name__: Waiting(partial(act, Honest(one)))
        for act in (Honest.vote, *ALSO.get(name, ()))
    }
    for each in waiting.values():
        each.start()
    try:
        yield waiting
    finally:
        for each in waiting.values():
            each.kill()


def measure(hall: Hall, name: str) -> dict[str, float]:
    """Return what is left of the votes' rate under an attack, their p99, and the longest waits.

    The same honest people act in peace, so that the ratio is the attack's doing alone.
    """
    tokens = hall.tokens.read_text().split()
    limits = {"ROLLCALL_RATE_LIMITS": "on"}
    with own_files(hall) as own, running(SUBJECTS["rollcall"], own, **limits) as one:
        one.next = VOTERS  # the first poll is closed
        while one.next < 2 * VOTERS:  # the first vote by each token takes longer
            vote(one, WARM_SECONDS, CONNECTIONS)
        with acting(one, name):
            peace = vote(one, SECONDS, CONNECTIONS)
        with attacked(one, name, tokens[0]), acting(one, name) as waiting:
            meanwhile = vote(one, SECONDS, CONNECTIONS, strict=False)
            found = {act: each.longest_ms for act, each in waiting.items()}
    kept, idle = meanwhile["rate"] / peace["rate"], 1 - meanwhile["cpu_share"]
    room = kept + max(idle, 0) / peace["cpu_share"]
    return {"kept": kept, "room": room, "p99": meanwhile["p99_ms"], **found}


def rows_of(part: str, hall: Hall, name: str, rounds: int) -> Iterator[Row]:
    """Return what one attack does."""
    found = [measure(hall, name) for _ in range(rounds)]
    yield Row(part, f"{name}: votes/s against peace", "x", [each["kept"] for each in found])
    words = f"{name}: votes/s against peace, the idle time counted"
    yield ratio_row(part, words, [each["room"] for each in found], "≥ 0.5")
    yield Row(part, f"{name}: votes' p99", "ms", [each["p99"] for each in found])
    for act in [key for key in found[0] if key not in ("kept", "room", "p99")]:
        waits, words = [each[act] for each in found], act.replace("_", "-")
        what, target = f"{name}: the longest {words}", f"≤ {LONGEST_MS}"
        yield Row(part, what, "ms", waits, target, median(waits) <= LONGEST_MS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", default="now", help="what the rows are kept as")
    parser.add_argument("--only", choices=ATTACKS, action="append", help="may be repeated")
    options = parser.parse_args()
    need_wrk()
    (HERE / "out").mkdir(exist_ok=True)
    machine, rows = describe_machine(), []
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = prepare(Path(folder))
        for name in options.only or [each for each in ATTACKS if each not in READERS[1:]]:
            rows += rows_of(options.part, hall, name, options.rounds)
    show(rows, Console())
    save("hostile", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
