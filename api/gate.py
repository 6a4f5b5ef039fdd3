"""The entrance to signing in and up: people come in one after the other.

Three hundred sign-ins that were read in a row kept votes waiting for 90 ms. They come in sooner
than their passwords can be hashed, and those of one address let those of another in between.
"""

from collections.abc import Callable, Iterable
from typing import Any

import gevent

from api.cors import Origins
from api.limits import network_of
from api.plain import as_wsgi
from api.problems import refuse
from api.turns import Turns
from voting.refusals import RateLimited

PATHS = ("/auth/login", "/auth/signup")
"""Where a whole hall comes at once."""
SECONDS = 0.001
PLACES = 4_000
"""How many wait at most: what waits costs nothing, and a refusal would only come again."""
RETRY_SECONDS = 5


class Gate:
    """A WSGI app before another."""

    def __init__(self, app: Callable[..., Iterable[bytes]], origins: Origins) -> None:
        self._app = app
        self._origins = origins
        self._turns = Turns(at_once=1, places=PLACES, retry_seconds=RETRY_SECONDS)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if takes_turns(environ):
            try:
                self._turns.do(lambda: gevent.sleep(SECONDS), (network_of(environ["REMOTE_ADDR"]),))
            except RateLimited as error:
                return turn_away(error, environ, start_response, self._origins)
        return self._app(environ, start_response)


def takes_turns(environ: dict[str, Any]) -> bool:
    """Return whether a request waits for a turn here."""
    return environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] in PATHS


def turn_away(
    error: RateLimited,
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    origins: Origins,
) -> Iterable[bytes]:
    """Refuse a request without Flask, readable for the page that sent it; end its connection."""
    status, headers, body = as_wsgi(refuse(error, environ))
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origins.allows(origin, environ):
        headers.append(("Access-Control-Allow-Origin", origin))
    length = ("Content-Length", str(len(body)))
    start_response(status, [*headers, length, ("Connection", "close")])
    return [body]
