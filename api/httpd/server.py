"""The server: accepts connections while there is room, and ends those whose time is over."""

import errno
import socket
import sys
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event

from api.httpd.bounds import Limits
from api.httpd.channel import READ
from api.httpd.connection import Connection
from api.httpd.faults import Fault, plain_fault
from api.httpd.listening import Socket, count_places
from api.httpd.messages import Environ, Request
from api.httpd.parsing import Parsers
from api.httpd.states import IDLE, NEW, States

Lane = Callable[[Request], bool]
"""Called in the event loop for a request that is here whole; it may not wait. True: it has
responded or will; False: the request is the app's."""

TURN_ACCEPTS = 64
"""How many connections are accepted before others have a turn."""
LOCAL = "127.0.0.1", "0"
"""Who asks by a UNIX socket, as far as is known: a proxy on this machine."""


class Server:
    """Serves a WSGI app, and what `lane` answers in its place."""

    def __init__(
        self,
        listener: socket.socket,
        app: Callable[..., Any],
        *,
        lane: Lane | None = None,
        websocket_path: str | None = None,
        fault: Fault = plain_fault,
        limits: Limits = Limits(),  # noqa: B008 (it can't be changed)
    ) -> None:
        self.app, self.lane, self.fault, self.limits = app, lane, fault, limits
        self.states, self.parsers, self.stopping = States(limits), Parsers(), False
        self.environ = _base_environ(listener)
        self._listener, self._websocket_path = listener, websocket_path
        self._places = count_places() if limits.connections is None else limits.connections
        self._count = 0
        self._ended = Event()
        self._work: list[Callable[[], None]] = []
        loop = gevent.get_hub().loop
        self._accepter = loop.io(listener.fileno(), READ)
        self._clock, self._turn = loop.timer(1, 1), loop.timer(0)

    def start(self) -> None:
        """Accept connections from now on."""
        self._accepter.start(self._accept)
        self._clock.start(self._look)

    def stop(self, seconds: float) -> None:
        """Accept nothing more; return once what is being answered is, at most after `seconds`."""
        self.stopping = True
        self._accepter.stop()
        self._accepter.close()
        self._listener.close()
        for connection in list(self.states):
            if connection.state in (IDLE, NEW):
                connection.close()
        if self._count:
            self._ended.wait(seconds)
        for connection in list(self.states):
            connection.close()
        self._clock.stop()
        self._clock.close()

    def soon(self, work: Callable[[], None]) -> None:
        """Do something once others had their turn."""
        self._work.append(work)
        if not self._turn.active:
            self._turn.start(self._take_turns)

    def note_end(self) -> None:
        """Note that a connection has ended."""
        self._count -= 1
        if self.stopping and not self._count:
            self._ended.set()

    def takes_upgrade(self, environ: Environ) -> bool:
        """Tell whether a request without a body may become a WebSocket. Source: RFC 9110, 7.8."""
        said = [each.strip(" \t") for each in environ.get("HTTP_CONNECTION", "").lower().split(",")]
        return (
            environ["SERVER_PROTOCOL"] == "HTTP/1.1"
            and environ["PATH_INFO"] == self._websocket_path
            and environ["REQUEST_METHOD"] == "GET"
            and environ["HTTP_UPGRADE"].lower() == "websocket"
            and "upgrade" in said
        )

    def _take_turns(self) -> None:
        self._turn.stop()
        work, self._work = self._work, []
        for each in work:
            each()

    def _look(self) -> None:
        for connection, state in self.states.expire():
            connection.expire(state)

    # -- new connections ----------------------------------------------------------------

    def _accept(self) -> None:
        listener: Any = self._listener
        for _ in range(TURN_ACCEPTS):
            try:
                # `accept` would make a socket of the patched class, where gevent has patched it
                file, address = listener._accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE) or not self._make_room():
                    return
                continue
            sock = Socket(listener.family, listener.type, listener.proto, fileno=file)
            sock.setblocking(False)
            self._count += 1
            connection = Connection(self, sock, (address[0], str(address[1])) if address else LOCAL)
            if file >= self._places and not self._make_room(connection):
                connection.fault(503)

    def _make_room(self, newest: Connection | None = None) -> bool:
        """Drop the connection that has asked for nothing the longest; False where there is none."""
        oldest = self.states.pop_oldest()
        if oldest is None or oldest is newest:
            return False
        oldest.close()
        return True


def _base_environ(listener: socket.socket) -> Environ:
    """Return what is the same for all requests."""
    address = listener.getsockname()
    host, port = address[:2] if isinstance(address, tuple) else ("localhost", 80)
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multiprocess": False,
        "wsgi.multithread": False,
        "wsgi.run_once": False,
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
    }
