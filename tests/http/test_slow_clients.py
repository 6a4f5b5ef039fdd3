"""A thousand clients that keep the server waiting, in each way: it goes on answering, and they end.

The server's deadlines are those of `tests.http.plain_app`.
"""

import http.client
import resource
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import pytest

from tests.http.serving import count_connections, running

pytestmark = pytest.mark.fuzz

CROWD = 1_000
SECONDS = 100
"""After how long a test gives up."""
ROUND_SECONDS = 0.1
HEAD = b"GET /nothing HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
CHUNKS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE_ANSWER = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = {
    "silent": (b"", b""),
    "slow heads": (HEAD + b"X-A: ", b"a"),
    "slow bodies": (BODY, b"b"),
    "slow chunks": (CHUNKS, b"1\r\nc\r\n"),
    "no readers": (LARGE_ANSWER * 2, b""),
    "idle": (HEAD + b"\r\n", b""),
}
"""What a client of each kind sends first, and then again and again."""


@pytest.fixture(scope="module")
def app() -> Iterator[tuple[int, int]]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with running("tests.http.plain_app") as served:
        yield served


def ask(port: int) -> bytes:
    """Return the answer to a plain request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("POST", "/", b"hello")
    answer = connection.getresponse().read()
    connection.close()
    return answer


class Crowd:
    """Slow clients that are still connected, as far as they know: the end is read."""

    def __init__(self, port: int, kind: str) -> None:
        first, self._again = SLOW[kind]
        self.reads = kind != "no readers"
        self._here: set[socket.socket] = set()
        for _ in range(CROWD):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", port))
            client.setblocking(False)
            self._here.add(client)
            self._send(client, first)

    def waits(self) -> bool:
        """Return whether some haven't read the end yet; those who don't read never do."""
        return self.reads and bool(self._here)

    def go_on(self) -> None:
        """Let each send a little and read what came; forget those whose connection has ended."""
        if self._again:
            for client in list(self._here):
                self._send(client, self._again)
        if not self.reads:
            time.sleep(ROUND_SECONDS)
            return
        with selectors.DefaultSelector() as selector:
            for client in self._here:
                selector.register(client, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(ROUND_SECONDS)]
        for client in ready:
            self._read(cast(socket.socket, client))

    def close(self) -> None:
        """End those that are left."""
        for client in list(self._here):
            self._end(client)

    def _send(self, client: socket.socket, text: bytes) -> None:
        try:
            client.send(text)
        except BlockingIOError:
            pass
        except OSError:
            self._end(client)

    def _read(self, client: socket.socket) -> None:
        with suppress(OSError):
            if client.recv(65_536):
                return
        self._end(client)

    def _end(self, client: socket.socket) -> None:
        client.close()
        self._here.discard(client)


@pytest.mark.parametrize("kind", SLOW)
def test_server_answers_while_a_thousand_keep_it_waiting_and_drops_them(
    app: tuple[int, int], kind: str
) -> None:
    pid, port = app
    deadline, answers = time.monotonic() + SECONDS, set()
    crowd = Crowd(port, kind)
    most = count_connections(pid)

    while (crowd.waits() or count_connections(pid)) and time.monotonic() < deadline:
        answers.add(ask(port))
        crowd.go_on()
    left = crowd.waits()
    crowd.close()

    assert answers == {b"hello"}
    assert count_connections(pid) == 0 < most
    assert not left
