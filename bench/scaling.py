"""A vote on PostgreSQL beside one on TinyDB: the same server, another engine.

    python -m bench.scaling [--seconds N] [--rounds N] [--only PART …]

Measured as in `bench.votes`: rounds are interleaved, the server has one core and is started anew
for each round, ratios are taken within a round. PostgreSQL is the one of `tests/postgres.py`, on
this machine, with `synchronous_commit=on`; it runs on whatever core is free.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.hall import Hall, make_hall
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, parser_of, save, show
from bench.subjects import HERE, NICE, SUBJECTS, build, check, running
from bench.votes import WARM_SECONDS, Rounds, rate_rows, ratio_row
from db.opening import open_store
from tests import postgres

VOTERS, POLLS = 5_000, 60
TINYDB, POSTGRES = "TinyDB", "PostgreSQL"


@contextmanager
def serving(engine: str) -> Iterator[tuple[Hall, dict[str, str]]]:
    """Make a hall on an engine; yield it and the settings of its server."""
    with tempfile.TemporaryDirectory(dir=HERE / "out") as place:
        folder = Path(place)
        if engine == TINYDB:
            yield make_hall(folder, VOTERS, POLLS), {}
            return
        with postgres.schema() as relaxed:
            url = relaxed.replace("%20-csynchronous_commit%3Doff", "")
            store = open_store(url, folder, datetime.now(UTC))
            hall = make_hall(folder, VOTERS, POLLS, store=store)
            yield hall, {"ROLLCALL_DATABASE_URL": url, "ROLLCALL_INSTANCE": place}


def measure(rounds: int, seconds: int, **how: Any) -> Rounds:
    """Return wrk's numbers, by engine, of each round."""
    found: Rounds = [{} for _ in range(rounds)]
    for figures in found:
        for engine in (TINYDB, POSTGRES):
            with (
                serving(engine) as (hall, settings),
                running(SUBJECTS["rollcall"], hall, **settings) as one,
            ):
                check(one)
                prefer_backends()
                vote(one, WARM_SECONDS, **how)
                figures[engine] = vote(one, seconds, **how)
    return found


def prefer_backends() -> None:
    """Let PostgreSQL's processes for us run before others, as the server does, where allowed."""
    find = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'rollcall %'"
    for (pid,) in postgres.run(find):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, int(str(pid)), NICE)
            Path(f"/proc/{pid}/autogroup").write_text(str(NICE))


def measure_many(rounds: int, seconds: int) -> Iterator[Row]:
    """Votes a second at 64 keep-alive connections."""
    found = measure(rounds, seconds)
    yield from rate_rows("many", found, "64 connections")
    values = [each[POSTGRES]["rate"] / each[TINYDB]["rate"] for each in found]
    yield ratio_row("many", "PostgreSQL ÷ TinyDB: votes/s", values, "≥ 0.85")


def measure_one(rounds: int, seconds: int) -> Iterator[Row]:
    """One vote after another over one connection."""
    found = measure(rounds, seconds, connections=1)
    for name in found[0]:
        yield Row("one", f"{name}: one connection, p50", "ms", [r[name]["p50_ms"] for r in found])
    values = [each[POSTGRES]["p50_ms"] / each[TINYDB]["p50_ms"] for each in found]
    yield ratio_row("one", "PostgreSQL ÷ TinyDB: p50", values, "")


PARTS = {"many": measure_many, "one": measure_one}


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
