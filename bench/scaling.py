"""A vote on PostgreSQL: beside one on TinyDB, and beside Flask and PostgreSQL under gunicorn.

    python -m bench.scaling [--seconds N] [--rounds N] [--only PART …]

Measured as in `bench.votes`: rounds are interleaved, a server is started anew for each round and
has one core, ratios are taken within a round. Where there are several workers, they may use all
cores. PostgreSQL is the one of `tests/postgres.py`, on this machine, with `synchronous_commit=on`;
it runs on whatever core is free.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.hall import Hall, make_hall
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, parser_of, save, show
from bench.subjects import GUNICORN, HERE, NICE, SUBJECTS, Running, Subject, build, check, running
from bench.votes import WARM_SECONDS, Rounds, rate_rows, ratio_row
from db.opening import open_store
from db.postgres.migrating import SCHEMA, USE_CLASS
from tests import postgres

VOTERS, POLLS = 5_000, 60
TINYDB, POSTGRES, PEER = "rollcall, TinyDB", "rollcall, PostgreSQL", "Flask + PostgreSQL"
CONNECTIONS = 16
"""The pool of each of the peer's workers: with 8, 24 or 64 it is no faster."""
WORKERS = 1, 2, 3


def subject_of(name: str, workers: int = 1) -> Subject:
    """Return how a server with so many workers is started."""
    spread = workers > 1
    if name == PEER:
        command = [*GUNICORN, "64", "--workers", str(workers), "bench.peers.flask_postgres:app"]
        return Subject(name, command, ".venv/lib/*/site-packages/psycopg_pool", spread=spread)
    if not spread:
        return replace(SUBJECTS["rollcall"], name=name)
    command = [sys.executable, "-m", "cli", "serve", "--workers", str(workers)]
    return Subject(name, command, spread=True)


@contextmanager
def serving(
    name: str, workers: int = 1, voters: int = VOTERS, polls: int = POLLS
) -> Iterator[Running]:
    """Run a server for a new hall, with its data in TinyDB or in PostgreSQL."""
    subject = subject_of(name, workers)
    (HERE / "out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HERE / "out") as place:
        folder = Path(place)
        if name == TINYDB:
            with running(subject, make_hall(folder, voters, polls)) as one:
                yield one
            return
        with postgres.schema() as relaxed:
            url = relaxed.replace("%20-csynchronous_commit%3Doff", "")
            hall, settings = _fill(name, url, folder, voters, polls)
            with running(subject, hall, **settings) as one:
                prefer_backends(url)
                yield one


def _fill(
    name: str, url: str, folder: Path, voters: int, polls: int
) -> tuple[Hall, dict[str, str]]:
    """Make a hall in an empty database; return it, and the settings of its server."""
    if name == PEER:  # it makes its own tables
        settings = {"DATABASE": url, "CONNECTIONS": str(CONNECTIONS)}
        return make_hall(folder, voters, polls), settings
    store = open_store(url, folder, datetime.now(UTC))
    hall = make_hall(folder, voters, polls, store=store)
    return hall, {"ROLLCALL_DATABASE_URL": url, "ROLLCALL_INSTANCE": str(folder)}


def measure(names: list[tuple[str, int]], rounds: int, seconds: int, **how: Any) -> Rounds:
    """Return wrk's numbers of each round, by server and its number of workers."""
    present = [each for each in names if subject_of(*each).present]
    found: Rounds = [{} for _ in range(rounds)]
    for figures in found:
        for name, workers in present:
            with serving(name, workers) as one:
                check(one)
                vote(one, WARM_SECONDS, **how)
                figures[_title(name, workers)] = vote(one, seconds, **how)
    return found


def _title(name: str, workers: int) -> str:
    return f"{name}, {workers} workers" if workers > 1 else name


def prefer_backends(url: str) -> None:
    """Let PostgreSQL's process for our worker run before others, as the server does: where allowed,
    and by the scheduler that this process has (`chrt`).
    """
    find = b"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %d AND objid = %s"
    for (pid,) in postgres.run((find % (USE_CLASS, SCHEMA)).decode(), url):
        with suppress(OSError):
            policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
            os.sched_setscheduler(int(str(pid)), policy, priority)
            os.setpriority(os.PRIO_PROCESS, int(str(pid)), NICE)
            Path(f"/proc/{pid}/autogroup").write_text(str(NICE))


def measure_many(rounds: int, seconds: int) -> Iterator[Row]:
    """Votes a second at 64 keep-alive connections, by one worker on one core."""
    found = measure([(name, 1) for name in (TINYDB, POSTGRES, PEER)], rounds, seconds)
    yield from rate_rows("many", found, "64 connections")
    for name in found[0]:
        values = [each[name]["cpu_us"] for each in found]
        yield Row("many", f"{name}: the server's processor time a vote", "µs", values)
    yield from _against("many", found, TINYDB, "rate", "≥ 0.85")
    yield from _against("many", found, PEER, "rate", "≥ 4")


def measure_one(rounds: int, seconds: int) -> Iterator[Row]:
    """One vote after another over one connection."""
    names = [(name, 1) for name in (TINYDB, POSTGRES, PEER)]
    found = measure(names, rounds, seconds, connections=1)
    for name in found[0]:
        yield Row("one", f"{name}: one connection, p50", "ms", [r[name]["p50_ms"] for r in found])
    yield from _against("one", found, TINYDB, "p50_ms", "")
    yield from _against("one", found, PEER, "p50_ms", "≤ 1")


def measure_workers(rounds: int, seconds: int) -> Iterator[Row]:
    """Votes a second at 64 connections by one, two and three workers."""
    names = [(name, workers) for workers in WORKERS for name in (POSTGRES, PEER)]
    found = measure(names, rounds, seconds)
    for name in found[0]:
        yield Row("workers", f"{name}: votes", "votes/s", [each[name]["rate"] for each in found])
    for workers in WORKERS:
        ours, peer = _title(POSTGRES, workers), _title(PEER, workers)
        if peer in found[0]:
            values = [each[ours]["rate"] / each[peer]["rate"] for each in found]
            yield ratio_row("workers", f"{ours} ÷ {peer}: votes/s", values, "")


def _against(part: str, found: Rounds, other: str, key: str, target: str) -> Iterator[Row]:
    if other in found[0]:
        values = [each[POSTGRES][key] / each[other][key] for each in found]
        words = "votes/s" if key == "rate" else "p50"
        yield ratio_row(part, f"{POSTGRES} ÷ {other}: {words}", values, target)


PARTS = {"many": measure_many, "one": measure_one, "workers": measure_workers}


def main() -> int:
    options = parser_of("scaling", __doc__, PARTS, seconds=5, rounds=5).parse_args()
    need_wrk()
    build()
    machine, rows = describe_machine(), list[Row]()
    for name in options.only or PARTS:
        rows += PARTS[name](options.rounds, options.seconds)
        save("scaling", machine, rows)
    show(rows, Console())
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
