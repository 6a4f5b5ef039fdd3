"""The live wire's benchmark: telling a hall, against Node's socket.io and stock Flask-SocketIO.

    python -m bench.live [--rounds N] [--only PART]…

The server has one core and its clients, one process of raw sockets, another. Subjects take turns
(A B C A B C …), each round with fresh processes; ratios are taken within a round.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.server import free_port

HERE = Path(__file__).parent
NODE = HERE / "peers" / "socketio"
OUT = HERE / "out" / "live.json"
SUBJECTS = ("ours", "node", "stock")
SERVER_CORE, CLIENT_CORE = 0, 1
SAID = ["40", '420["join"]']
UPDATES = 60

Round = dict[str, float]


class Process:
    """A process on one core that answers lines of JSON."""

    def __init__(self, core: int, *command: str) -> None:
        self._process = subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, **asked: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def cpu_seconds(self) -> float:
        """Return the processor time of all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()


@contextmanager
def hall(subject: str, clients: int) -> Iterator[tuple[Process, Process, float]]:
    """Yield a server, its clients, and the resident bytes that each connection took."""
    port = free_port()
    command = (
        [str(shutil.which("node")), str(NODE / "server.js")]
        if subject == "node"
        else [sys.executable, "-m", "bench.live_server", subject]
    )
    server = Process(SERVER_CORE, *command, str(port))
    crowd = Process(CLIENT_CORE, sys.executable, "-m", "bench.live_clients")
    try:
        server.answer()
        before = server.memory()
        crowd.ask(do="connect", port=port, clients=clients, said=SAID)
        joined = crowd.answer()["joined"]
        if joined != clients:
            raise RuntimeError(f"{subject}: only {joined} of {clients} joined")
        yield server, crowd, (server.memory() - before) / clients
    finally:
        server.end()
        crowd.end()


def measure_deliveries(subject: str, clients: int) -> Round:
    """As many updates a second as there can be."""
    with hall(subject, clients) as (server, crowd, each):
        told = 0
        for updates in (5, UPDATES):  # the first few warm up
            told += updates * clients
            used = server.cpu_seconds()
            crowd.ask(do="gather", frames=told)
            server.ask(updates=updates, hz=0)
            began = server.answer()["began_ns"]
            gathered = crowd.answer()
        seconds = (gathered["ended_ns"] - began) / 1e9
        if gathered["updates"] != told:
            raise RuntimeError(f"{subject}: only {gathered['updates']} of {told} came")
        deliveries, used = updates * clients, server.cpu_seconds() - used
        return {"per s": deliveries / seconds, "per cpu s": deliveries / used, "KiB": each / 1024}


def measure_pace(subject: str, clients: int) -> Round:
    """Ten updates a second, for ten seconds: the work and the delay."""
    with hall(subject, clients) as (server, crowd, _):
        for seconds in (1, 10):
            used = server.cpu_seconds()
            crowd.ask(do="listen", seconds=seconds + 0.5)
            server.ask(updates=seconds * 10, hz=10)
            server.answer()
            heard = crowd.answer()
            used = server.cpu_seconds() - used
        return {"cpu %": 100 * used / seconds, "p50 ms": heard["p50_ms"], "p99 ms": heard["p99_ms"]}


PARTS: dict[str, tuple[Callable[[str, int], Round], int]] = {
    "deliveries-1000": (measure_deliveries, 1_000),
    "deliveries-5000": (measure_deliveries, 5_000),
    "pace-1000": (measure_pace, 1_000),
}


def show(part: str, rounds: list[dict[str, Round]]) -> Table:
    """Return medians, and ours against each peer's of the same round."""
    table = Table(part, *rounds[0]["ours"], title=f"median of {len(rounds)} rounds")
    for subject in rounds[0]:
        values = [median(each[subject][key] for each in rounds) for key in rounds[0]["ours"]]
        table.add_row(subject, *(f"{value:,.4g}" for value in values))
        if subject != "ours":
            ratios = [
                median(each["ours"][key] / (each[subject][key] or 1e-9) for each in rounds)
                for key in rounds[0]["ours"]
            ]
            table.add_row(f"ours ÷ {subject}", *(f"{ratio:.2f}" for ratio in ratios))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=PARTS)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    subjects = [each for each in SUBJECTS if each != "node" or (NODE / "node_modules").exists()]
    results = {}
    for part in options.only or PARTS:
        measure, clients = PARTS[part]
        results[part] = [
            {subject: measure(subject, clients) for subject in subjects}
            for _ in range(options.rounds)
        ]
        Console().print(show(part, results[part]))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    os.chdir(HERE.parent)
    main()
