"""The connection check: five samples to one client, a second apart, and a report.

Clients that know the check ack its samples. Existing pages don't, so for them the samples are
Engine.IO's own pings, which every client answers.
"""

import math
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal, TypedDict

import gevent
from gevent.event import AsyncResult

from api.live.connections import Connection
from api.live.sockets import SocketIO
from voting.refusals import RateLimited

SAMPLES: Final = 5
INTERVAL_SECONDS = 1.0


class Sample(TypedDict):
    """One sample of a connection check; ack it at once."""

    n: int
    of: Literal[5]
    sent_at: datetime


class Spread(TypedDict):
    """Milliseconds; null if no sample was acked."""

    min: float | None
    median: float | None
    max: float | None


class Report(TypedDict):
    """The result of a connection check."""

    rtt_ms: Spread


Send = Callable[..., None]
"""`send(event, data, callback=None)` sends to one client."""
Ask = Callable[[int, Callable[..., None]], None]
"""`ask(number, answered)` sends a sample, counted from 0; its response calls `answered`."""


class Checks:
    """Checks connections, each at most once at a time."""

    def __init__(self, socketio: SocketIO, clock: Callable[[], datetime]) -> None:
        self._socketio = socketio
        self._clock = clock

    def check(self, connection: Connection) -> None:
        """Send the samples and the report. Raises `RateLimited` while another check runs."""

        def send(event: str, data: Any, **options: Any) -> None:
            self._socketio.server.emit(event, data, to=connection.sid, **options)

        self._start(connection, lambda: check_connection(send, self._clock))

    def ping(self, connection: Connection, hear: Callable[[int, float | None], None]) -> None:
        """Ping a client. `hear` is called with the number of each ping, from 0, and its
        milliseconds, or None without a response. Raises as `check`.
        """
        server = self._socketio.server
        transport = server.manager.eio_sid_from_sid(connection.sid, "/")

        def ask(_number: int, answered: Callable[..., None]) -> None:
            server.eio.time_pong(transport, answered)

        self._start(connection, lambda: take_samples(ask, hear))

    def _start(self, connection: Connection, check: Callable[[], None]) -> None:
        if connection.checking:
            raise RateLimited(retry_after=math.ceil(SAMPLES * INTERVAL_SECONDS))
        connection.checking = True

        def run() -> None:
            try:
                check()
            finally:
                self._socketio.server.manager.forget_callbacks(connection.sid)
                connection.checking = False

        gevent.spawn(run)


def check_connection(send: Send, now: Callable[[], datetime]) -> None:
    """Send the samples and the report. Samples that are not acked within a second are left out."""
    times: list[float | None] = []

    def ask(number: int, acked: Callable[..., None]) -> None:
        sample = Sample(n=number + 1, of=SAMPLES, sent_at=now())
        send("connection:sample", sample, callback=acked)

    take_samples(ask, lambda _number, milliseconds: times.append(milliseconds))
    spread = summarise([each for each in times if each is not None])
    send("connection:report", Report(rtt_ms=spread))


def take_samples(ask: Ask, hear: Callable[[int, float | None], None]) -> None:
    """Take the samples, a second apart. `hear` is called with each number and its milliseconds."""
    for number in range(SAMPLES):
        began = time.monotonic()
        hear(number, _time(ask, number, began))
        if number + 1 < SAMPLES:
            gevent.sleep(max(0.0, began + INTERVAL_SECONDS - time.monotonic()))


def summarise(times: list[float]) -> Spread:
    """Return the least, the median and the greatest of the times; nulls if there are none."""
    if not times:
        return {"min": None, "median": None, "max": None}
    return {
        "min": round(min(times), 1),
        "median": round(statistics.median(times), 1),
        "max": round(max(times), 1),
    }


def _time(ask: Ask, number: int, began: float) -> float | None:
    """Send one sample; return the milliseconds until its response, or None without one."""
    answered: AsyncResult[float] = AsyncResult()
    ask(number, lambda *_: answered.set(time.monotonic()))
    ended = answered.wait(INTERVAL_SECONDS)
    return None if ended is None else 1000 * (ended - began)
