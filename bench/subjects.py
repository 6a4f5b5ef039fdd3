"""Who is measured: each a server of its own process, started alike and pinned to one core."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.hall import CANDIDATES, KEY, Hall
from tests.server import free_port

HERE = Path(__file__).parent
ROOT = HERE.parent
SERVER_CORE, LOAD_CORE = 0, max(os.cpu_count() or 1, 2) - 1
NICE = -15
START_SECONDS = 30


@dataclass(frozen=True)
class Subject:
    """A way to start a server; `{port}` and `{folder}` in it are filled in.

    same: it does our work
    slowed: it calls fsync through the C library, where `slow_disk.c` can slow it
    spread: it has several processes, which may use all cores
    """

    name: str
    command: list[str]
    needs: str = ""
    same: bool = True
    slowed: bool = True
    spread: bool = False

    @property
    def present(self) -> bool:
        return not self.needs or any(HERE.glob(self.needs))


@dataclass
class Running:
    """A started subject: where it is, and the number of the next ballot."""

    subject: Subject
    port: int
    process: "subprocess.Popen[bytes]"
    hall: Hall
    next: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have taken."""
        return sum(_cpu_seconds(each) for each in _family(self.process.pid))


PYTHON = str(HERE / ".venv" / "bin" / "python")
_NOOP = [sys.executable, "-m", "bench.peers.noop"]
GUNICORN = [PYTHON, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--worker-class", "gthread"]
GUNICORN += ["--workers", "1", "--log-level", "error", "--keep-alive", "60", "--threads"]
_UVICORN = [PYTHON, "-m", "uvicorn", "--port", "{port}", "--log-level", "error"]
_BARE = [*_UVICORN, "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
_BARE += ["--no-server-header", "--ws", "none", "--backlog", "4096", "--timeout-keep-alive", "60"]
_POCKETBASE = [str(HERE / ".venv" / "bin" / "pocketbase"), "serve", "--http", "127.0.0.1:{port}"]
_POCKETBASE += ["--dir", "{folder}/pb_data", "--dev=false", "--hooksWatch=false"]
_POCKETBASE += ["--automigrate=false", "--hooksDir", "bench/peers/pocketbase/pb_hooks"]
_POCKETBASE += ["--migrationsDir", "bench/peers/pocketbase/pb_migrations"]

SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("rollcall", [sys.executable, "run.py"]),
        Subject("no-op Flask", [*_NOOP, "ours"], same=False),
        Subject("no-op Flask on pywsgi", [*_NOOP, "pywsgi"], same=False),
        Subject("raw C loop", [str(HERE / "out" / "raw")], needs="out/raw", same=False),
        Subject("Flask + SQLite", [*GUNICORN, "64", "bench.peers.flask_sqlite:app"], needs=".venv"),
        Subject("FastAPI + SQLite", [*_UVICORN, "bench.peers.fastapi_sqlite:app"], needs=".venv"),
        Subject(
            "Express + SQLite",
            ["node", "bench/peers/express_sqlite.mjs"],
            needs="node_modules/better-sqlite3",
        ),
        Subject("PocketBase", _POCKETBASE, needs=".venv/bin/pocketbase", slowed=False),
        Subject(
            "Express + lowdb",
            ["node", "bench/peers/express_lowdb.mjs"],
            needs="node_modules/lowdb",
        ),
        Subject(
            "Fastify, batched",
            ["node", "bench/peers/fastify_sqlite.mjs"],
            needs="node_modules/fastify",
        ),
        Subject("ASGI, batched", [*_BARE, "bench.peers.asgi_sqlite:app"], needs=".venv"),
        Subject(
            "Flask + TinyDB",
            [*GUNICORN, "8", "bench.peers.flask_tinydb:app"],
            needs=".venv",
            same=False,
        ),
    )
}
PEERS = ("Flask + SQLite", "FastAPI + SQLite", "Express + SQLite", "PocketBase")
"""Those that do the same work, fsync and all."""
EXPERTS = ("Fastify, batched", "ASGI, batched")
"""The same work by those who know how: one commit for all votes that have come."""


@contextmanager
def running(subject: Subject, hall: Hall, **settings: str) -> Iterator[Running]:
    """Start a subject beside its hall's files; end it with all its processes."""
    port, folder = free_port(), hall.tokens.parent
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ROLLCALL_")}
    environ |= {
        "PORT": str(port),
        "KEY": KEY,
        "FOLDER": str(folder),
        "POLLS": str(hall.polls),
        "VOTERS": str(hall.voters),
        "PYTHONPATH": str(ROOT),
        "NODE_ENV": "production",
        "ROLLCALL_DATABASE_URL": f"tinydb:///{folder}/rollcall.json",
        "ROLLCALL_PORT": str(port),
        "ROLLCALL_SECRET_KEY": KEY,
        **OWN_SETTINGS,
        **settings,
    }
    command = [part.format(port=port, folder=folder) for part in subject.command]
    with (HERE / "out" / f"{subject.name}.log").open("wb") as log:  # TinyDB's fills a screen
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: prefer(None if subject.spread else SERVER_CORE),  # noqa: PLW1509 (no threads here)
        )
    try:
        _wait_until_up(port, process)
        yield Running(subject, port, process, hall)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


OWN_SETTINGS = {"ROLLCALL_RATE_LIMITS": "off"}
"""Our server's settings where it is measured: what stops floods would stop the load."""


def prefer(core: int | None) -> None:
    """Pin this process to a core, if one is given, in a session of its own; before others where
    that is allowed.
    """
    os.setsid()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    with contextlib.suppress(OSError):
        os.nice(NICE)
        Path("/proc/self/autogroup").write_text(str(NICE))


def build() -> None:
    """Compile what is written in C."""
    (HERE / "out").mkdir(exist_ok=True)
    if shutil.which("cc") is None:
        return
    out = HERE / "out"
    subprocess.run(["cc", "-O2", HERE / "peers" / "raw.c", "-o", out / "raw"], check=True)
    library = ["cc", "-O2", "-shared", "-fPIC", HERE / "slow_disk.c", "-o", out / "slow_disk.so"]
    subprocess.run([*library, "-ldl"], check=True)


def check(one: Running) -> None:
    """Raise AssertionError where a subject doesn't do the same work as ours."""
    tokens = one.hall.tokens.read_text().split()
    last, voter = one.hall.polls, {"Authorization": f"Bearer {tokens[-1]}"}

    def put(poll: int, body: object, headers: dict[str, str] = voter) -> int:
        url = f"{one.url}/polls/{poll}/ballot"
        return requests.put(url, json=body, headers=headers, timeout=10).status_code

    signed, _, _ = tokens[-1].rpartition(".")
    _, _, signature = tokens[0].rpartition(".")
    first = CANDIDATES * (last - 2) + 1
    statuses = [
        put(last - 1, {"choices": [first]}, {}),
        put(last - 1, {"choices": [first]}, {"Authorization": f"Bearer {signed}.{signature}"}),
        put(last - 1, {"choices": ["1"]}) // 100,
        put(last - 1, {"choices": [1]}) // 100,
        put(last + 1, {"choices": [first]}),
        put(last - 1, {"choices": [first]}),
        put(last - 1, {"choices": [first + 1]}),
        put(last, {"choices": [first + CANDIDATES]}),
        put(last, {"choices": [first + CANDIDATES + 1]}),
    ]
    assert statuses == [401, 401, 4, 4, 404, 201, 200, 201, 409], (one.subject.name, statuses)


def _wait_until_up(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/", timeout=START_SECONDS)
            return
        time.sleep(0.02)
    raise RuntimeError(f"it did not start, see bench/out: {process.args!r}")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    below = children.read_text().split() if children.exists() else []
    return [pid, *(each for child in below for each in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
