"""What all connections of a server share: its app and limits, their states, parsers and turns."""

import socket
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import gevent

from api.httpd.bounds import Limits
from api.httpd.faults import Fault
from api.httpd.known import KnownHeads
from api.httpd.messages import Environ, Request
from api.httpd.parsing import Parsers
from api.httpd.states import States

Lane = Callable[[Request], bool]
"""Called in the event loop with each complete request; it must not wait. It returns True if it has
responded or will, and False to leave the request to the app.
"""


class Others(NamedTuple):
    """Other processes that accept at the same listening socket.

    pass_on: called with each head: the environ, the open file of the connection, all that was read
    of the request, and the client's address and port. It returns True if it has passed the file on
    to another process, which goes on
    leaves: called before a connection is accepted, with how many there are: whether another process
    should have the next
    """

    pass_on: Callable[[Environ, int, bytes, tuple[str, str]], bool]
    leaves: Callable[[int], bool]


class Shared:
    """What all connections of a server share.

    websocket_path: the path at which a request may become a WebSocket
    fault: makes the responses of the server itself
    note_end: called when a connection has ended
    """

    def __init__(
        self,
        listener: socket.socket,
        app: Callable[..., Any],
        note_end: Callable[[], None],
        *,
        lane: Lane | None,
        websocket_path: str | None,
        fault: Fault,
        limits: Limits,
        others: Others | None,
    ) -> None:
        self.app, self.lane, self.limits, self.others = app, lane, limits, others
        self.fault, self._websocket_path = fault, websocket_path
        self.states, self.parsers, self.stopping = States(limits), Parsers(), False
        self.environ, self.note_end = _base_environ(listener), note_end
        self.heads = KnownHeads(self.environ)
        self._work: list[Callable[[], None]] = []
        self._turn = gevent.get_hub().loop.timer(0)

    def soon(self, work: Callable[[], None]) -> None:
        """Call a function after the turn of other work."""
        if not self._work:
            self._turn.start(self._take_turns)
        self._work.append(work)

    def takes_upgrade(self, environ: Environ) -> bool:
        """Return whether a request without a body may become a WebSocket. Source: RFC 9110, 7.8."""
        options = [
            each.strip(" \t") for each in environ.get("HTTP_CONNECTION", "").lower().split(",")
        ]
        return (
            environ["SERVER_PROTOCOL"] == "HTTP/1.1"
            and environ["PATH_INFO"] == self._websocket_path
            and environ["REQUEST_METHOD"] == "GET"
            and environ["HTTP_UPGRADE"].lower() == "websocket"
            and "upgrade" in options
        )

    def _take_turns(self) -> None:
        self._turn.stop()
        work, self._work = self._work, []
        for each in work:
            each()


def _base_environ(listener: socket.socket) -> Environ:
    """Return the part of the environ that all requests have in common."""
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
