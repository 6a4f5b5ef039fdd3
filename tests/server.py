"""A real server process for tests: started from run.py, spoken to over loopback, killed at will."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests

from db.entity_store import EntityStore
from db.opening import open_store
from tests import postgres
from tests.forked import ROOT, Forked
from tests.postgres import ON_POSTGRES

START_SECONDS = 120
KEPT_SECONDS = 20
"""How long a connection is kept without a request: less than servers do."""
RUN = [sys.executable, str(ROOT / "run.py")]
PLAIN = [sys.executable, "-m", "tests.plain_wsgi"]
"""The app on a stock WSGI server."""
BLOCKS = range(20_000, 32_000, 200)
"""Where the ports of each process that starts servers begin."""


class Server:
    """`run.py` on a free port, with its data in `folder`; `settings` are ROLLCALL_ names."""

    forked = True
    """Whether it may start without an interpreter of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = settings
        self.port = 0
        self.output: list[str] = []
        self.command = [*RUN]
        self._up = False
        self._process: subprocess.Popen[str] | Forked | None = None
        self._schema: str | None = None

    database_url: str | None = None
    """A PostgreSQL database that a test has made for it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "rollcall.json"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> "Server":
        """Start and wait until it answers; the port stays the same over restarts."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith("ROLLCALL_")}
        environ |= {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "ROLLCALL_DATABASE_URL": self._database_url(),
            "ROLLCALL_INSTANCE": str(self.folder),
            "ROLLCALL_PORT": str(self.port or free_port()),
            **{f"ROLLCALL_{name}": value for name, value in self.settings.items()},
        }
        self._process = run(self.command, self.folder, environ, self.forked)
        self._up, greeted = False, threading.Event()
        threading.Thread(target=self._read, args=(self._process, greeted), daemon=True).start()
        greeted.wait(START_SECONDS)
        if not self._up:
            self.kill()
            raise RuntimeError("the server did not start:\n" + "".join(self.output))
        return self

    def _database_url(self) -> str:
        if self.database_url is not None:
            return self.database_url
        if not ON_POSTGRES:
            return f"tinydb:///{self.data}"
        if self._schema is None:
            self._schema = postgres.take()
            weakref.finalize(self, postgres.release, self._schema)
        return postgres.schema_url(self._schema)

    def open_store(self, now: datetime | None = None) -> EntityStore:
        """Open its data; with TinyDB it must not run. now: the time, if it is not this."""
        url = self._database_url()
        database = url if ON_POSTGRES or self.database_url else self.data
        return open_store(database, self.folder, now or datetime.now(UTC))

    def stop(self) -> int:
        """Stop it cleanly; return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a power cut would."""
        return self._end(signal.SIGKILL)

    def setup_code(self) -> str:
        """Return the administrator's one-time code."""
        return (self.folder / "setup-code").read_text().strip()

    def request(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """Send a request, signed in where there is a token."""
        headers = options.pop("headers", {})
        if token is not None:
            headers = {"Authorization": f"Bearer {token}", **headers}
        options.setdefault("timeout", 120)
        return _connections.session().request(method, self.url + path, headers=headers, **options)

    def sign_up(self, name: str, password: str = "correct-horse") -> str:
        """Make an account `name@example.org`; return a token of it."""
        email = f"{name}@example.org"
        made = self.request(
            "POST", "/auth/signup", json={"email": email, "name": name, "password": password}
        )
        assert made.status_code == 201, made.text
        return self.sign_in(email, password)

    def sign_in(self, email: str, password: str = "correct-horse") -> str:
        """Return a new token of an account."""
        answer = self.request("POST", "/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return answer.text

    def cast(
        self,
        token: str,
        choices: list[int],
        key: str | None = None,
        poll: int = 1,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Any:
        """Send a ballot."""
        sent = dict(headers) if key is None else {"Idempotency-Key": key, **headers}
        body = {"choices": choices}
        return self.request("PUT", f"/polls/{poll}/ballot", token, json=body, headers=sent)

    def results(self, poll: int = 1) -> dict[str, Any]:
        """Return a poll's results document."""
        document: dict[str, Any] = self.request("GET", f"/polls/{poll}/results").json()
        return document

    def votes(self, poll: int = 1) -> dict[int, int]:
        """Return the votes of those candidates that have some."""
        return {
            row["candidate"]: row["votes"] for row in self.results(poll)["tally"] if row["votes"]
        }

    def _read(self, process: "subprocess.Popen[str] | Forked", greeted: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line)
            match = re.match(r"Rollcall is at http://.*:(\d+)$", line.strip())
            if match:
                self.port, self._up = int(match[1]), True
                greeted.set()
        greeted.set()

    def _end(self, number: int) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(60)


class _Connections(threading.local):
    """A thread's connections to servers, which it keeps from one request to the next."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # servers of tests are behind no proxy
        self._used = time.monotonic()

    def session(self) -> requests.Session:
        """Return what sends requests. What a server may be about to close is not used again."""
        if time.monotonic() - self._used > KEPT_SECONDS:
            self._session.close()
        self._used = time.monotonic()
        return self._session


_connections = _Connections()


def run(
    command: list[str], folder: Path, environ: dict[str, str], forked: bool
) -> "subprocess.Popen[str] | Forked":
    """Run a command in a folder. `run.py`, or a module that has a `main` and takes no arguments,
    may be forked from a process that has imported it.
    """
    module = "run" if command == RUN else command[-1] if command[1:-1] == ["-m"] else None
    if forked and module is not None and sys.platform == "linux":
        return Forked(module, folder, environ)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    """Return a port that nobody listens on, below those that outgoing connections take.

    No other process that calls this gets the same one, and this one not soon again.
    """
    return next(_free_ports)


def _find_free_ports() -> Iterator[int]:
    """Walk round a block of ports that is this process's alone: it holds the first of them."""
    first, claim = next((first, held) for first in BLOCKS if (held := _hold(first)))
    with claim:
        for port in cycle(range(first + 1, first + BLOCKS.step)):
            if probe := _hold(port):
                probe.close()
                yield port


def _hold(port: int) -> socket.socket | None:
    """Return a socket that holds a port, or None where another one does."""
    held = socket.socket()
    try:
        held.bind(("127.0.0.1", port))
    except OSError:
        held.close()
        return None
    return held


_free_ports = _find_free_ports()
