"""A crowd of Socket.IO clients in one process: raw WebSockets under epoll, as light as they get.

It takes orders, lines of JSON, on standard input, and answers each by a line on standard output:

    {"do": "connect", "port": 5000, "clients": 1000, "script": ["40", "42[\\"join\\"]"]}
                                            with "tokens", TOKEN in a client's script is its own
    {"do": "gather", "frames": 100000}      wait for so many updates
    {"do": "listen", "seconds": 10}         note each update's number, and when it came
    {"do": "leave"}

A client sends each message of `script` once the one before is answered. An update is a message with
`mark` and a number: when it was sent on the machine's monotonic clock, or how many have voted.
"""

import json
import os
import select
import socket
import sys
import time
from typing import Any

CHUNK = 1 << 16
TURN = 512
HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
SENT = '"sent_ns":'
UPDATE = b'42["tally:update"'


def mask(text: str) -> bytes:
    """Return a client's frame; a mask of zeros masks nothing."""
    payload = text.encode()
    if len(payload) < 126:
        return bytes((0x81, 0x80 | len(payload))) + bytes(4) + payload
    return b"\x81\xfe" + len(payload).to_bytes(2, "big") + bytes(4) + payload


class Client:
    __slots__ = ("buffer", "script", "socket", "upgraded")

    def __init__(self, sock: socket.socket, script: list[str]) -> None:
        self.socket, self.script, self.buffer, self.upgraded = sock, script, b"", False


class Crowd:
    """All clients. `updates` counts what they were sent."""

    def __init__(self) -> None:
        self.epoll = select.epoll()
        self.clients: dict[int, Client] = {}
        self.updates = 0
        self.joined = 0
        self.lost = 0
        self.listening = False
        self.mark = SENT.encode()
        self.noted: list[tuple[int, int]] = []
        self._same = (0, 0)

    def connect(
        self,
        port: int,
        clients: int,
        script: list[str],
        mark: str = SENT,
        at_once: int = 400,
        tokens: list[str] | None = None,
    ) -> dict[str, Any]:
        """Connect so many; return once all have sent their scripts, or after two minutes."""
        self.mark = mark.encode()
        began, wanted, opened = time.monotonic(), self.joined + clients, self.joined
        while self.joined < wanted and time.monotonic() < began + 120:
            while opened < wanted and opened < self.joined + at_once:
                opened += 1
                sock = socket.create_connection(("127.0.0.1", port))
                sock.setblocking(False)
                sock.send(HANDSHAKE)
                token = tokens[(opened - 1) % len(tokens)] if tokens else "TOKEN"
                own = [each.replace("TOKEN", token) for each in script]
                self.clients[sock.fileno()] = Client(sock, own)
                self.epoll.register(sock.fileno(), select.EPOLLIN)
            self.turn(0.05)
        return {"joined": self.joined, "seconds": time.monotonic() - began}

    def gather(self, frames: int) -> dict[str, Any]:
        """Return once so many updates came to all together, or after three minutes."""
        self.run(lambda: self.updates >= frames, 180)
        return {"updates": self.updates, "ended_ns": time.monotonic_ns(), "lost": self.lost}

    def listen(self, seconds: float) -> dict[str, Any]:
        """Note updates for some time; return when those of each number came."""
        self.noted, self.listening = [], True
        self.run(lambda: False, seconds)
        self.listening = False
        came: dict[int, list[int]] = {}
        for number, now in self.noted:
            came.setdefault(number, []).append(now)
        return {"came": came, "lost": self.lost}

    def leave(self) -> dict[str, Any]:
        """Close all."""
        for client in self.clients.values():
            client.socket.close()
        self.__init__()  # type: ignore[misc]
        return {}

    def run(self, done: Any, seconds: float) -> None:
        """Serve the clients until something is so, or the time is over."""
        deadline = time.monotonic() + seconds
        while not done() and time.monotonic() < deadline:
            self.turn(0.05)

    def turn(self, wait: float) -> None:
        """Read once from all that have something to say."""
        for number, _ in self.epoll.poll(wait, TURN):
            client = self.clients.get(number)
            if client is None:
                continue
            try:
                data = os.read(number, CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self.lost += 1
                self.epoll.unregister(number)
                client.socket.close()
                del self.clients[number]
            else:
                self.take(client, data)

    def take(self, client: Client, data: bytes) -> None:
        """Count updates; answer what wants an answer."""
        size, digits = self._same
        alike = size and not client.buffer and len(data) % size == 0 and data[0] == 0x81
        if (
            alike and data[digits - len(self.mark) : digits] == self.mark
        ):  # as the last, or several such
            self.updates += len(data) // size
            if self.listening:
                self.note(data, len(data) // size)
            return
        client.buffer += data
        if not client.upgraded:
            head, found, rest = client.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head:
                raise SystemExit(f"refused: {head.decode()}")
            client.upgraded, client.buffer = True, rest
        while (frame := self.cut(client)) is not None:
            self.hear(client, frame)

    def cut(self, client: Client) -> bytes | None:
        """Return the next whole frame's payload."""
        buffer = client.buffer
        if len(buffer) < 2:
            return None
        size, begin = buffer[1], 2
        if size >= 126:
            begin = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:begin], "big")
        if len(buffer) < begin + size:
            return None
        client.buffer = buffer[begin + size :]
        payload = buffer[begin : begin + size]
        place = payload.find(self.mark) if payload.startswith(UPDATE) else -1
        if place >= 0:
            self._same = begin + size, begin + place + len(self.mark)
            self.updates += 1
            if self.listening:
                self.note(buffer, 1)
        return payload

    def note(self, data: bytes, times: int) -> None:
        now, (size, digits) = time.monotonic_ns(), self._same
        for each in range(times):
            begin = end = each * size + digits
            while data[end : end + 1].isdigit():
                end += 1
            self.noted.append((int(data[begin:end]), now))

    def hear(self, client: Client, payload: bytes) -> None:
        kind = payload[:2]
        if kind == b"2":
            client.socket.send(mask("3"))
        elif payload[:1] == b"0" or kind in (b"40", b"43"):
            if client.script:
                client.socket.send(mask(client.script.pop(0)))
            if not client.script and (kind != b"40" or payload[:1] != b"0"):
                self.joined += kind == b"43"


def main() -> None:
    crowd, pending = Crowd(), b""
    os.set_blocking(0, False)
    while True:
        if crowd.clients:
            crowd.turn(0.02)
        ready, _, _ = select.select([0], [], [], 0 if crowd.clients else 1)
        if not ready:
            continue
        data = os.read(0, CHUNK)
        if not data:
            return
        pending += data
        while b"\n" in pending:
            line, _, pending = pending.partition(b"\n")
            asked = json.loads(line)
            answer = getattr(crowd, asked.pop("do"))(**asked)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
