"""What a start takes, and how much memory the server has then, by the ballots of an open poll.

    python -m bench.starts [--rounds N] [--most BALLOTS]

Stores of 100 to 10,000,000 ballots take turns. In each round a server starts, a lone voter votes,
and the server is stopped cleanly. One of a million was killed when the lines beside the ballots'
file had almost the size at which they are folded into it, which is the worst moment. The largest
store has 2 GB of files and takes minutes to make. Draws docs/images/growth-starts.svg.
"""

import argparse
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console

from bench.curves import Curve, draw
from bench.growth import IMAGES, POLLS, VOTERS
from bench.hall import CANDIDATES, Hall, make_hall
from bench.live import resident
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, save, show
from bench.subjects import HERE, SUBJECTS, running
from bench.votes import ratio_row
from db.ballots import FILED, HEX_DIGITS
from db.journal import JournaledStorage
from db.journal.documents import Document
from db.journal.filed import first_id
from db.journal.lines import FOLD_BYTES, FOLD_SHARE
from db.rows import ballot_row
from db.tinydb_store import TinyDBStore
from voting.model.ballots import Ballot

SIZES = (100, 10_000, 100_000, 1_000_000, 10_000_000)
PLACE, NUMBERS = 2, 16**HEX_DIGITS
"""Of the first poll's ballots, as they were cast; how many ids it has for them."""
MILLION, MOST_SECONDS, MOST_MB, MOST_RATIO = 1_000_000, 3, 300, 1.5
"""What a start with a million ballots may take, and of that after a kill."""
KILLED, LINE_BYTES = -1, 245
"""The number under which the killed store is noted; no line of a vote has more bytes."""
NAMES = {
    "start": ("a start", "s"),
    "processor": ("its processor time", "s"),
    "memory": ("memory then", "MB"),
    "vote": ("a vote then", "µs"),
}


def make_filled_hall(folder: Path, ballots: int) -> Hall:
    """Make a hall whose first poll holds so many ballots. They are written into its file at once:
    cast one by one, ten million take an hour.
    """
    hall = make_hall(folder, VOTERS, POLLS)
    storage = JournaledStorage(folder / "rollcall.json", filed=FILED)

    def rows() -> Iterator[tuple[int, Document]]:
        for number in range(ballots):
            start = number * (NUMBERS // ballots)
            voter = f"{start:0{HEX_DIGITS}x}{secrets.token_hex(27)}"
            ballot = Ballot(
                0, 1, voter, secrets.token_hex(16), (1 + secrets.randbelow(CANDIDATES),)
            )
            yield first_id(PLACE, start), ballot_row(ballot)

    assert storage.fill("ballots", PLACE, rows())
    storage.close()
    return hall


def kill_at_worst(folder: Path) -> Path:
    """Let votes come to the first poll of a store, each alone, and end before their lines are
    folded; return a copy of the files.
    """
    path, kept = folder / "rollcall.json", folder / "killed"
    kept.mkdir()
    child = os.fork()
    if child == 0:
        store = TinyDBStore(path, datetime.now(UTC))
        (lines,) = folder.glob("rollcall.json.part.*.run")
        most = max(FOLD_BYTES, lines.stat().st_size // FOLD_SHARE)
        for _ in range(most // LINE_BYTES):
            voter, choice = secrets.token_hex(32), 1 + secrets.randbelow(CANDIDATES)
            with store.transaction():
                store.add(Ballot(0, 1, voter, secrets.token_hex(16), (choice,)))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    for each in folder.glob("rollcall.json*"):
        shutil.copy(each, kept)
    return kept


def start_killed(hall: Hall, kept: Path) -> dict[str, float]:
    """Start a server on the files that a kill left; as `start`."""
    folder = kept.parent
    for each in folder.glob("rollcall.json*"):
        each.unlink()
    for each in kept.iterdir():
        shutil.copy(each, folder)
    os.sync()
    return start(hall)


def start(hall: Hall) -> dict[str, float]:
    """Start a server and stop it cleanly; return what it took."""
    began = time.monotonic()
    with running(SUBJECTS["rollcall"], hall) as one:
        found = {"start": time.monotonic() - began, "processor": one.cpu_seconds()}
        found["memory"] = resident(one.process.pid) / 1e6
        one.next = VOTERS  # the first poll is the one that is grown
        found["vote"] = vote(one, 1)["cpu_us"]
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(600)
    return found


def measure(sizes: list[int], rounds: int) -> Iterator[Row]:
    """Cost of a start by the ballots that are there."""
    found: defaultdict[str, defaultdict[int, list[float]]]
    found = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        halls = {}
        killed: list[tuple[Hall, Path]] = []
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=HERE / "out")))
            halls[size] = make_filled_hall(folder, size)
        if MILLION in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=HERE / "out")))
            killed = [(make_filled_hall(folder, MILLION), kill_at_worst(folder))]
        for _ in range(rounds):
            for size, hall in halls.items():
                note(found, size, start(hall))
            for hall, kept in killed:
                note(found, KILLED, start_killed(hall, kept))
    yield from rows_of(sizes, found)


def note(
    found: defaultdict[str, defaultdict[int, list[float]]], size: int, taken: dict[str, float]
) -> None:
    """Keep what a start took."""
    for name, value in taken.items():
        found[name][size].append(value)


def rows_of(sizes: list[int], found: Mapping[str, Mapping[int, list[float]]]) -> Iterator[Row]:
    """Return the rows of what was measured, and draw it."""
    for name, (what, unit) in NAMES.items():
        for size in sizes:
            target, met = "", None
            if size == MILLION and name in ("start", "memory"):
                most = MOST_SECONDS if name == "start" else MOST_MB
                target, met = f"≤ {most}", median(found[name][size]) <= most
            yield Row("starts", f"{what}, {size:,} ballots", unit, found[name][size], target, met)
        if KILLED in found[name]:
            label = f"{what}, {MILLION:,} ballots, after a kill"
            yield Row("starts", label, unit, found[name][KILLED])
    if KILLED in found["start"]:
        for name, target in (("start", ""), ("processor", f"≤ {MOST_RATIO}")):
            pairs = zip(found[name][KILLED], found[name][MILLION], strict=True)
            label = f"{NAMES[name][0]} after a kill against one after a clean stop"
            yield ratio_row("starts", label, [after / clean for after, clean in pairs], target)
    few, many = found["vote"][sizes[0]], found["vote"][sizes[-1]]
    ratios = [after / before for after, before in zip(many, few, strict=True)]
    what = f"a vote's processor time at {sizes[-1]:,} ballots against {sizes[0]}"
    yield ratio_row("starts", what, ratios, "")
    curves = [
        Curve("a start's processor time, ms", points(sizes, found["processor"], 1_000)),
        Curve("memory, MB", points(sizes, found["memory"])),
    ]
    (IMAGES / "growth-starts.svg").write_text(draw("ballots", curves))


def points(
    sizes: list[int], found: Mapping[int, list[float]], scale: float = 1
) -> list[tuple[float, float]]:
    """Return the medians by size."""
    return [(size, median(found[size]) * scale) for size in sizes]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.starts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    options = parser.parse_args()
    need_wrk()
    (HERE / "out").mkdir(exist_ok=True)
    machine = describe_machine()
    rows = list(measure([size for size in SIZES if size <= options.most], options.rounds))
    show(rows, Console())
    save("starts", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
