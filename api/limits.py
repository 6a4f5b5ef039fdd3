"""The limits on requests, in one table. docs/limits.md lists all limits.

Requests of signed-in people are counted, and those of strangers that are expensive or fail. Windows
follow the monotonic clock, so setting the wall clock has no effect.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from typing import NamedTuple

import gevent
from flask import Flask, Response, request

from api.buckets import Buckets
from api.shared_counts import SharedCounts
from api.tokens import Session
from voting.refusals import RateLimited


class Limit(NamedTuple):
    """How many requests an address may send to an endpoint in so many seconds, or failed ones."""

    endpoint: str
    amount: int
    seconds: int
    failures: bool = False


LIMITS = (
    Limit("auth.post_signup", 1_200, 60),
    Limit("auth.patch_me", 60, 60, failures=True),
    Limit("auth.post_reset", 60, 60, failures=True),
    Limit("auth.post_admin", 60, 60, failures=True),
    Limit("roll.post_claim", 300, 60, failures=True),
    Limit("pictures.post_picture", 120, 60),
    Limit("joining.post_guest", 3_000, 60),
)
PERSON = (1_000, 10)
"""How many requests a person may send in so many seconds, to all routes and with all tokens."""
STRANGERS_READ, PERSON_READS = (50, 300), (10, 60)
"""How many outcomes may be read, a second and at once: by an address's strangers, by a person."""
GUEST_ROOMS = (20, 3_600)
"""How many rooms people without an account may start from an address, in so many seconds."""
TURN_SECONDS = 5
ROWS_CHANGED = (1_000, 60_000)
"""How many rows of rolls a person may send, remove or make codes for, a second and at once."""
LOOKED_AT = 10
"""How many rows count as one if a whole roll is read for its free columns."""
REMEMBERED = 10_000
FEW = 40
"""How many requests of a person, in the seconds of `PERSON`, go before those of strangers."""
FAILED = (401, 403, 404)


class PersonLimit:
    """Counts each person's requests in windows of a few seconds. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, enabled: bool = True):
        self._clock = clock
        self._amount: float = PERSON[0] if enabled else math.inf
        self._until = 0.0
        self._counts: dict[str, int] = {}

    def take(self, person: str) -> None:
        """Count a request. Raises `RateLimited`."""
        if self._count(person) > self._amount:
            raise RateLimited(retry_after=math.ceil(self._until - self._clock()))

    def note_refused(self, token_id: str) -> None:
        """Count a request whose session has ended: it belongs to no person."""
        self._count(token_id)

    def _count(self, asker: str) -> int:
        now = self._clock()
        if now >= self._until:
            self._counts, self._until = {}, now + PERSON[1]
        count = self._counts[asker] = self._counts.get(asker, 0) + 1
        return count

    def sends_few(self, session: Session) -> bool:
        """Return whether a person has sent few requests in this window, and few with this token
        after its end.
        """
        counts = self._counts
        few = counts.get(session.person, 0) < FEW and counts.get(session.token_id, 0) < FEW
        return few or self._clock() >= self._until


class Window:
    """Counts how often each asker does something, in a window that begins with the first time.

    At most `REMEMBERED` windows are remembered; a further one replaces the oldest.

    amount: how often an asker may, in `seconds`
    clock: returns seconds
    """

    def __init__(
        self, amount: float, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._amount, self._seconds, self._clock = amount, seconds, clock
        self._counts: dict[str, tuple[float, int]] = {}
        """The end of the window and the count, by asker; the oldest window is first."""

    def __len__(self) -> int:
        return len(self._counts)

    def check(self, asker: str) -> None:
        """Raises `RateLimited` if an asker's window is full."""
        now = self._clock()
        until, count = self._counts.get(asker, (now, 0))
        if count >= self._amount and until > now:
            raise RateLimited(retry_after=math.ceil(until - now))

    def count(self, asker: str) -> None:
        """Count a request in an asker's window; begin one if there is none."""
        now = self._clock()
        while self._counts and next(iter(self._counts.values()))[0] <= now:
            del self._counts[next(iter(self._counts))]
        if asker not in self._counts and len(self._counts) >= REMEMBERED:
            del self._counts[next(iter(self._counts))]
        until, count = self._counts.get(asker, (now + self._seconds, 0))
        self._counts[asker] = until, count + 1


class Rates:
    """Lets each asker continue so often. An asker that exceeds the rate waits for a turn, which
    slows down a client's loop and refuses nobody in a crowd. `clock` returns seconds; `sleep`
    yields.
    """

    def __init__(
        self,
        per_second: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = gevent.sleep,
    ) -> None:
        self._per_second, self._burst = per_second, burst
        self._clock, self._sleep = clock, sleep
        self._next: dict[str, float] = {}
        """When all that an asker took would be earned at `per_second`, by asker."""

    def __len__(self) -> int:
        return len(self._next)

    def wait(self, asker: str) -> None:
        """Wait for a turn. Raises `RateLimited` if that would take longer than `TURN_SECONDS`."""
        now = self._clock()
        if len(self._next) >= REMEMBERED:
            self._next = {each: at for each, at in self._next.items() if at > now}
        at = max(self._next.get(asker, now), now) + 1 / self._per_second
        seconds = at - now - self._burst / self._per_second
        if seconds > TURN_SECONDS or len(self._next) >= 2 * REMEMBERED:
            raise RateLimited(retry_after=max(1, math.ceil(seconds)))
        self._next[asker] = at
        if seconds > 0:
            self._sleep(seconds)


class Reading:
    """How often outcomes may be read: limits for strangers by address, and for people."""

    def __init__(self, *, enabled: bool = True) -> None:
        strangers, people = (STRANGERS_READ, PERSON_READS) if enabled else ((math.inf, 1),) * 2
        self.strangers, self.people = Rates(*strangers), Rates(*people)


class RollChanges:
    """How many rows of rolls a person may change. A change of a whole roll is one transaction, in
    which nobody else is served; so is the end of a meeting, for all who were there.
    """

    def __init__(self, *, enabled: bool) -> None:
        self._buckets = Buckets(*(ROWS_CHANGED if enabled else (1, math.inf)))

    def take(self, person: str | None, rows: int, looked_at: int = 0) -> None:
        """Count rows that a person sends or changes, and rows read. Raises `RateLimited`."""
        self._buckets.take(person, time.monotonic(), rows + looked_at // LOOKED_AT)


def install(app: Flask, counts: SharedCounts) -> None:
    """Apply the limits of the table to an app with all its routes: askers whose window is full are
    refused. Failures are counted by all processes that share the store.

    Raises `LookupError` for a limit of a route that there isn't, because nothing would be counted.
    """
    limits = {limit.endpoint: (limit, Window(limit.amount, limit.seconds)) for limit in LIMITS}
    if unknown := limits.keys() - app.view_functions.keys():
        raise LookupError(f"limits of no route: {', '.join(sorted(unknown))}")
    fail = {
        endpoint: counts.share(f"failed-{endpoint}", window.count)
        for endpoint, (limit, window) in limits.items()
        if limit.failures
    }

    @app.before_request
    def check_limit() -> None:
        if request.endpoint in limits and request.method != "OPTIONS":  # Flask responds to that
            limit, window = limits[request.endpoint]
            network = counts.digest(asking_network())
            window.check(network)
            if not limit.failures:
                window.count(network)

    @app.after_request
    def count_failure(response: Response) -> Response:
        if response.status_code in FAILED and request.endpoint in fail:
            fail[request.endpoint](counts.digest(asking_network()))
        return response


UNKNOWN = "unknown"


def asking_network() -> str:
    """Return the network of the current request."""
    return network_of(request.remote_addr or "127.0.0.1")


def network_of(asking: str) -> str:
    """Return the network as which an address is counted: itself, or the /64 of an IPv6 address,
    because one site numbers it. Proxies may add a port. Everything that is not an address counts as
    one network.
    """
    bare = asking.strip('" ')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return UNKNOWN
    address = getattr(address, "ipv4_mapped", None) or address  # come by IPv4 to an IPv6 socket
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
