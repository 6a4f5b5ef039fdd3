"""How far one database goes: the queue for the turn, with costs that were measured here.

    python -m bench.turn [--rounds N]

First it measures, on the PostgreSQL of `tests/postgres.py` with `synchronous_commit=on`, how long a
turn takes, how much longer with each ballot, and how long a worker needs to apply another worker's
ballot. What a request costs a worker's core beside that is what `bench.votes` has measured on
TinyDB. Then it simulates workers that each have a core, and people who all vote within a minute, at
random moments. It writes the table in docs/scaling.md, and docs/images/scaling-wait.svg.

It is a model: no network between the machines, no sockets that are told, and PostgreSQL has cores
of its own.
"""

import json
import random
import secrets
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression, median
from time import perf_counter, process_time, thread_time

from bench.curves import Curve, draw
from bench.report import RESULTS, ROOT, describe_machine, parser_of
from bench.scaling import prefer_backends
from db.opening import open_store
from db.postgres.connecting import join
from db.postgres.engine import PostgresEngine
from db.postgres.session import Rows
from db.postgres.waiting import MOST, MOST_SECONDS
from db.tables import GROUPS, PARTS, PASSING, UNIQUE
from tests import postgres
from tests.unit.lobby import add_poll
from voting.casting import Casting, NewBallot, Vote, enter_as_voter, store_ballot
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.store import Store

SIZES = 1, 16, 64, 256
MINUTE = 60.0
VOTERS = 10_000, 30_000, 100_000, 300_000, 1_000_000
WORKERS = 1, 2, 4, 8
PAGE, PICTURE = ROOT / "docs" / "scaling.md", ROOT / "docs" / "images" / "scaling-wait.svg"
RATE = "rollcall: 64 connections"
MARKS = "<!-- turn -->\n", "<!-- /turn -->"


@dataclass(frozen=True)
class Costs:
    """Seconds: of a turn without ballots, of each ballot in it, how much of that the worker's core
    works, of each ballot of another worker, and of a request on the core.
    """

    turn: float
    ballot: float
    work: float
    other: float
    request: float


class Timed(PostgresEngine):
    """An engine that knows how long it needed to apply what others have committed."""

    spent = 0.0

    def apply(self, head: int, rows: Rows) -> bool:
        began = thread_time()
        try:
            return super().apply(head, rows)
        finally:
            self.spent += thread_time() - began


def measure(rounds: int) -> Costs:
    """Return what turns cost on this machine."""
    with postgres.schema() as relaxed, tempfile.TemporaryDirectory() as folder:
        url = relaxed.replace("%20-csynchronous_commit%3Doff", "")
        store = open_store(url, Path(folder), datetime.now(UTC))
        beside, _ = join(url, b"beside")  # nobody keeps the turn where another is there
        prefer_backends(url)
        people = iter(_sign_up(store, (rounds + 4) * sum(SIZES)))
        poll = add_poll(store, eligibility="accounts").id

        def cast(size: int) -> tuple[float, float]:
            return _cast(store, poll, [next(people) for _ in range(size)])

        cast(SIZES[-1])
        took = [[cast(size) for _ in range(rounds)] for size in SIZES]
        walls, works = ([median(each[i] for each in some) for some in took] for i in (0, 1))
        applied = _measure_applying(url, store, lambda: cast(SIZES[-1]))
        store.close()
        beside.close()
    ballot, turn = linear_regression(SIZES, walls)
    return Costs(turn, ballot, linear_regression(SIZES, works)[0], applied, 1 / _rate())


def _measure_applying(url: str, store: Store, cast: Callable[[], object]) -> float:
    """Return how long another worker needs for each ballot that one commits."""
    other = Timed(
        url,
        "bench",
        unique=UNIQUE,
        grouping=GROUPS,
        parts=PARTS,
        on_commit=lambda _changes: None,
        passing=PASSING,
    )
    cast()
    other.catch_up()
    other.spent, before = 0.0, store.count(Ballot)
    cast()
    cast()
    other.catch_up()
    applied = other.spent / (store.count(Ballot) - before)
    other.close()
    return applied


def _sign_up(store: Store, count: int) -> list[Account]:
    now = datetime.now(UTC)
    with store.transaction():
        names = (f"p{number}@example.org" for number in range(count))
        return [store.add(Account(0, each, each, "P", "hash", 0, False, now)) for each in names]


def _cast(store: Store, poll: int, people: list[Account]) -> tuple[float, float]:
    """Cast ballots in one transaction, as a batch of votes; return the seconds, and those in which
    this process worked.
    """
    now, began, worked = datetime.now(UTC), perf_counter(), process_time()
    with store.transaction():
        casting = Casting(store, now)
        for each in people:
            new = NewBallot(now, secrets.randbits(53), secrets.token_hex(16))
            store_ballot(store, enter_as_voter(casting, poll, each), Vote((1,), None), new)
    return perf_counter() - began, process_time() - worked


def _rate() -> float:
    """Return the votes a second that one core answers on TinyDB, as kept by `bench.votes`."""
    rows = json.loads((RESULTS / "votes.json").read_text())["rows"]
    return next(median(each["values"]) for each in rows if each["what"].startswith(RATE))


@dataclass
class Outcome:
    """What people waited in one run, in seconds: half of them at most, and 99 of 100; and how long
    after the minute the last one was answered.
    """

    half: float
    most: float
    late: float


class Worker:
    """One process with a core: requests that have come, votes that wait for the turn."""

    def __init__(self, arrivals: list[float], costs: Costs) -> None:
        self.arrivals, self._cost = deque(arrivals), costs.request
        self.waiting: deque[float] = deque()
        self.free_at, self.unseen = 0.0, 0
        """Until when its core is busy, and how many ballots of others it has to apply."""

    def read(self, until: float) -> None:
        """Read the requests that the core has time for; they wait for the turn from then on."""
        while self.arrivals:
            done = max(self.free_at, self.arrivals[0]) + self._cost
            if done > until:
                return
            self.free_at = done
            self.waiting.append(self.arrivals.popleft())

    def next_at(self) -> float:
        """Return when it can ask for the turn."""
        if self.waiting:
            return self.free_at
        return max(self.free_at, self.arrivals[0]) + self._cost if self.arrivals else float("inf")


def simulate(voters: int, count: int, costs: Costs) -> Outcome:
    """Let people vote at random moments of a minute, by so many workers."""
    chance = random.Random(voters)
    moments = sorted(chance.uniform(0, MINUTE) for _ in range(voters))
    workers = [Worker(moments[each::count], costs) for each in range(count)]
    most = min(MOST, int(MOST_SECONDS / costs.ballot))
    now, waits = 0.0, list[float]()
    while len(waits) < voters:
        for each in workers:
            each.read(now)
        first = min(workers, key=lambda each: each.waiting[0] if each.waiting else each.next_at())
        if not first.waiting:
            now = max(now, first.next_at())
            first.read(now)
        votes = [first.waiting.popleft() for _ in range(min(most, len(first.waiting)))]
        applied = costs.other * first.unseen
        first.free_at = now + applied + costs.work * len(votes)  # the rest waits for PostgreSQL
        first.unseen = 0
        now += costs.turn + applied + costs.ballot * len(votes)
        waits += [now - arrived for arrived in votes]
        for each in workers:
            each.unseen += len(votes) if each is not first else 0
    waits.sort()
    half, most_waited = waits[voters // 2], waits[voters * 99 // 100]
    return Outcome(half, most_waited, max(0.0, now - MINUTE))


def table_of(outcomes: dict[tuple[int, int], Outcome]) -> Iterator[str]:
    """Yield the lines of the table: people in a minute, by how many workers there are."""
    yield "| people | " + " | ".join(map(_name, WORKERS)) + " |"
    yield "| ---: |" + " --- |" * len(WORKERS)
    for voters in VOTERS:
        cells = (_cell(outcomes[voters, count]) for count in WORKERS)
        yield f"| {voters:,} | " + " | ".join(cells) + " |"


def _cell(outcome: Outcome) -> str:
    shown = " / ".join(_time(each) for each in (outcome.half, outcome.most))
    return f"{shown}; the last {_time(outcome.late)} late" if outcome.late > 1 else shown


def _name(count: int) -> str:
    return f"{count} workers" if count > 1 else "1 worker"


def _time(seconds: float) -> str:
    return f"{1_000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.0f} s"


def write(costs: Costs, outcomes: dict[tuple[int, int], Outcome]) -> None:
    """Put the table into the page, and draw the picture."""
    machine = describe_machine()
    measured = (
        f"Measured on {machine['measured']}, {machine['processor']}, {machine['cores']} cores "
        f"with a load of {machine['load before']}: a "
        f"turn {1e3 * costs.turn:.2f} ms, each ballot in it {1e6 * costs.ballot:.0f} µs "
        f"({1e6 * costs.work:.0f} µs of them on the worker's core), another "
        f"worker's ballot {1e6 * costs.other:.0f} µs, a request {1e6 * costs.request:.0f} µs."
    )
    text = PAGE.read_text()
    before, rest = text.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    body = "\n".join([*table_of(outcomes), "", measured, ""])
    PAGE.write_text(f"{before}{MARKS[0]}{body}{MARKS[1]}{after}")
    curves = [
        Curve(
            f"{_name(count)}, ms",
            [(voters, 1e3 * outcomes[voters, count].most) for voters in VOTERS],
        )
        for count in WORKERS
    ]
    PICTURE.write_text(draw("people in a minute", curves))


def main() -> int:
    options = parser_of("turn", __doc__, (), rounds=15).parse_args()
    costs = measure(options.rounds)
    outcomes = {(v, count): simulate(v, count, costs) for v in VOTERS for count in WORKERS}
    write(costs, outcomes)
    print("\n".join([str(costs), *table_of(outcomes)]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
