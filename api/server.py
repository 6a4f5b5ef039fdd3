"""The HTTP server: gevent's pywsgi on a listener of its own.

With Nagle's algorithm off, and head and body of an answer in one write: without these a
keep-alive request waits 40 ms for the client's delayed acknowledgement.
"""

import errno
import socket
from typing import Any

from gevent.pywsgi import WSGIHandler, WSGIServer

BACKLOG = 4_096


class CannotListen(Exception):
    """The host is not this machine's, or the port not this user's."""


class PortTaken(CannotListen):
    """Another program listens on the port."""


class Handler(WSGIHandler):  # type: ignore[misc]
    """Sends what an answer begins with in one system call, and ends what was a WebSocket."""

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            self.close_connection = True  # RFC 6455, 7.1.1: the server closes TCP first

    def _write_with_headers(self, data: bytes) -> None:
        held: list[bytes] = []
        self._sendall = held.append
        try:
            super()._write_with_headers(data)
        finally:
            del self._sendall
        self._sendall(b"".join(held))


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `PortTaken` or `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
    except (OSError, ValueError) as error:
        listener.close()
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        raise (PortTaken if taken else CannotListen)(error) from error
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def make_server(listener: socket.socket, app: Any) -> WSGIServer:
    """Return a server for a WSGI app; requests are not logged, errors are."""
    return WSGIServer(listener, app, log=None, handler_class=Handler)


def lan_address() -> str | None:
    """Return the address by which others on the network reach this machine, if there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation address: UDP connects without sending
        except OSError:
            return None
        return str(probe.getsockname()[0])
