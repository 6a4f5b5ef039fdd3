"""The app on its HTTP server, whose own responses look like the app's."""

import socket
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from api.edge import SOCKETS
from api.httpd import Request, Server
from api.plain import format_headers
from api.problems import refuse
from voting.faults import Invalid
from voting.refusals import Full, Refusal

RETRY_SECONDS = 10
"""When a client without a place should try again."""


def make_server(
    listener: socket.socket,
    app: Callable[..., Any],
    lane: Callable[[Request], bool] | None = None,
) -> Server:
    """Return a server for a WSGI app and the lane before it."""
    return Server(listener, app, lane=lane, websocket_path=SOCKETS, fault=respond_to_fault)


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
