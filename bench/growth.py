"""What grows: a vote, a join, a results document, a start and a close, with ballots, polls and
connections.

    python -m bench.growth [--rounds N] [--small] [--only PART]

Servers with 100, 10,000 and 1,000,000 ballots take turns, then those whose room has had 1 to 1,000
polls; then one is watched by 10, 1,000 and 10,000 connections. Draws docs/images/growth-*.svg.
Needs 3 GB of memory; `--small` a tenth.
"""

import argparse
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, get_args

import requests
from rich.console import Console

from bench.closing import Secrecy, clock_close
from bench.curves import Curve, draw
from bench.hall import Hall, make_hall
from bench.live import resident
from bench.load import need_wrk, vote
from bench.report import ROOT, Row, describe_machine, save, show
from bench.subjects import HERE, LOAD_CORE, SUBJECTS, Running, running
from bench.votes import ratio_row
from bench.workers import worker
from db.tinydb_store import TinyDBStore
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.ballots import Ballot

VOTERS, POLLS, OPEN = 5_000, 60, 5
CLOSES, LARGE = [100, 1_000, 10_000, 100_000, 1_000_000], 100_000
"""Closes of so many ballots or more are measured once."""
HISTORIES, PHONES = (1, 10, 100, 1_000), 60
CHUNK = 50_000
JOIN = ["40", '420["room:join",{"room":"lobby"}]']
WORDS = {
    "start": ("a start", "s"),
    "vote": ("a vote", "µs"),
    "join": ("a join", "µs"),
    "results": ("a results document", "µs"),
}
IMAGES = ROOT / "docs" / "images"


def make_grown_hall(folder: Path, ballots: int) -> Hall:
    """Make a hall whose first poll holds so many ballots, of voters that are not kept."""
    hall = make_hall(folder, VOTERS, POLLS)
    store = TinyDBStore(folder / "rollcall.json", datetime.now(UTC))
    for start in range(0, ballots, CHUNK):
        with store.transaction():
            for _ in range(start, min(start + CHUNK, ballots)):
                voter, receipt = secrets.token_hex(32), secrets.token_hex(16)
                choices = (1 + secrets.randbelow(5),)
                store.add(Ballot(secrets.randbits(53), 1, voter, receipt, choices))
    store.close()
    return hall


@contextmanager
def watched(one: Running, connections: int) -> Iterator[float]:
    """Let so many connections watch the lobby; give how many seconds one took to join."""
    with worker("bench.live_clients", core=LOAD_CORE) as crowd:
        joined = crowd.ask("connect", port=one.port, clients=connections, script=JOIN)
        assert joined["joined"] == connections, joined
        crowd.order("listen", seconds=600)  # they read what they are sent
        yield joined["seconds"] / connections


def measure_ballots(sizes: list[int], rounds: int) -> Iterator[Row]:
    """Cost by ballots that are there."""
    found: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    with ExitStack() as stack:
        started = {}
        for size in sizes:
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=HERE / "out"))
            hall = make_grown_hall(Path(folder), size)
            began = time.monotonic()
            started[size] = stack.enter_context(running(SUBJECTS["rollcall"], hall))
            found[size]["start"] = [time.monotonic() - began]
            started[size].next = VOTERS  # the first poll is the one that is grown
        for one in started.values():
            vote(one, 1)
        for _ in range(rounds):
            for size, one in started.items():
                cast = vote(one, 2)
                found[size].setdefault("vote", []).append(1e6 / cast["rate"])
                found[size].setdefault("results", []).append(read_results(one))
                with watched(one, 50) as seconds:
                    found[size].setdefault("join", []).append(seconds * 1e6)
    for name, (what, unit) in WORDS.items():
        for size in sizes:
            yield Row("ballots", f"{what}, {size:,} ballots", unit, found[size][name])
    few, many = found[sizes[0]]["vote"], found[sizes[-1]]["vote"]
    ratios = [after / before for after, before in zip(many, few, strict=True)]
    what = f"a vote at {sizes[-1]:,} ballots against {sizes[0]}"
    yield ratio_row("ballots", what, ratios, "≤ 1.1")
    write_picture("ballots", "ballots", sizes, found, ("vote", "join", "results", "start"))


def read_results(one: Running) -> float:
    """Return how many microseconds a results document takes."""
    before = one.next
    page = vote(one, 1, kind="get", path="/polls/1/results")
    one.next = before
    return float(1e6 / page["rate"])


def measure_connections(sizes: list[int], rounds: int) -> Iterator[Row]:
    """Cost by connections that watch."""
    found: dict[int, dict[str, list[float]]] = {
        size: {"vote": [], "join": [], "results": []} for size in sizes
    }
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = make_hall(Path(folder), VOTERS, POLLS)
        with running(SUBJECTS["rollcall"], hall) as one:
            vote(one, 1)
            for _ in range(rounds):
                for size in sizes:
                    with watched(one, size) as seconds:
                        found[size]["join"].append(seconds * 1e6)
                        found[size]["vote"].append(1e6 / vote(one, 3)["rate"])
                        found[size]["results"].append(read_results(one))
                    time.sleep(1 + size / 2_000)  # until they have gone
    for name in ("vote", "join", "results"):
        for size in sizes:
            what = f"{WORDS[name][0]}, {size:,} connections watching"
            yield Row("connections", what, WORDS[name][1], found[size][name])
    write_picture("connections", "connections", sizes, found, ("vote", "join", "results"))


def measure_closes(sizes: list[int], rounds: int) -> Iterator[Row]:
    """Processor time that a close takes by the poll's ballots, without a server."""
    kinds: tuple[Secrecy, ...] = get_args(Secrecy)
    found: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        store = TinyDBStore(Path(folder) / "rollcall.json", datetime.now(UTC))
        for number in range(rounds):
            for size in [each for each in sizes if number == 0 or each < LARGE]:
                for kind in kinds:
                    taken = clock_close(store, kind, size, time.process_time) * 1_000
                    found[size].setdefault(f"{kind} close", []).append(taken)
        store.close()
    for kind in kinds:
        for size in sizes:
            taken_ms = [each / 1_000 for each in found[size][f"{kind} close"]]
            yield Row(
                "closes",
                f"processor time of a close of a {kind} poll, {size:,} ballots",
                "ms",
                taken_ms,
            )
    write_picture("closes", "ballots", sizes, found, tuple(f"{kind} close" for kind in kinds))


def make_old_hall(folder: Path, polls: int) -> Hall:
    """Make a hall in whose lobby so many polls were closed, and some are open."""
    hall, now = make_hall(folder, VOTERS, OPEN + 1), datetime.now(UTC)
    store = TinyDBStore(folder / "rollcall.json", now)
    closed = close_poll(store, 1, now, CLOCK)
    candidates = tuple(replace(each, id=0) for each in closed.candidates)
    with store.transaction():
        for _ in range(polls - 1):
            store.add(replace(closed, candidates=candidates))
    store.close()
    return hall


def measure_polls(rounds: int) -> Iterator[Row]:
    """Cost of a crowd that comes back, and of all else, by the polls that the room has had."""
    found: dict[int, dict[str, list[float]]] = {}
    with ExitStack() as stack:
        started = {}
        for polls in HISTORIES:
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=HERE / "out"))
            hall = make_old_hall(Path(folder), polls)
            one = started[polls] = stack.enter_context(running(SUBJECTS["rollcall"], hall))
            names = ("phones", "vote", "results", "memory")
            found[polls] = {"start": [one.cpu_seconds()], **{name: [] for name in names}}
            one.next = VOTERS  # the first poll is closed
        for polls, one in started.items():
            found[polls]["snapshot"] = [measure_snapshot(one) / 1_000]
        for _ in range(rounds):
            for polls, one in started.items():
                measure_beside(one, found[polls])
    yield from poll_rows(found)
    write_picture("polls", "polls", [*HISTORIES], found, ("vote", "phones", "results", "snapshot"))


def measure_beside(one: Running, found: dict[str, list[float]]) -> None:
    """Measure a server with a room's history once more."""
    with watched(one, PHONES) as seconds:
        found["phones"].append(seconds * PHONES * 1_000)
    time.sleep(1)  # until they have gone
    found["vote"].append(vote(one, 1, 1)["cpu_us"])
    cast = one.next
    found["results"].append(vote(one, 1, 1, kind="get", path="/polls/2/results")["cpu_us"])
    one.next = cast
    found["memory"].append(resident(one.process.pid) / 1e6)


def poll_rows(found: dict[int, dict[str, list[float]]]) -> Iterator[Row]:
    """Return the costs by a room's polls."""
    words = {
        "snapshot": ("a join snapshot", "KB"),
        "phones": (f"{PHONES} phones come back at once", "ms"),
        "vote": ("a vote's processor time", "µs"),
        "results": ("a results document's processor time", "µs"),
        "start": ("a start's processor time", "s"),
        "memory": ("memory", "MB"),
    }
    for name, (what, unit) in words.items():
        for polls, each in found.items():
            history = f"{polls:,} {'poll' if polls == 1 else 'polls'}"
            yield Row("polls", f"{what}, {history}", unit, each[name])
    for name, target in (("phones", "≤ 1.3"), ("vote", "≤ 1.3"), ("results", "")):
        pairs = zip(found[1_000][name], found[10][name], strict=True)
        what = f"{words[name][0]}: 1,000 polls against 10"
        yield ratio_row("polls", what, [later / sooner for later, sooner in pairs], target)


def measure_snapshot(one: Running) -> int:
    """Return how many bytes a stranger's join snapshot has, over polling."""
    transport = f"{one.url}/socket.io/?EIO=4&transport=polling"
    opened = requests.get(transport, timeout=30).text
    client = f"{transport}&sid={json.loads(opened[1:])['sid']}"
    for packet in JOIN:
        requests.post(client, data=packet, timeout=30)
        answer = requests.get(client, timeout=30)
    return len(answer.content)


def write_picture(
    name: str, axis: str, sizes: list[int], found: dict[int, Any], curves: tuple[str, ...]
) -> None:
    """Draw curves in µs, a start in ms, over a logarithmic axis."""
    labels = {
        "vote": "a vote, µs",
        "join": "a join, µs",
        "results": "a results document, µs",
        "start": "a start, ms",
        "phones": f"{PHONES} phones come back, ms",
        "snapshot": "a join snapshot, KB",
        "secret close": "a close, secret, ms",
        "named close": "a close, named, ms",
    }
    scale = {"start": 1e3, "secret close": 1e-3, "named close": 1e-3}
    drawn = [
        Curve(
            labels[each],
            [(size, median(found[size][each]) * scale.get(each, 1)) for size in sizes],
        )
        for each in curves
    ]
    (IMAGES / f"growth-{name}.svg").write_text(draw(axis, drawn))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--only", choices=("ballots", "closes", "polls", "connections"))
    options = parser.parse_args()
    need_wrk()
    (HERE / "out").mkdir(exist_ok=True)
    machine, tenth, rounds = describe_machine(), 10 if options.small else 1, options.rounds
    parts = {
        "ballots": lambda: measure_ballots([100, 10_000 // tenth, 1_000_000 // tenth], rounds),
        "closes": lambda: measure_closes(CLOSES[: 2 if options.small else None], rounds),
        "polls": lambda: measure_polls(rounds),
        "connections": lambda: measure_connections([10, 1_000 // tenth, 10_000 // tenth], rounds),
    }
    rows = [row for name, part in parts.items() if options.only in (None, name) for row in part()]
    show(rows, Console())
    save("growth", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
