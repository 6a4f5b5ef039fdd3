"""A server that serves the product two ways from equal stores, and a client that asks both."""

import http.client
import re
import shutil
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Any

from api.seeding import seed_store
from db.tinydb_store import TinyDBStore
from tests.http.hall import KEY, OVER, Hall
from tests.server import free_port

SECONDS = 30
METRICS = KEY.strip()
OF_EACH = {"date", "x-request-id"}
"""Fields of an answer that are its own."""
OWN_TEXT = re.compile(rb'"(server_time|receipt)":\s*"[^"]*"')


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunked: bool = False

    def text(self) -> bytes:
        """Return its bytes."""
        fields = [("Host", "rollcall.example"), *self.fields]
        body = self.body
        if self.chunked:
            fields.append(("Transfer-Encoding", "chunked"))
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        elif body or self.method in ("PUT", "POST", "PATCH"):
            fields.append(("Content-Length", str(len(body))))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")
        return f"{self.method} {self.target} HTTP/1.1\r\n".encode() + head + b"\r\n" + body


@dataclass(frozen=True)
class Told:
    """An answer, without what differs from one answer to the next."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes


def ask(port: int, asked: Asked) -> Told:
    """Send a request on a connection of its own; return the answer."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as line:
        with suppress(OSError):  # answered, and closed, before all of the body was sent
            line.sendall(asked.text())
        response = http.client.HTTPResponse(line, method=asked.method)
        response.begin()
        body = OWN_TEXT.sub(rb'"\1":""', response.read())
        fields = sorted(
            (name.lower(), value)
            for name, value in response.getheaders()
            if name.lower() not in OF_EACH
        )
    return Told(response.status, tuple(fields), body)


OVERDUE = Asked("GET", f"/polls/{OVER}")
"""A poll that the clock closes once the server runs."""


class TwoWays(Hall):
    """A hall whose people and polls are in both stores."""

    def __init__(self, folder: Path, people: int) -> None:
        super().__init__(folder, people, RATE_LIMITS="off", METRICS_TOKEN=METRICS)
        store = TinyDBStore(self.data, now := datetime.now(UTC))
        seed_store(store, loads(Path(self.settings["SEED"]).read_text("utf-8")), now)
        store.close()
        for way in ("plain", "fast"):
            (folder / way).mkdir()
            for path in folder.glob("rollcall*"):
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, folder / way / path.name)
        self.ports = [free_port(), free_port()]
        ways = [str(folder), *map(str, self.ports)]
        self.command = [sys.executable, "-m", "tests.two_ways", *ways]
        self.metrics = Asked("GET", "/metrics", (("Authorization", f"Bearer {METRICS}"),))

    def ask_both(self, asked: Asked) -> tuple[Told, Told]:
        """Return the answer of Flask, and of the lane."""
        plain, fast = (ask(port, asked) for port in self.ports)
        return plain, fast

    def add_guest(self) -> None:
        """Add a guest, with the same id in both stores, once the clock has closed what is over."""
        while any(b'"closed"' not in each.body for each in self.ask_both(OVERDUE)):
            time.sleep(0.05)
        json = (("Content-Type", "application/json"),)
        plain, _ = self.ask_both(
            Asked("POST", "/rooms/lobby/guests", json, b'{"nickname": "Guest"}')
        )
        self.guest_token: str = loads(plain.body)["token"]

    def with_etags(self, target: str, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return fields with the present ETag of a document in the place of the word `etag`."""
        if not any("etag" in value for _, value in fields):
            return fields
        present = dict(self.ask_both(Asked("GET", target))[0].fields).get("etag", '"none"')
        return [(name, value.replace("etag", present)) for name, value in fields]

    def measures(self, answer: Told) -> list[str]:
        """Return how often each kind of request was measured."""
        counts: list[Any] = re.findall(rb"^\w+_count\{.*$", answer.body, re.MULTILINE)
        return sorted(count.decode() for count in counts)
