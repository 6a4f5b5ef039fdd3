"""A vote over HTTP: ours, the limits, and what people would pick instead.

    python -m bench.votes [--seconds N] [--rounds N] [--only PART …]

Rounds are interleaved (A B C A B C …), ratios are taken within a round. A server is started anew
for each and pinned to one core, wrk to another; first each is seen to do the same work.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

from rich.console import Console

from bench.hall import Hall, make_hall
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, parser_of, save, show
from bench.subjects import HERE, PEERS, SUBJECTS, build, check, running

VOTERS, POLLS = 5_000, 120
WARM_SECONDS = 3
"""Express takes as long until it is at its best; ours and the others take one."""
Rounds = list[dict[str, dict[str, Any]]]


@contextmanager
def own_files(hall: Hall) -> Iterator[Hall]:
    """Give a subject a copy of the hall's files."""
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        shutil.copytree(hall.tokens.parent, folder, dirs_exist_ok=True)
        yield replace(hall, tokens=Path(folder) / "tokens")


def measure(
    names: Iterable[str],
    hall: Hall,
    rounds: int,
    seconds: int,
    settings: Mapping[str, str] = MappingProxyType({}),
    **how: Any,
) -> Rounds:
    """Return wrk's numbers, by subject, of each round; what is not installed is left out.

    Each is started anew for each round: where a process happens to lie in memory makes it faster
    or slower by up to a tenth for as long as it lives. Its files stay: SQLite's WAL, for one, is
    slower while it is new.
    """
    found: Rounds = [{} for _ in range(rounds)]
    with ExitStack() as stack:
        present = [SUBJECTS[name] for name in names if SUBJECTS[name].present]
        halls = {subject.name: stack.enter_context(own_files(hall)) for subject in present}
        ballots = dict.fromkeys(halls, 0)
        for figures in found:
            for subject in present:
                with running(subject, halls[subject.name], **settings) as one:
                    if subject.same and not ballots[subject.name]:
                        check(one)
                    one.next = ballots[subject.name]
                    vote(one, WARM_SECONDS, **how)
                    figures[subject.name] = vote(one, seconds, **how)
                    ballots[subject.name] = one.next
    return found


def rate_rows(part: str, found: Rounds, words: str) -> Iterator[Row]:
    """Return the rows that every subject has."""
    for name in found[0]:
        yield Row(part, f"{name}: {words}", "votes/s", [each[name]["rate"] for each in found])
        yield Row(part, f"{name}: p99", "ms", [each[name]["p99_ms"] for each in found])


def ratio_row(part: str, what: str, values: list[float], target: str, unit: str = "x") -> Row:
    """Return a ratio beside what it has to be: `≥ 2` or `≤ 1.1`; "" where it may be any."""
    if not target:
        return Row(part, what, unit, values)
    sign, limit = target.split()
    over = median(values) >= float(limit) if sign == "≥" else median(values) <= float(limit)
    return Row(part, what, unit, values, target, over)


def best(peers: dict[str, dict[str, Any]], key: str) -> float:
    """Return the best number of those that do the same work in a round."""
    values = [peers[name][key] for name in PEERS if name in peers]
    return max(values) if key == "rate" else min(values)


def measure_many(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """Votes a second at 64 keep-alive connections."""
    names = ["rollcall", "no-op Flask", "raw C loop", *PEERS, "Express + lowdb"]
    found = measure(names, hall, rounds, seconds)
    yield from rate_rows("many", found, "64 connections")
    ours = [each["rollcall"] for each in found]
    cost = [each["no-op Flask"]["cpu_us"] / each["rollcall"]["cpu_us"] for each in found]
    near = [each["rollcall"]["rate"] / each["no-op Flask"]["rate"] for each in found]
    flask = [each["Flask + SQLite"] for each in found]
    yield ratio_row("many", "votes/s against a no-op Flask route", near, "≥ 0.65")
    yield Row("many", "a no-op route's processor time against a vote's", "x", cost)
    against = [own["rate"] / peer["rate"] for own, peer in zip(ours, flask, strict=True)]
    yield ratio_row("many", "votes/s against Flask + SQLite", against, "≥ 3.5")
    against = [each["rollcall"]["rate"] / best(each, "rate") for each in found]
    yield ratio_row("many", "votes/s against the best peer", against, "≥ 2")
    against = [own["p99_ms"] / peer["p99_ms"] for own, peer in zip(ours, flask, strict=True)]
    yield ratio_row("many", "p99 against Flask + SQLite's", against, "≤ 0.25")


def measure_one(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """One vote after another over one connection."""
    found = measure(["rollcall", *PEERS], hall, rounds, seconds, connections=1)
    for name in found[0]:
        yield Row("one", f"{name}: one connection, p50", "ms", [r[name]["p50_ms"] for r in found])
        yield Row("one", f"{name}: p99", "ms", [r[name]["p99_ms"] for r in found])
    for key, target in (("p50_ms", "≤ 1"), ("mean_ms", ""), ("p99_ms", "")):
        against = [each["rollcall"][key] / best(each, key) for each in found]
        what = f"one connection: {key[:-3]} against the best peer's"
        yield ratio_row("one", what, against, target) if target else Row("one", what, "x", against)


def measure_slow(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """The same where each fsync and fdatasync takes 4 ms more."""
    library = str(HERE / "out" / "slow_disk.so")
    names = [name for name in ("rollcall", *PEERS) if SUBJECTS[name].slowed]
    found = measure(names, hall, rounds, seconds, {"LD_PRELOAD": library})
    yield from rate_rows("slow", found, "64 connections, fsync 4 ms slower")
    against = [each["rollcall"]["rate"] / best(each, "rate") for each in found]
    yield ratio_row("slow", "fsync 4 ms slower: against the best SQLite peer", against, "≥ 15")


def measure_legacy(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """`GET /vote?id=`, as existing frontends vote."""
    found = measure(["rollcall", "no-op Flask"], hall, rounds, seconds, kind="legacy")
    yield from rate_rows("legacy", found, "GET /vote, 64 connections")


def measure_tinydb(hall: Hall, rounds: int, seconds: int) -> Iterator[Row]:
    """What stock TinyDB keeps of the ballots of eight voters at a time."""
    rates, lost, subject = [], [], SUBJECTS["Flask + TinyDB"]
    for _ in range(min(rounds, 3) if subject.present else 0):
        with own_files(hall) as own, running(subject, own) as one:
            figures = vote(one, seconds, 8, strict=False)
            kept = count_kept(own.tokens.with_name("votes.json"))
        answered = figures["answered"] - figures["refused"]
        rates.append(figures["rate"])
        lost.append(100 * max(0.0, 1 - kept / answered))
    if rates:
        yield Row("tinydb", f"{subject.name}: eight voters at a time", "votes/s", rates)
        what = f"{subject.name}: of the ballots answered 201, lost with its file"
        yield Row("tinydb", what, "%", lost)


def count_kept(path: Path) -> int:
    """Return how many ballots TinyDB's file holds; none where it is no JSON any more."""
    try:
        return len(json.loads(path.read_text())["ballots"])
    except (ValueError, KeyError):
        return 0


PARTS = {
    "many": measure_many,
    "one": measure_one,
    "slow": measure_slow,
    "legacy": measure_legacy,
    "tinydb": measure_tinydb,
}


def main() -> int:
    options = parser_of("votes", __doc__, PARTS, seconds=2, rounds=5).parse_args()
    need_wrk()
    build()
    machine, console, rows = describe_machine(), Console(), []
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = make_hall(Path(folder), VOTERS, POLLS)
        for name in options.only or PARTS:
            rows += PARTS[name](hall, options.rounds, options.seconds)
            save("votes", machine, rows)
    show(rows, console)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
