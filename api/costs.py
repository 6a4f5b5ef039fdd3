"""What requests cost: how long each keeps the event loop, in processor time.

While a request waits, for its body or for a hash, others are served. So its time runs from when it
begins, and again from when its body is here, each time until it waits or ends.
"""

from collections.abc import Callable, Iterable
from time import monotonic, thread_time
from typing import Any

import gevent

METER = "rollcall.meter"
PAUSES = 3
"""How many times as long as a request costs the event loop is left to others after it began."""
WEIGHT = 0.05
"""Of the newest request in the mean of what they cost."""

Environ = dict[str, Any]
App = Callable[..., Iterable[bytes]]
Clock = Callable[[], float]


class Meter:
    """Measures how long one request keeps the event loop.

    clock: returns seconds of processor time
    soon: calls a function once the present greenlet waits
    """

    __slots__ = ("_began", "_clock", "_soon", "seconds")

    def __init__(self, clock: Clock, soon: Callable[[Callable[[], None]], object]) -> None:
        self._clock, self._soon = clock, soon
        self._began: float | None = None
        self.seconds = 0.0

    def start(self) -> None:
        """Measure until the present greenlet waits, or `stop`."""
        self._began = self._clock()
        self._soon(self.stop)

    def stop(self) -> None:
        """Add what has gone by since `start`, once."""
        if self._began is not None:
            self.seconds += self._clock() - self._began
            self._began = None


def note_body(environ: Environ) -> None:
    """Go on measuring a request: it has waited for its body, and that is here."""
    if METER in environ:
        environ[METER].start()


class Pauses:
    """Says when the next request may begin.

    clock: returns seconds; the others as in `Meter`
    """

    def __init__(
        self,
        clock: Clock = monotonic,
        processor_clock: Clock = thread_time,
        soon: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self._clock, self._processor_clock = clock, processor_clock
        self._soon = soon or gevent.get_hub().loop.run_callback
        self._next_at = self._cost = 0.0

    @property
    def left(self) -> float:
        """How many seconds the next request should wait, 0 for none."""
        return max(0.0, self._next_at - self._clock())

    def begin(self) -> None:
        """Note that a request begins: the next waits for what such a request costs."""
        self._next_at = self._clock() + PAUSES * self._cost

    def run(
        self, app: App, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Let an app answer a request, and note what that costs."""
        meter = environ[METER] = Meter(self._processor_clock, self._soon)
        meter.start()
        try:
            return app(environ, start_response)
        finally:
            meter.stop()
            self._cost += (meter.seconds - self._cost) * WEIGHT
