"""The app on its HTTP server, whose own responses look like the app's; and its graceful stop."""

import gc
import socket
from collections.abc import Callable, Sequence
from typing import Any

import gevent
from werkzeug.exceptions import RequestEntityTooLarge

from api.app import Rollcall, create_app
from api.edge import SOCKETS
from api.handover import Handover
from api.httpd import Others, Request, Server
from api.plain import format_headers
from api.problems import refuse
from api.settings import Settings
from api.systemd import notify_systemd
from voting.faults import Invalid
from voting.refusals import Full, Refusal

RETRY_SECONDS = 10
"""When a client without a place should try again."""
GC_THRESHOLDS = 2_000, 2, 1_600
"""Of the collector's three generations. Each ballot that was just cast leaves one object, so a
collection of the second generation walks at most 6,000 of them, in 1 ms. With 5,000 and 4 it walked
25,000, in 5 to 8 ms, and took as much time in all.
"""
DRAIN_SECONDS, STOP_SECONDS = 2, 4
"""How long a stop waits at most for live clients, and after them for requests that have begun."""


def open_rollcall(settings: Settings) -> Rollcall:
    """Wire the server, and exempt it from garbage collection. Raises as `create_app`."""
    gc.disable()  # nothing that is loaded is garbage: a million ballots would be walked often
    rollcall = create_app(settings)
    gc.collect()
    gc.enable()
    gc.freeze()  # what was loaded stays: no collection walks it again
    gc.set_threshold(*GC_THRESHOLDS)
    return rollcall


class Serving:
    """A wired server on its listening sockets, from the start to a graceful stop.

    handover: the other workers that share them
    """

    def __init__(
        self,
        rollcall: Rollcall,
        listeners: Sequence[socket.socket],
        handover: Handover | None = None,
    ) -> None:
        self._rollcall, self._handover = rollcall, handover
        others = None if handover is None else Others(handover.give, handover.leaves)
        self._servers = [
            make_server(each, rollcall.app, rollcall.lane, others) for each in listeners
        ]

    def start(self) -> None:
        """Answer from now on."""
        for server in self._servers:
            server.start()
        if self._handover is not None:
            self._handover.start(self._servers[0].adopt)

    def stop(self) -> None:
        """Stop: accept nothing more; refuse sign-ins that wait for their turn; send live clients
        the time to reconnect, and end their connections after their acks; answer the requests that
        have begun; close the store.
        """
        notify_systemd("STOPPING=1")
        try:
            if self._handover is not None:
                self._handover.stop()
            for server in self._servers:
                server.close_door()
            for queue in self._rollcall.queues:
                queue.end()
            self._rollcall.live.drain(DRAIN_SECONDS)
            gevent.joinall([gevent.spawn(server.stop, STOP_SECONDS) for server in self._servers])
        finally:
            self._rollcall.workers.end()
            self._rollcall.store.close()


def make_server(
    listener: socket.socket,
    app: Callable[..., Any],
    lane: Callable[[Request], bool] | None = None,
    others: Others | None = None,
) -> Server:
    """Return a server for a WSGI app and the lane before it."""
    return Server(
        listener, app, lane=lane, websocket_path=SOCKETS, fault=respond_to_fault, others=others
    )


def respond_to_fault(status: int) -> tuple[str, bytes]:
    """Return the header lines and the body of a response of the server itself."""
    match status:
        case 503:
            error: Exception = Full(retry_after=RETRY_SECONDS)
        case 500:
            error = Refusal()
        case 413:
            error = RequestEntityTooLarge()
        case _:
            error = Invalid()
    plain = refuse(error, {}, status)
    return format_headers(plain, "http"), plain.body
