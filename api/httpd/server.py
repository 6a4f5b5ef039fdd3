"""The server: accepts connections while there is room, and ends those that miss a deadline."""

import errno
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event

from api.httpd.bounds import Limits
from api.httpd.channel import READ
from api.httpd.connection import Connection
from api.httpd.faults import Fault, plain_fault
from api.httpd.listening import Socket, count_places
from api.httpd.shared import Lane, Others, Shared
from api.httpd.states import IDLE, LINGERING, NEW

TURN_ACCEPTS = 64
"""How many connections are accepted before other work has its turn."""
LEAVE_SECONDS = 0.003
"""For how long a connection is left to other processes."""
SETTLE_SECONDS, LOOK_SECONDS = 0.3, 0.02
POLL_SECONDS = 1e-6
"""The loop looks for sockets that can be read only while every greenlet sleeps for more than no
time, and wakes this one before it reads them.
"""
LOCAL = "127.0.0.1", "0"
"""The address of clients at a UNIX socket: a proxy on this machine."""


class Server:
    """Serves a WSGI app, and a lane before it."""

    def __init__(
        self,
        listener: socket.socket,
        app: Callable[..., Any],
        *,
        lane: Lane | None = None,
        websocket_path: str | None = None,
        fault: Fault = plain_fault,
        limits: Limits = Limits(),  # noqa: B008 (it can't be changed)
        others: Others | None = None,
    ) -> None:
        self._shared = Shared(
            listener,
            app,
            self._note_end,
            lane=lane,
            websocket_path=websocket_path,
            fault=fault,
            limits=limits,
            others=others,
        )
        self._listener, self._states = listener, self._shared.states
        self._places = count_places() if limits.connections is None else limits.connections
        self._count = 0
        self._ended = Event()
        loop = gevent.get_hub().loop
        self._accepter = loop.io(listener.fileno(), READ)
        self._clock, self._again = loop.timer(1, 1), loop.timer(LEAVE_SECONDS)
        self._insists = False

    def start(self) -> None:
        """Accept connections from now on."""
        self._accepter.start(self._accept)
        self._clock.start(self._look)

    def close_door(self) -> None:
        """Accept no connection any more, and keep none after its next response. What has come to a
        kept one is still answered, until `stop`.
        """
        if not self._shared.stopping:
            self._shared.stopping = True
            self._accepter.stop()
            self._accepter.close()
            self._again.stop()
            self._listener.close()

    def stop(self, seconds: float) -> None:
        """Accept nothing more; return once all responses have ended, after `seconds` at most. What
        is not answered by then gets 503, if nothing of its response was sent.
        """
        self.close_door()
        gevent.sleep(POLL_SECONDS)
        gevent.sleep(0)  # what has arrived is read before this greenlet goes on
        for connection in list(self._states):
            if connection.state is IDLE:
                connection.close()
        self._wait(seconds)
        for connection in list(self._states):
            connection.give_up()
        self._clock.stop()
        self._clock.close()

    def _wait(self, seconds: float) -> None:
        """Wait for responses to end. Connections on which nothing came, and clients that leave
        their side open after the last response, are waited for `SETTLE_SECONDS` at most.
        """
        began = monotonic()
        while self._count and (passed := monotonic() - began) < seconds:
            if passed > SETTLE_SECONDS and all(
                each.state in (NEW, LINGERING) for each in self._states
            ):
                return
            self._ended.wait(LOOK_SECONDS)

    def _note_end(self) -> None:
        """Count a connection that has ended."""
        self._count -= 1
        if self._shared.stopping and not self._count:
            self._ended.set()

    def _look(self) -> None:
        """End expired connections after reading what has come: a stall lets the clock run ahead."""
        self._shared.soon(self._expire)

    def _expire(self) -> None:
        for connection, state in self._states.expire():
            connection.expire(state)

    # -- new connections ----------------------------------------------------------------

    def _accept(self) -> None:
        for _ in range(TURN_ACCEPTS):
            if self._leave_to_others():
                return
            try:
                accepted, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE) or not self._make_room():
                    return
                continue
            kind, file = (accepted.family, accepted.type, accepted.proto), accepted.detach()
            sock = Socket(*kind, fileno=file)  # gevent's, where it has patched, has watchers
            sock.setblocking(False)
            self._count += 1
            connection = Connection(
                self._shared, sock, (address[0], str(address[1])) if address else LOCAL
            )
            if file >= self._places and not self._make_room(connection):
                connection.fault(503)

    def _leave_to_others(self) -> bool:
        """Leave the next connection to a process that has fewer, and take it later if none does."""
        others = self._shared.others
        if others is None or not others.leaves(self._count) or self._insists:
            self._insists = False
            return False
        self._accepter.stop()
        self._again.start(self._insist, update=True)
        return True

    def _insist(self) -> None:
        self._again.stop()
        if not self._shared.stopping:
            self._insists = True
            self._accepter.start(self._accept)

    def adopt(self, file: int, read: bytes, remote: tuple[str, str]) -> None:
        """Go on with a connection that another process has passed on, with what it has read."""
        sock = Socket(fileno=file)
        sock.setblocking(False)
        self._count += 1
        Connection(self._shared, sock, remote).take_over(read)

    def _make_room(self, newest: Connection | None = None) -> bool:
        """Drop the connection that has been idle longest; return False if there is none."""
        oldest = self._states.pop_oldest()
        if oldest is None or oldest is newest:
            return False
        oldest.close()
        return True
