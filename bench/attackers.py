"""One hostile machine: each attack sends its requests as fast as it can until the process is ended.

    python -m bench.attackers NAME PORT TOKEN

`TOKEN` is an account's: an attacker may have signed up. `ATTACKS` names them all.
"""

import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from gevent import monkey

if __name__ == "__main__":
    monkey.patch_all()

import gevent
import requests
from gevent import socket
from simple_websocket import Client

RECORDED_POLL = 1
"""The closed ranked poll that `bench.hostile` makes."""
CROWDED_ROOM = "GUESTS"
CONNECTIONS = 16


class Target:
    """The server under attack; every method serves attacks alike."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.url = f"http://127.0.0.1:{port}"

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 10, (source, 0))

    def request(
        self, method: str, path: str, body: bytes = b"", *, own: bool = False, head: str = ""
    ) -> bytes:
        """Return a request as it is sent; `own`: with the attacker's token."""
        if own:
            head += f"Authorization: Bearer {self.token}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode() + body

    def flood(self, make: Callable[[], bytes], connections: int = CONNECTIONS) -> None:
        """Send requests over so many connections, each after the answer before."""

        def send() -> None:
            while True:
                with suppress(OSError), self.connect() as opened:
                    reader = opened.makefile("rb")
                    while True:
                        opened.sendall(make())
                        read_answer(reader)

        gevent.joinall([gevent.spawn(send) for _ in range(connections)])

    def json(self, method: str, path: str, body: object = None) -> requests.Response:
        head = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, self.url + path, json=body, headers=head, timeout=60)


def read_answer(reader: object) -> None:
    """Read an answer with its body. Raises OSError at the end of the connection."""
    length, line = 0, reader.readline()
    while line not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
        line = reader.readline()
    if not line:
        raise ConnectionError
    reader.read(length)


def wide(keys: int) -> dict[str, int]:
    return {f"k{number}": 0 for number in range(keys)}


def wide_bodies(target: Target) -> None:
    body = json.dumps(wide(5_000), separators=(",", ":")).encode()
    target.flood(lambda: target.request("POST", "/auth/signup", body))


def wide_events(target: Target) -> None:
    event = "42" + json.dumps(["room:join", wide(5_000)], separators=(",", ":"))
    flood_socket(target, lambda: event)


def long_answers_unread(target: Target) -> None:
    body = json.dumps({"k" * 30_000: ["\0"] * 3_600}, separators=(",", ":")).encode()
    asked = target.request("POST", "/auth/signup", body)

    def send() -> None:
        with suppress(OSError), target.connect() as opened:
            opened.settimeout(None)
            while True:
                opened.sendall(asked)

    gevent.joinall([gevent.spawn(send) for _ in range(CONNECTIONS)])


def held_bodies(target: Target) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    head = target.request("POST", "/auth/login", b"x" * 1_000, head="Upgrade: websocket\r\n")
    held = []
    while True:
        with suppress(OSError):
            held.append(target.connect())
            held[-1].sendall(head[:-999])
        if len(held) > 4_000:
            gevent.sleep(1)


def bodies_after_their_head(target: Target) -> None:
    asked = target.request("PATCH", "/auth/me", b'{"name": "Mallory"}', own=True)

    def send() -> None:
        while True:
            with suppress(OSError), target.connect() as opened:
                reader = opened.makefile("rb")
                while True:
                    opened.sendall(asked[:-10])
                    gevent.sleep(0.01)
                    opened.sendall(asked[-10:])
                    read_answer(reader)

    gevent.joinall([gevent.spawn(send) for _ in range(200)])


def flood_socket(target: Target, make: Callable[[], str], connections: int = 4) -> None:
    """Send over WebSockets that come back when they are dropped; what they are sent is read."""

    def read(client: Client) -> None:
        with suppress(Exception):
            while True:
                client.receive()

    def send() -> None:
        url = f"ws://127.0.0.1:{target.port}/socket.io/?EIO=4&transport=websocket"
        while True:
            with suppress(Exception):
                client = Client(url)
                client.send("40")
                gevent.spawn(read, client)
                while True:
                    client.send(make())
            gevent.sleep(0.01)

    gevent.joinall([gevent.spawn(send) for _ in range(connections)])


def namespaces_in_a_loop(target: Target) -> None:
    packets = itertools.cycle(["41", "40"])
    flood_socket(target, lambda: next(packets))


def sign_in_pages(target: Target) -> None:
    asked = target.request("GET", "/auth/login")
    target.flood(lambda: asked, 400)


def bogus_sign_ins(target: Target) -> None:
    numbers = itertools.count()

    def make() -> bytes:
        body = f'{{"email": "nobody{next(numbers)}@example.org", "password": "wrong-horse"}}'
        return target.request("POST", "/auth/login", body.encode())

    target.flood(make, 400)


def combining_marks(target: Target) -> None:
    body = json.dumps({"nickname": "a" + "\u0323\u0307" * 15_000}, ensure_ascii=False).encode()
    target.flood(lambda: target.request("POST", "/rooms/lobby/guests", body))


def secret_closes(target: Target) -> None:
    code = target.json("POST", "/rooms", {"name": "Mine"}).json()["code"]
    draft = {"title": "?", "candidates": [{"name": "A"}], "secrecy": "secret"}

    def close() -> None:
        while True:
            poll = target.json("POST", f"/rooms/{code}/polls", draft).json()["id"]
            target.json("POST", f"/polls/{poll}/open")
            target.json("POST", f"/polls/{poll}/close")

    gevent.joinall([gevent.spawn(close) for _ in range(8)])


def handshakes(target: Target) -> None:
    asked = target.request("GET", "/socket.io/?EIO=4&transport=polling")
    target.flood(lambda: asked, 64)


def records(target: Target) -> None:
    asked = target.request("GET", f"/polls/{RECORDED_POLL}/record")
    target.flood(lambda: asked, 8)


def read_conditionally(target: Target) -> None:
    """Ask for the record by its ETag, as a cache does: there is nothing new."""
    etag = requests.get(f"{target.url}/polls/{RECORDED_POLL}/record", timeout=60).headers["ETag"]
    head = f"If-None-Match: {etag}\r\n"
    asked = target.request("GET", f"/polls/{RECORDED_POLL}/record", head=head)
    target.flood(lambda: asked, 8)


def read_tables(target: Target) -> None:
    asked = target.request("GET", f"/polls/{RECORDED_POLL}/results.csv")
    target.flood(lambda: asked, 8)


def read_proofs(target: Target) -> None:
    record = requests.get(f"{target.url}/polls/{RECORDED_POLL}/record", timeout=60).json()
    receipts = itertools.cycle([ballot["receipt"] for ballot in record["ballots"]])

    def make() -> bytes:
        return target.request("GET", f"/polls/{RECORDED_POLL}/proof?receipt={next(receipts)}")

    target.flood(make, 8)


def guests(target: Target) -> None:
    numbers = itertools.count()

    def make() -> bytes:
        body = f'{{"nickname": "Guest {next(numbers)} {time.monotonic()}"}}'.encode()
        return target.request("POST", f"/rooms/{CROWDED_ROOM}/guests", body)

    target.flood(make)


def zones(target: Target) -> None:
    code = target.json("POST", "/rooms", {"name": "Mine"}).json()["code"]
    names: Iterator[str] = itertools.cycle(["Asia/Seoul", "Europe/Paris"])

    def make() -> bytes:
        body = json.dumps({"timezone": next(names)}).encode()
        return target.request("PATCH", f"/rooms/{code}", body, own=True)

    target.flood(make)


def nothing(_target: Target) -> None:
    gevent.sleep(3_600)


ATTACKS: dict[str, Callable[[Target], None]] = {
    "nothing": nothing,
    "bodies of 5,000 unknown keys": wide_bodies,
    "events of 5,000 unknown keys": wide_events,
    "long keys over many faults, unread": long_answers_unread,
    "bodies held behind an upgrade": held_bodies,
    "bodies that come after their head": bodies_after_their_head,
    "namespaces left and joined in a loop": namespaces_in_a_loop,
    "GET /auth/login": sign_in_pages,
    "sign-ins of made-up accounts": bogus_sign_ins,
    "combining marks in a nickname": combining_marks,
    "secret polls closed in a room of one's own": secret_closes,
    "polling handshakes that never join": handshakes,
    "the record of 1,000 ranked ballots": records,
    "the record by its ETag": read_conditionally,
    "the table of its results": read_tables,
    "its proofs": read_proofs,
    "guests of a room of 10,000": guests,
    "a room's zone changed": zones,
}
READERS = (
    "the record of 1,000 ranked ballots",
    "the record by its ETag",
    "the table of its results",
    "its proofs",
)
"""The attacks that only read what everybody may read; `bench.reading` measures them."""


def main() -> None:
    name, port, token = sys.argv[1:]
    ATTACKS[name](Target(int(port), token))


if __name__ == "__main__":
    main()
