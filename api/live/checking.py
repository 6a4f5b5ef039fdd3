"""The connection check: five samples to one client, a second apart, each acked, and a report."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult

SAMPLES = 5
INTERVAL_SECONDS = 1.0

Send = Callable[..., None]
"""`send(event, data, callback=None)` to the one client."""


def check_connection(send: Send, now: Callable[[], Any]) -> None:
    """Send the samples and the report; one that isn't acked within its second is left out."""
    times = []
    for number in range(1, SAMPLES + 1):
        began = time.monotonic()
        times += _sample(send, {"n": number, "of": SAMPLES, "sent_at": now()}, began)
        if number < SAMPLES:
            gevent.sleep(max(0.0, began + INTERVAL_SECONDS - time.monotonic()))
    send("connection:report", {"rtt_ms": summarise(times)})


def summarise(times: list[float]) -> dict[str, float | None]:
    """Return the least, the median and the greatest of some times, nulls for none."""
    if not times:
        return {"min": None, "median": None, "max": None}
    middle = statistics.median(times)
    return {
        name: round(value, 1)
        for name, value in zip(
            ("min", "median", "max"), (min(times), middle, max(times)), strict=True
        )
    }


def _sample(send: Send, sample: dict[str, Any], began: float) -> list[float]:
    """Send one sample; return how many milliseconds its ack took, nothing where none came."""
    acked: AsyncResult[float] = AsyncResult()
    send("connection:sample", sample, callback=lambda *_: acked.set(time.monotonic()))
    ended = acked.wait(INTERVAL_SECONDS)
    return [] if ended is None else [1000 * (ended - began)]
