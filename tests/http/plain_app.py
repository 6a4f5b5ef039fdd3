"""A small WSGI app on the project's own HTTP server: what an app can ask of it. Prints its port.

Clients that keep it waiting are disconnected: after a second, or after as many as it is told.
"""

import sys
from collections.abc import Iterable
from typing import Any

from gevent.event import Event

from api.httpd import Limits, Server, listen

LARGE = 3_000_000


def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer each path in its own way."""
    if "httpd.detach" in environ:  # it might become a WebSocket
        start_response("400 Bad Request", [("Content-Length", "0")])
        return []
    match environ["PATH_INFO"]:
        case "/pieces":
            start_response("200 OK", [])
            return (piece for piece in (b"one ", b"", b"two"))
        case "/split":
            start_response("200 OK", [("X-Said", "a\r\nX-Smuggled: b")])
        case "/dated":
            start_response("200 OK", [("Date", "then"), ("Content-Length", "0")])
            return []
        case "/nothing":
            start_response("204 No Content", [])
            return []
        case "/large":
            start_response("200 OK", [("Content-Length", str(LARGE))])
            return [bytes(LARGE)]
        case "/last":
            start_response("200 OK", [("Connection", "close"), ("Content-Length", "0")])
            return []
        case "/late":
            start_response("200 OK", [("Content-Length", "4")])
            return fail_late()
    body: bytes = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def fail_late() -> Iterable[bytes]:
    """Fail once some of the answer is told."""
    yield b"hal"
    raise RuntimeError


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if sys.argv[1:] else 1.0
    limits = Limits(seconds, seconds, seconds, 6 * seconds, 300, seconds, seconds)
    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    Server(listener, answer, websocket_path="/socket.io/", limits=limits).start()
    Event().wait()
