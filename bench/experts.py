"""A vote beside what an expert would write: one commit for all votes that have come.

    python -m bench.experts [--seconds N] [--rounds N] [--only PART …]

Measured as in `bench.votes`: rounds are interleaved, each subject has one core and is started anew
for each round, ratios are taken within a round. Beside it stand what the HTTP server itself
costs: a Flask route that does nothing, and a connection that is idle.
"""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from bench.hall import Hall, make_hall
from bench.live import raise_file_limit, resident
from bench.load import need_wrk
from bench.report import Row, describe_machine, parser_of, save, show
from bench.subjects import EXPERTS, HERE, PEERS, SUBJECTS, Running, build, running
from bench.votes import Rounds, best, measure, own_files, rate_rows, ratio_row

VOTERS, POLLS = 5_000, 400
IDLE_CONNECTIONS, FIRST_CONNECTIONS = 5_000, 200
GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
FASTIFY, ASGI = EXPERTS
OURS, PLAIN, PYWSGI = "rollcall", "no-op Flask", "no-op Flask on pywsgi"


def against(part: str, found: Rounds, of: str, peer: str, key: str, target: str) -> Iterator[Row]:
    """Return the ratio of two subjects in each round; nothing where one is not installed."""
    if peer in found[0]:
        words = "votes/s" if key == "rate" else key.removesuffix("_ms")
        values = [each[of][key] / each[peer][key] for each in found]
        yield ratio_row(part, f"{of} ÷ {peer}: {words}", values, target)


def measure_many(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """Votes a second at 64 keep-alive connections."""
    found = measure([OURS, *EXPERTS], hall, rounds, seconds)
    yield from rate_rows("many", found, "64 connections")
    yield from against("many", found, OURS, FASTIFY, "rate", "≥ 0.9")
    yield from against("many", found, OURS, FASTIFY, "p99_ms", "≤ 0.7")
    yield from against("many", found, OURS, ASGI, "rate", "")
    yield from against("many", found, OURS, ASGI, "p99_ms", "")


def measure_one(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """One vote after another over one connection."""
    found = measure([OURS, *EXPERTS], hall, rounds, seconds, connections=1)
    for name in found[0]:
        yield Row("one", f"{name}: one connection, p50", "ms", [r[name]["p50_ms"] for r in found])
    yield from against("one", found, OURS, FASTIFY, "p50_ms", "≤ 1")
    yield from against("one", found, OURS, ASGI, "p50_ms", "")


def measure_slow(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """The same where each fsync and fdatasync takes 4 ms more, with the ordinary SQLite peers."""
    library = str(HERE / "out" / "slow_disk.so")
    names = [name for name in (OURS, *EXPERTS, *PEERS) if SUBJECTS[name].slowed]
    found = measure(names, hall, rounds, seconds, {"LD_PRELOAD": library})
    yield from rate_rows("slow", found, "64 connections, fsync 4 ms slower")
    yield from against("slow", found, OURS, FASTIFY, "rate", "≥ 1")
    yield from against("slow", found, OURS, ASGI, "rate", "")
    if set(PEERS) & set(found[0]):
        values = [each[OURS]["rate"] / best(each, "rate") for each in found]
        yield ratio_row("slow", "rollcall ÷ the best ordinary SQLite peer: votes/s", values, "≥ 30")


def measure_flask(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """A Flask route that does nothing, on our server and on pywsgi; and a vote beside it."""
    found = measure([OURS, PLAIN, PYWSGI], hall, rounds, seconds)
    yield from rate_rows("flask", found, "64 connections")
    yield from against("flask", found, PLAIN, PYWSGI, "rate", "≥ 1")
    yield from against("flask", found, OURS, PYWSGI, "rate", "≥ 2.4")


def measure_idle(hall: Hall, rounds: int, _seconds: int) -> Iterator[Row]:
    """The server's memory for a connection that has had one answer and waits."""
    raise_file_limit()
    found = []
    for _ in range(rounds):
        with own_files(hall) as own, running(SUBJECTS[OURS], own) as one:
            with ExitStack() as first:
                open_connections(first, one, FIRST_CONNECTIONS)
            before = resident(one.process.pid)
            with ExitStack() as stack:
                open_connections(stack, one, IDLE_CONNECTIONS)
                grown = resident(one.process.pid) - before
        found.append(grown / IDLE_CONNECTIONS / 1024)
    yield ratio_row("idle", f"an idle connection of {IDLE_CONNECTIONS:,}", found, "≤ 4", "KiB")


def open_connections(stack: ExitStack, one: Running, count: int) -> None:
    """Open so many connections and get one answer over each."""
    for _ in range(count):
        opened = stack.enter_context(socket.create_connection(("127.0.0.1", one.port)))
        opened.sendall(GET)
        assert opened.recv(4096).startswith(b"HTTP/1.1 200")


PARTS = {
    "many": measure_many,
    "one": measure_one,
    "slow": measure_slow,
    "flask": measure_flask,
    "idle": measure_idle,
}


def main() -> int:
    options = parser_of("experts", __doc__, PARTS, seconds=2, rounds=5).parse_args()
    need_wrk()
    build()
    machine, rows = describe_machine(), list[Row]()
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = make_hall(Path(folder), VOTERS, POLLS)
        for name in options.only or PARTS:
            rows += PARTS[name](hall, options.rounds, options.seconds)
            save("experts", machine, rows)
    show(rows, Console())
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
