"""The entrance to signing in and up: requests enter one after the other.

Three hundred sign-ins that were read in a row delayed votes by 90 ms. Between two of them the event
loop does other work for a multiple of the time that one takes; that is still faster than passwords
can be hashed. Requests of different addresses alternate. Failures are answered late if an address
has many, so somebody who tries again after each response waits there, and not in front of people
with the right password.
"""

from collections.abc import Callable, Iterable
from typing import Any

import gevent

from api.cors import Origins
from api.costs import Pauses
from api.limits import TURN_SECONDS, Rates, network_of
from api.plain import as_wsgi
from api.problems import refuse
from api.turns import Turns
from voting.refusals import Full, RateLimited

PATHS = ("/auth/login", "/auth/signup")
"""The routes to which a whole hall sends requests at once."""
SECONDS = 0.001
"""The shortest pause between two requests."""
PLACES = 4_000
"""How many requests may wait. Waiting costs nothing, and refused clients would only try again."""
RETRY_SECONDS = 5
FAILURES = (20, 100)
"""How many failures of an address are answered without delay, a second and at once. The delay is at
most `api.limits.TURN_SECONDS`.
"""
HELD = 4_000
"""How many failures are delayed at once. Further ones are answered at once."""


class Gate:
    """A WSGI middleware."""

    def __init__(self, app: Callable[..., Iterable[bytes]], origins: Origins) -> None:
        self._app = app
        self._origins = origins
        self.turns = Turns(at_once=1, places=PLACES, retry_seconds=RETRY_SECONDS)
        self._pauses, self._failures, self._held = Pauses(), Rates(*FAILURES), 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not takes_turns(environ):
            return self._app(environ, start_response)
        network, failed = network_of(environ["REMOTE_ADDR"]), False
        try:
            self.turns.do(self._pause, (network,))
        except (Full, RateLimited) as error:
            return turn_away(error, environ, start_response, self._origins)

        def start(status: str, *rest: Any) -> Any:
            nonlocal failed
            failed = status[0] == "4"  # not those of a server that stops
            return start_response(status, *rest)

        body = self._pauses.run(self._app, environ, start)
        if failed and self._held < HELD:
            self._hold(network)
        return body

    def _hold(self, network: str) -> None:
        """Delay the response to a failure, if the address has had many."""
        self._held += 1
        try:
            self._failures.wait(network)
        except RateLimited:
            gevent.sleep(TURN_SECONDS)
        finally:
            self._held -= 1

    def _pause(self) -> None:
        gevent.sleep(max(SECONDS, self._pauses.left))
        self._pauses.begin()


def takes_turns(environ: dict[str, Any]) -> bool:
    """Return whether a request waits for a turn here."""
    return environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] in PATHS


def turn_away(
    error: Full | RateLimited,
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    origins: Origins,
) -> Iterable[bytes]:
    """Refuse a request without Flask, readably for its page, and end the connection."""
    status, headers, body = as_wsgi(refuse(error, environ), environ)
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origins.allows(origin, environ):
        headers.append(("Access-Control-Allow-Origin", origin))
    length = ("Content-Length", str(len(body)))
    start_response(status, [*headers, length, ("Connection", "close")])
    return [body]
