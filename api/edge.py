"""What every answer has, whoever gives it: an id, headers that keep browsers careful, a measure.

The outermost part of the app. It also sees what Flask doesn't: Socket.IO's polls, and what is
answered before Flask is asked. Paths, queries and people are in no label and in no line of a log.
"""

import logging
import re
import secrets
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter
from typing import Any

import gevent
from flask import Response, has_request_context, request
from gevent.lock import BoundedSemaphore

ASKED = "rollcall.asked"
POLICY = "Content-Security-Policy"
CAREFUL = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
NO_PAGE = ((POLICY, "default-src 'none'; frame-ancestors 'none'"),)
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""Told only over HTTPS, as RFC 6797 asks: a hall's own network has no certificate."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNROUTED = ("/candidates", "/socket.io/")
"""Paths that are answered without Flask's routes."""
NO_ROUTE = "none"

Environ = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """A request, shared by all copies of its environment: its id, and its route's template."""

    id: str
    route: str


@dataclass(slots=True)
class Measure:
    """How many requests began to be answered within each of `SECONDS`, or later; and all seconds.

    prometheus-client's own histogram takes 2.4 µs for what this does in 0.2.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    seconds: float = 0.0


CROWDED = ("/auth/login", "/auth/signup")
"""Where a whole hall comes at once."""
GATE_SECONDS = 0.005


class Edge:
    """A WSGI app around another. `trusted`: a proxy in front may name the request's id."""

    def __init__(self, app: Callable[..., Iterable[bytes]], *, trusted: bool) -> None:
        self._app = app
        self._trusted = trusted
        self._start, self._count = secrets.token_hex(4), count(1)
        self._gate = BoundedSemaphore(1)
        self.measures: defaultdict[tuple[str, str, str], Measure] = defaultdict(Measure)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = perf_counter()
        path = environ["PATH_INFO"]
        asked = Asked(self._id_of(environ), path if path in UNROUTED else NO_ROUTE)
        environ[ASKED] = asked
        answered = ""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal answered
            answered = status[:3]
            policy = () if POLICY in dict(headers) else NO_PAGE
            headers = [*headers, ("X-Request-ID", asked.id), *CAREFUL, *policy]
            if environ["wsgi.url_scheme"] == "https":
                headers.append(HTTPS_ONLY)
            return start_response(status, headers, exc_info)

        if path in CROWDED:
            self._queue_up()
        body = self._app(environ, start)
        if "HTTP_UPGRADE" not in environ:  # a WebSocket's "answer" ends with the connection
            self._measure(environ["REQUEST_METHOD"], asked.route, answered, perf_counter() - began)
        return body

    def _queue_up(self) -> None:
        """Let those who come at the same moment in one after the other, sooner than their passwords
        can be hashed: three hundred sign-ins read in a row kept votes waiting for 90 ms."""
        with self._gate:
            gevent.sleep(GATE_SECONDS)

    def _id_of(self, environ: Environ) -> str:
        given = environ.get("HTTP_X_REQUEST_ID") if self._trusted else None
        if given is not None and re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given):
            return str(given)
        return f"{self._start}-{next(self._count):x}"

    def _measure(self, method: str, route: str, status: str, seconds: float) -> None:
        measure = self.measures[method if method in METHODS else "other", route, status]
        measure.counts[bisect_left(SECONDS, seconds)] += 1
        measure.seconds += seconds


def note_route(answer: Response) -> Response:
    """Let the edge know which route Flask found for the present request."""
    asked, rule = request.environ.get(ASKED), request.url_rule
    if asked and rule:
        asked.route = rule.rule
    return answer


def present_request() -> Asked | None:
    """Return the present request; of a socket's event that of its handshake."""
    return request.environ.get(ASKED) if has_request_context() else None


class OfRequest(logging.Filter):
    """Lets a line of the log say of which request it is: its id, method and route."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = ""
        if asked := present_request():
            rule = request.url_rule
            route = rule.rule if rule else asked.route
            record.request = f" [{asked.id} {request.environ['REQUEST_METHOD']} {route}]"
        return True


def start_logging() -> None:
    """Log to the standard error, each line with its request."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s%(request)s: %(message)s")
    for handler in logging.root.handlers:
        handler.addFilter(OfRequest())
