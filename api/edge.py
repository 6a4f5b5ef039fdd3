"""The outermost layer of the app: gives each request an id, each response its security headers,
and measures how long each response took.

It also handles requests that never reach Flask: Socket.IO's polls, and what the lane answers. No
label of a measure and no line of the log contains a path, a query or a person.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import count
from time import perf_counter
from typing import Any

from db.journal.measures import Histogram

SOCKETS = "/socket.io/"
"""The path of Socket.IO, the only one where a request may become a WebSocket."""
REQUEST_ID = "rollcall.request_id"
ROUTE = "rollcall.route"
"""The template of a route that was found without Flask."""
POLICY = "Content-Security-Policy"
SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
NO_PAGE_POLICY = (POLICY, "default-src 'none'; frame-ancestors 'none'")
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""Sent only over HTTPS, as RFC 6797 requires. A hall's own network has no certificate."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NO_ROUTE = "none"

Environ = dict[str, Any]
Trace = Callable[[Environ, str, str, float], None]
"""Called with each response: the request's environ, the route's template, the status, seconds."""


class Edge:
    """A WSGI app around another.

    trusted: a proxy in front of the server is trusted to choose the request's id
    trace: None if nothing is traced
    """

    def __init__(
        self, app: Callable[..., Iterable[bytes]], *, trusted: bool, trace: Trace | None = None
    ) -> None:
        self._app = app
        self._trusted, self._trace = trusted, trace
        self._start, self._count = secrets.token_hex(4), count(1)
        self.measures = defaultdict[tuple[str, str, str], Histogram](lambda: Histogram(SECONDS))

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = perf_counter()
        request_id = self.assign_id(environ)
        status_code = route = ""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status_code, route
            status_code, route = status[:3], route_of(environ)
            secure = security_headers(environ["wsgi.url_scheme"], is_page=POLICY in dict(headers))
            headers = [*headers, ("X-Request-ID", request_id), *secure]
            return start_response(status, headers, exc_info)

        body = self._app(environ, start)
        if "HTTP_UPGRADE" not in environ:  # a WebSocket's response ends with the connection
            self.measure(environ, route, status_code, perf_counter() - began)
        return body

    def assign_id(self, environ: Environ) -> str:
        """Give a request its id, and return it."""
        given = environ.get("HTTP_X_REQUEST_ID") if self._trusted else None
        if given is None or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given):
            given = f"{self._start}-{next(self._count):x}"
        environ[REQUEST_ID] = given
        return str(given)

    def measure(self, environ: Environ, route: str, status: str, seconds: float) -> None:
        """Count a response by method, route template and status, with the seconds that it took."""
        method = environ["REQUEST_METHOD"]
        self.measures[method if method in METHODS else "other", route, status].add(seconds)
        if self._trace is not None:
            self._trace(environ, route, status, seconds)


def security_headers(scheme: str, *, is_page: bool = False) -> list[tuple[str, str]]:
    """Return the security headers of a response; a page has a policy of its own."""
    headers = [*SECURITY_HEADERS] if is_page else [*SECURITY_HEADERS, NO_PAGE_POLICY]
    return [*headers, HTTPS_ONLY] if scheme == "https" else headers


def route_of(environ: Environ) -> str:
    """Return the template of the route of a request that is being answered, `NO_ROUTE` for none."""
    if environ["PATH_INFO"] == SOCKETS:
        return SOCKETS
    if ROUTE in environ:
        return str(environ[ROUTE])
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return rule.rule if rule else NO_ROUTE
