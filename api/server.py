"""The HTTP server: gevent's pywsgi on a listener of its own, with bounds on what a client may hold.

With Nagle's algorithm off, and head and body of an answer in one write: without these a
keep-alive request waits 40 ms for the client's delayed acknowledgement.
"""

import errno
import resource
import socket
import time
from contextlib import suppress
from email.utils import formatdate
from typing import Any

import gevent
from gevent.pywsgi import WSGIServer

from api.busy_wait import BusyWait
from api.edge import CAREFUL
from api.handler import Handler
from api.httpd.deadlines import Deadlines
from api.httpd.unread import Unread
from api.plain import as_wsgi
from api.problems import refuse
from schemas.refusals import Full, Refusal
from schemas.validation import Invalid

BACKLOG = 4_096
HEAD_SECONDS, BODY_SECONDS, WHOLE_BODY_SECONDS, IDLE_SECONDS = 10, 30, 600, 75
"""How long a request's head may take, 16 KiB of a body (`http.PIECE_BYTES`), all of it, and the
next request. The last is more than a proxy keeps connections for."""
UNREAD_SECONDS, UNREAD_BYTES = 60, 64 << 20
"""How long a client may take to read 16 KiB of an answer; and how much of all answers may wait."""
LOST_SECONDS = 30
"""How long a peer may leave unacknowledged, or unread, what it was sent."""
UNSENT_BYTES = 64 << 10
"""How much the kernel takes beyond what it can send: more would only be old when it arrives."""
RESERVED_FILES, SPARE_FILES = 128, 64
"""Files kept for data; and how many of them connections may take while others are dropped."""
RETRY_SECONDS = 10


class CannotListen(Exception):
    """The host is not this machine's, or the port not this user's."""


class PortTaken(CannotListen):
    """Another program listens on the port."""


class Server(WSGIServer):  # type: ignore[misc]
    """Hangs up on those who keep it waiting; refuses more connections than there is room for."""

    def __init__(self, listener: socket.socket, app: Any) -> None:
        super().__init__(listener, app, log=None, handler_class=Handler)
        self.heads: Deadlines[Handler] = Deadlines(HEAD_SECONDS)
        self.bodies: Deadlines[Handler] = Deadlines(BODY_SECONDS)
        self.whole_bodies: Deadlines[Handler] = Deadlines(WHOLE_BODY_SECONDS)
        self.idle: Deadlines[Handler] = Deadlines(IDLE_SECONDS)
        self.unread: Unread[Handler] = Unread(UNREAD_SECONDS, UNREAD_BYTES)
        self._waits = (self.idle, self.heads, self.bodies, self.whole_bodies, self.unread)
        self._places = count_places()
        self.bad, self.broken = _refusal(Invalid()), _refusal(Refusal())
        self._full = _refusal(Full(retry_after=RETRY_SECONDS))
        self._date = (0, b"")
        self.busy_wait = BusyWait(gevent.get_hub().loop)

    def start(self) -> None:
        super().start()
        gevent.spawn(self._keep_time)

    def do_read(self) -> Any:
        accepted = super().do_read()
        if (
            not accepted or accepted[0].fileno() < self._places
        ):  # they count up from the lowest free
            return accepted
        if self._make_room():
            return accepted
        with suppress(OSError):
            accepted[0].send(self._full)
        accepted[0].close()
        return None

    def _make_room(self) -> bool:
        """Drop the connection that has asked for nothing the longest; False where there is none."""
        for waiting in (self.idle, self.heads):
            if (handler := waiting.pop_oldest()) is not None:
                handler.hang_up()
                return True
        return False

    def forget(self, handler: Handler) -> None:
        """Wait for nothing more of a connection."""
        for waiting in self._waits:
            waiting.stop(handler)

    def date(self) -> bytes:
        """Return the time as answers tell it, to the second."""
        now = int(time.time())
        if now != self._date[0]:
            self._date = now, formatdate(now, usegmt=True).encode()
        return self._date[1]

    def _keep_time(self) -> None:
        while self.started:
            gevent.sleep(1)
            for waiting in self._waits:
                for handler in waiting.expire():
                    handler.hang_up()


def _refusal(error: Refusal) -> bytes:
    """Return an answer for who does not get as far as the app."""
    status, headers, body = as_wsgi(refuse(error, {}))
    fields = [*headers, *CAREFUL, ("Content-Length", str(len(body))), ("Connection", "close")]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def count_places() -> int:
    """Return how many connections there may be: of all files that the process can have itself
    allowed to open, some are kept for its data."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return (hard if hard != resource.RLIM_INFINITY else 1 << 20) - RESERVED_FILES


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `PortTaken` or `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _set_options(listener)
    try:
        listener.bind((host, port))
    except (OSError, ValueError) as error:
        listener.close()
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        raise (PortTaken if taken else CannotListen)(error) from error
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def _set_options(listener: socket.socket) -> None:
    """Set what accepted connections inherit; some of it is Linux's alone."""
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LOST_SECONDS * 1000)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def make_server(listener: socket.socket, app: Any) -> Server:
    """Return a server for a WSGI app; requests are not logged, errors are."""
    return Server(listener, app)


def lan_address() -> str | None:
    """Return the address by which others on the network reach this machine, if there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation address: UDP connects without sending
        except OSError:
            return None
        return str(probe.getsockname()[0])
