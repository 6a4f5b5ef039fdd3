"""The store's benchmark: what a vote costs, against itself, stock TinyDB and SQLite.

    python -m bench.store [--documents N] [--rounds N] [--only PART …]

Rounds are interleaved (A B C A B C …), each subject lives in a process of its own, ratios are
taken within a round. Prints a table and keeps every number in bench/out/.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console

from bench.report import Row, describe_machine, parser_of, show
from bench.store_worker import write_journal, write_snapshot
from bench.workers import worker

OUT = Path(__file__).parent / "out"
ROOT = Path(__file__).parents[1]

Ask = Callable[..., Any]


@dataclass(frozen=True)
class Setting:
    """What a part is given: documents, rounds, and a folder for its files."""

    documents: int
    rounds: int
    folder: Path


@contextmanager
def subject_at(subject: str, path: Path) -> Iterator[Ask]:
    """Start a subject; give the function that asks it."""
    with worker("bench.store_worker", subject, str(path)) as started:
        yield started.ask


def p50(took: list[float]) -> float:
    """Return the median in microseconds."""
    return median(took) * 1e6


def p99(took: list[float]) -> float:
    """Return the 99th percentile in milliseconds."""
    return quantiles(took, n=100)[98] * 1e3


def measure_size(setting: Setting) -> Iterator[Row]:
    """A vote's p50 with many documents against 100."""
    with ExitStack() as stack:
        sizes = {"100": 100, f"{setting.documents:,}": setting.documents}
        asks = {
            name: stack.enter_context(
                subject_at("journaled", setting.folder / f"size-{count}.json")
            )
            for name, count in sizes.items()
        }
        for name, ask in asks.items():
            ask("fill", documents=sizes[name])
            ask("run", votes=200)
        rounds = [
            {name: p50(ask("run", votes=400)["took"]) for name, ask in asks.items()}
            for _ in range(setting.rounds * 2)
        ]
    few, many = sizes
    for name in sizes:
        yield Row("size", f"a vote's p50 at {name} documents", "µs", [r[name] for r in rounds])
    ratios = [r[many] / r[few] for r in rounds]
    yield Row("size", f"{many} against 100", "x", ratios, "≤ 1.1", median(ratios) <= 1.1)


def measure_stock(setting: Setting) -> Iterator[Row]:
    """A vote's p50 against stock TinyDB's, at a tenth of the documents."""
    documents = setting.documents // 10
    votes = {"journaled": 200, "stock": 2}
    with ExitStack() as stack:
        asks = {
            name: stack.enter_context(subject_at(name, setting.folder / f"stock-{name}.json"))
            for name in votes
        }
        for ask in asks.values():
            ask("fill", documents=documents)
        rounds = [
            {name: p50(ask("run", votes=votes[name])["took"]) for name, ask in asks.items()}
            for _ in range(setting.rounds)
        ]
    for name in votes:
        what = f"a vote's p50 at {documents:,}, {name}"
        yield Row("stock", what, "µs", [r[name] for r in rounds])
    ratios = [r["stock"] / r["journaled"] for r in rounds]
    yield Row("stock", "faster than stock TinyDB", "x", ratios, "≥ 500", median(ratios) >= 500)


def measure_writers(setting: Setting) -> Iterator[Row]:
    """Votes a second from 64 writers, against SQLite's."""
    subjects = ("journaled-gevent", "journaled", "sqlite", "sqlite-one")
    with ExitStack() as stack:
        asks = {
            name: stack.enter_context(subject_at(name, setting.folder / f"writers-{name}.db"))
            for name in subjects
        }
        for ask in asks.values():
            ask("fill", documents=100)
        rounds = []
        for _ in range(setting.rounds):
            rounds.append({})
            for name, ask in asks.items():
                votes = 100 if name.startswith("journaled") else 25
                done = ask("run", votes=votes, writers=64)
                rounds[-1][name] = len(done["took"]) / done["seconds"]
    for name in subjects:
        yield Row("writers", f"64 writers, {name}", "votes/s", [r[name] for r in rounds])
    for name in subjects[:2]:
        ratios = [r[name] / max(r["sqlite"], r["sqlite-one"]) for r in rounds]
        what = f"{name} against the better SQLite"
        yield Row("writers", what, "x", ratios, "≥ 3", median(ratios) >= 3)


def measure_open(setting: Setting) -> Iterator[Row]:
    """Seconds and memory to open everything, folded and not."""
    files = {"snapshot": write_snapshot, "journal": write_journal}
    for name, write in files.items():
        write(setting.folder / f"open-{name}.json", setting.documents)
    rounds: list[dict[str, Any]] = []
    for _ in range(min(setting.rounds, 3)):
        rounds.append({})
        for name in files:
            with subject_at("journaled", setting.folder / f"open-{name}.json") as ask:
                rounds[-1][name] = ask("open")
                assert rounds[-1][name]["n"] == setting.documents
    scale = setting.documents / 1e6
    for name in files:
        what = f"open {setting.documents:,} from {'a' if name == 'snapshot' else 'the'} {name}"
        limits = {"seconds": 6, "cpu_seconds": 0, "rss_mb": 700, "peak_mb": 0}
        for key, limit in limits.items():
            unit = "s" if key.endswith("seconds") else "MB"
            values = [r[name][key] for r in rounds]
            target = f"≤ {limit * scale:g}" if limit else ""
            met = median(values) <= limit * scale if limit and scale == 1 else None
            yield Row("open", f"{what}, {key}", unit, values, target, met)


def measure_compaction(setting: Setting) -> Iterator[Row]:
    """A vote's p99 while everything is compacted beside it."""
    with subject_at("journaled-gevent", setting.folder / "compaction.json") as ask:
        ask("fill", documents=setting.documents)
        runs = [
            ask("compact_beside", writers=16, pause=0.01) for _ in range(min(setting.rounds, 3))
        ]
    yield Row("compaction", "its seconds", "s", [run["seconds"] for run in runs])
    for name in ("before", "during"):
        yield Row("compaction", f"a vote's p50 {name}", "µs", [p50(run[name]) for run in runs])
    yield Row("compaction", "a vote's p99 before", "ms", [p99(run["before"]) for run in runs])
    during = [p99(run["during"]) for run in runs]
    yield Row("compaction", "a vote's p99 during", "ms", during, "< 20", median(during) < 20)
    worst = [max(run["during"]) * 1e3 for run in runs]
    yield Row("compaction", "the slowest vote during", "ms", worst)
    for name, what in (("stall_before", "before"), ("stall", "during")):
        values = [run[name] * 1e3 for run in runs]
        yield Row("compaction", f"the loop's longest stall {what}", "ms", values)


PARTS = {
    "size": measure_size,
    "stock": measure_stock,
    "writers": measure_writers,
    "open": measure_open,
    "compaction": measure_compaction,
}


def main() -> int:
    options = parser_of("store", __doc__, PARTS, documents=1_000_000, rounds=5).parse_args()
    OUT.mkdir(exist_ok=True)
    machine = {**describe_machine(), "documents": options.documents, "rounds": options.rounds}
    console, rows = Console(), []
    for name in options.only or PARTS:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            rows += PARTS[name](Setting(options.documents, options.rounds, Path(folder)))
        console.print(f"{name}: {time.perf_counter() - began:.0f} s")
    console.print(machine)
    show(rows, console)
    kept = OUT / f"store-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    kept.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
