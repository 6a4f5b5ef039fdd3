"""Shares the server's time: many requests of strangers leave most of it to people who vote.

Requests of signed-in people who send few continue at once. Other requests do so too while no such
person has sent anything for a moment. Otherwise each waits until `api.costs.PAUSES` times as long
as such a request costs has passed since the previous one. They take turns between addresses.
"""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import gevent

from api.cors import Origins
from api.costs import Pauses
from api.edge import SOCKETS
from api.gate import takes_turns, turn_away
from api.limits import network_of
from api.turns import Turns
from voting.refusals import RateLimited

BUSY_SECONDS = 0.1
"""For how long after a person's request the others wait for the next one."""
PLACES, RETRY_SECONDS = 4_000, 5

Environ = dict[str, Any]


class Sharing:
    """A WSGI middleware.

    comes_first: whether a request comes from a signed-in person who sends few
    clock, sleep: in seconds
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        origins: Origins,
        comes_first: Callable[[Environ], bool],
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], None] = gevent.sleep,
        *,
        pauses: Pauses | None = None,
    ) -> None:
        self._app = app
        self._origins = origins
        self._comes_first = comes_first
        self._clock, self._sleep = clock, sleep
        self._turns = Turns(at_once=1, places=PLACES, retry_seconds=RETRY_SECONDS)
        self._pauses = pauses or Pauses()
        self._busy_until = 0.0

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _is_of_socket(environ) or takes_turns(environ):  # they have their own limits
            return self._app(environ, start_response)
        if self.goes_first(environ):
            return self._app(environ, start_response)
        try:
            self._wait(environ)
        except RateLimited as error:
            return turn_away(error, environ, start_response, self._origins)
        return self._pauses.run(self._app, environ, start_response)

    @property
    def busy(self) -> bool:
        """Whether a signed-in person who sends few has sent something a moment ago."""
        return self._clock() < self._busy_until

    def goes_first(self, environ: Environ) -> bool:
        """Return whether a request goes first, and note the time: strangers then wait."""
        first = self._comes_first(environ)
        if first:
            self._busy_until = self._clock() + BUSY_SECONDS
        return first

    def goes_now(self, environ: Environ) -> bool:
        """Return whether a request needs no turn; then its place is taken."""
        if self.goes_first(environ):
            return True
        if self._must_wait():
            return False
        self._pauses.begin()
        return True

    def _must_wait(self) -> bool:
        return self._turns.waiting > 0 or self._pause_left() > 0

    def _pause_left(self) -> float:
        return self._pauses.left if self.busy else 0.0

    def _wait(self, environ: Environ) -> None:
        """Wait for a turn, if it takes one."""
        if self._must_wait():
            self._turns.do(self._pause, (network_of(environ["REMOTE_ADDR"]),))
        else:
            self._pauses.begin()

    def _pause(self) -> None:
        if left := self._pause_left():
            self._sleep(left)
        self._pauses.begin()


def _is_of_socket(environ: Environ) -> bool:
    """Return whether a request is a poll of a socket that is there, not a new one's handshake."""
    return environ["PATH_INFO"] == SOCKETS and "sid=" in environ.get("QUERY_STRING", "")
