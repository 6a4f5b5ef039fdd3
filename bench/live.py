"""The live wire's benchmark: telling a hall, against Node's socket.io and its bare ws,
python-socketio on ASGI and stock Flask-SocketIO.

    python -m bench.live [--rounds N] [--only PART]…

The server has one core and its clients, one process of raw sockets, another. Subjects take turns
(A B C A B C …), each round with fresh processes; ratios are taken within a round.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from bench.hall import KEY, Hall, make_hall
from bench.report import Row, describe_machine, save, show
from bench.subjects import PYTHON
from bench.votes import ratio_row
from tests.server import ROOT, Server, free_port

HERE = Path(__file__).parent
COMMANDS = {
    "ours": [sys.executable, "-m", "bench.live_server", "ours"],
    "node": ["node", str(HERE / "peers" / "socketio.mjs")],
    "ws": ["node", str(HERE / "peers" / "ws.mjs")],
    "asgi": [PYTHON, "-m", "bench.peers.socketio_asgi"],
    "stock": [sys.executable, "-m", "bench.live_server", "stock"],
}
NEEDS = {
    "node": "node_modules/socket.io",
    "ws": "node_modules/ws",
    "asgi": ".venv/lib/python*/site-packages/socketio",
}
SUBJECTS = tuple(COMMANDS)
SERVER_CORE, CLIENT_CORE = 0, 1
JOIN = ["40", '420["join"]']
WATCH = ["40", '420["room:join",{"room":"lobby"}]']
UPDATES = 60
SECONDS, NICE = 5, -15

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


def present(subject: str) -> bool:
    """Return whether what a subject needs is installed."""
    return subject not in NEEDS or any(HERE.glob(NEEDS[subject]))


def cpu_seconds(pid: int) -> float:
    """Return the processor time of all of a process's threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Return a process's resident bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def raise_file_limit() -> None:
    """Let this process, and those that it starts, open as many files as the system allows."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def hall_of(subject: str, clients: int) -> Iterator[tuple[Process, Process, float]]:
    """Yield a server, its clients, and the resident bytes that each connection took."""
    port = free_port()
    server = Process(SERVER_CORE, *COMMANDS[subject], str(port))
    crowd = Process(CLIENT_CORE, sys.executable, "-m", "bench.live_clients")
    try:
        server.answer()
        before = resident(server.pid)
        crowd.ask(do="connect", port=port, clients=clients, script=JOIN)
        joined = crowd.answer()["joined"]
        if joined != clients:
            raise RuntimeError(f"{subject}: only {joined} of {clients} joined")
        yield server, crowd, (resident(server.pid) - before) / clients
    finally:
        server.end()
        crowd.end()


def measure_deliveries(subject: str, clients: int) -> Round:
    """As many updates a second as there can be."""
    with hall_of(subject, clients) as (server, crowd, each):
        expected = 0
        for updates in (5, UPDATES):  # the first few warm up
            expected += updates * clients
            used = cpu_seconds(server.pid)
            crowd.ask(do="gather", frames=expected)
            server.ask(updates=updates, hz=0)
            began = server.answer()["began_ns"]
            gathered = crowd.answer()
        seconds = (gathered["ended_ns"] - began) / 1e9
        if gathered["updates"] != expected:
            raise RuntimeError(f"{subject}: only {gathered['updates']} of {expected} came")
        deliveries, used = updates * clients, cpu_seconds(server.pid) - used
        return {"per s": deliveries / seconds, "per cpu s": deliveries / used, "KiB": each / 1024}


def measure_pace(subject: str, clients: int) -> Round:
    """Ten updates a second, for ten seconds: the work and the delay."""
    with hall_of(subject, clients) as (server, crowd, _):
        for seconds in (1, 10):
            used = cpu_seconds(server.pid)
            crowd.ask(do="listen", seconds=seconds + 0.5)
            server.ask(updates=seconds * 10, hz=10)
            server.answer()
            came = crowd.answer()["came"]
            used = cpu_seconds(server.pid) - used
        delays = [now - int(sent) for sent, times in came.items() for now in times]
        return {"cpu %": 100 * used / seconds, **percentiles(delays)}


@contextmanager
def served(voters: int) -> Iterator[tuple[Server, Process, Hall]]:
    """Yield Rollcall itself with so many voters, clients that take orders, and the hall."""
    with TemporaryDirectory() as folder:
        hall = make_hall(Path(folder), voters, 1)
        server = Server(Path(folder), SECRET_KEY=KEY, RATE_LIMITS="off")
        server.command = ["taskset", "-c", str(SERVER_CORE), *server.command]
        crowd = Process(CLIENT_CORE, sys.executable, "-m", "bench.live_clients")
        try:
            yield server.start(), crowd, hall
        finally:
            crowd.end()
            server.kill()


def watch(server: Server, crowd: Process, clients: int, at_once: int = 400) -> None:
    """Let so many watch the lobby; the answer comes when all do."""
    asked = {"port": server.port, "clients": clients, "script": WATCH, "at_once": at_once}
    crowd.ask(do="connect", mark='"ballots":', **asked)


def cast(server: Server, hall: Hall, votes: int, pause: float = 0.0) -> list[tuple[int, int]]:
    """Cast votes one after the other; return when each began and was answered."""
    times = []
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    tokens = hall.tokens.read_text().split()[:votes]
    for token in tokens:
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        began = time.monotonic_ns()
        connection.request("PUT", "/polls/1/ballot", b'{"choices":[1]}', head)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 201), answer.status
        times.append((began, time.monotonic_ns()))
        time.sleep(pause)
    return times


def measure_votes(subject: str, clients: int) -> Round:
    """As many votes a second as there can be, watched or not."""
    with served(60_000) as (server, crowd, hall):
        if subject == "watched":
            watch(server, crowd, clients)
            crowd.answer()
            crowd.ask(do="listen", seconds=SECONDS)
        script, url = str(HERE / "votes.lua"), f"http://127.0.0.1:{server.port}"
        load = ["wrk", "-t1", "-c64", f"-d{SECONDS}s", "-s", script, url, "--"]
        command = ["taskset", "-c", str(CLIENT_CORE), *load, "put", str(hall.tokens), "0"]
        used = cpu_seconds(server.pid)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        assert figures["refused"] == figures["broken"] == 0, figures
        updates = len(crowd.answer()["came"]) if subject == "watched" else 0
        used = cpu_seconds(server.pid) - used
        return {
            "votes per s": figures["answered"] / figures["seconds"],
            "votes per cpu s": figures["answered"] / used,
            "updates per s": updates / SECONDS,
        }


def measure_screen(_subject: str, clients: int) -> Round:
    """From a vote to every screen: votes come so often that updates are ten a second."""
    with served(500) as (server, crowd, hall):
        watch(server, crowd, clients)
        crowd.answer()
        crowd.ask(do="listen", seconds=SECONDS * 2)
        votes = cast(server, hall, 100, pause=0.07)
        came = {int(count): times for count, times in crowd.answer()["came"].items()}
    delays = []
    for number, (began, _) in enumerate(votes, 1):
        shown = min(count for count in came if count >= number)
        delays += [now - began for now in came[shown]]
    return percentiles(delays)


def measure_hold(_subject: str, clients: int) -> Round:
    """So many watch; what one takes, and how long a vote takes meanwhile."""
    with served(500) as (server, crowd, hall):
        before = resident(server.pid)
        watch(server, crowd, clients)
        joined = crowd.answer()["joined"]
        assert joined == clients, joined
        each = (resident(server.pid) - before) / clients
        votes = cast(server, hall, 200, pause=0.02)
        return {"KiB": each / 1024, **percentiles([end - begin for begin, end in votes])}


def measure_storm(_subject: str, clients: int) -> Round:
    """The server is killed and all come back at once: how long votes take meanwhile."""
    with served(2_000) as (server, crowd, hall):
        watch(server, crowd, clients)
        crowd.answer()
        server.kill()
        crowd.ask(do="leave")
        crowd.answer()
        server.start()
        watch(server, crowd, clients, at_once=clients)
        votes = cast(server, hall, 100, pause=0.02)
        back = crowd.answer()
        assert back["joined"] == clients, back
        delays = percentiles([end - begin for begin, end in votes])
        return {"all back s": back["seconds"], **delays}


def percentiles(nanoseconds: list[int]) -> Round:
    """Return the middle and the slow end, in milliseconds."""
    cuts = quantiles(nanoseconds, n=100)
    return {"p50 ms": cuts[49] / 1e6, "p99 ms": cuts[98] / 1e6}


PARTS: dict[str, tuple[Callable[[str, int], Round], int, tuple[str, ...]]] = {
    "deliveries-1000": (measure_deliveries, 1_000, SUBJECTS),
    "deliveries-5000": (measure_deliveries, 5_000, SUBJECTS),
    "pace-1000": (measure_pace, 1_000, SUBJECTS),
    "votes-1000": (measure_votes, 1_000, ("watched", "alone")),
    "screen-1000": (measure_screen, 1_000, ("ours",)),
    "hold-10000": (measure_hold, 10_000, ("ours",)),
    "storm-5000": (measure_storm, 5_000, ("ours",)),
}
TARGETS = (  # part, number, of whom, against whom (or alone), and what it has to be (or nothing)
    *((f"deliveries-{clients}", "per s", "ours", "node", "≥ 1.4") for clients in (1000, 5000)),
    *((f"deliveries-{clients}", "per s", "ours", "ws", "") for clients in (1000, 5000)),
    *((f"deliveries-{clients}", "per s", "ours", "asgi", "") for clients in (1000, 5000)),
    *((f"deliveries-{clients}", "per s", "ours", "stock", "≥ 2") for clients in (1000, 5000)),
    ("deliveries-5000", "KiB", "ours", "", "≤ 56"),
    ("pace-1000", "cpu %", "ours", "node", "≤ 0.65"),
    ("pace-1000", "p99 ms", "ours", "node", "≤ 1"),
    ("pace-1000", "cpu %", "ours", "ws", ""),
    ("pace-1000", "p99 ms", "ours", "ws", ""),
    ("pace-1000", "cpu %", "ours", "asgi", ""),
    ("pace-1000", "p99 ms", "ours", "asgi", ""),
    ("votes-1000", "votes per s", "watched", "alone", "≥ 0.85"),
    ("screen-1000", "p99 ms", "ours", "", "≤ 150"),
    ("hold-10000", "KiB", "ours", "", "≤ 56"),
)


def rows_of(part: str, rounds: list[dict[str, Round]]) -> Iterator[Row]:
    """Return every number of a part, and those that have to be something."""
    for subject, numbers in rounds[0].items():
        for name in numbers:
            values = [each[subject][name] for each in rounds]
            yield Row(part, f"{subject}: {name}", "", values)
    for of, name, subject, peer, target in TARGETS:
        if of == part and (not peer or peer in rounds[0]):
            values = [each[subject][name] / (each[peer][name] if peer else 1) for each in rounds]
            against = f" ÷ {peer}" if peer else ""
            yield ratio_row(part, f"{subject}{against}: {name}", values, target)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.live")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=PARTS)
    options = parser.parse_args()
    missing = [subject for subject in SUBJECTS if not present(subject)]
    if missing:
        print(f"bench: left out, not installed: {', '.join(missing)}; make bench installs them")
    with suppress(OSError):  # before others, where that is allowed: the machine may be busy
        os.nice(NICE)
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(NICE))
    raise_file_limit()
    machine, rows = describe_machine(), list[Row]()
    for part in options.only or PARTS:
        measure, clients, subjects = PARTS[part]
        turns = range(options.rounds)
        takes = [each for each in subjects if each not in missing]
        rounds = [{each: measure(each, clients) for each in takes} for _ in turns]
        fresh = list(rows_of(part, rounds))
        show(fresh, Console())
        rows += fresh
        save("live", machine, rows)
    return any(row.met is False for row in rows)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
