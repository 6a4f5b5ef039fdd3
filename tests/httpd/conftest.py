"""A server for the tests of a module, and connections to it."""

import socket
from collections.abc import Callable, Iterator

import pytest

from tests.httpd.serving import serve

Ask = Callable[..., bytes]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serve() as (_, port):
        yield port


def hear(sock: socket.socket) -> bytes:
    """Return all that comes until the server ends the connection."""
    heard = b""
    try:
        while piece := sock.recv(65_536):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


@pytest.fixture
def ask(port: int) -> Iterator[Ask]:
    """Send bytes on a connection of their own; return all that comes until its end."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:

        def ask(*sent: bytes) -> bytes:
            sock.sendall(b"".join(sent))
            return hear(sock)

        yield ask
