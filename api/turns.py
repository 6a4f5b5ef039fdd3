"""A queue that is fair between its users: a user who sends many jobs waits behind their own.

Turns rotate between the first keys of the waiting paths, then between the second keys of each, and
so on. So a thousand jobs of one address, or of one account, take every second turn beside one
other, not every turn. Source: hierarchical fair queueing with turns for packets, Demers, Keshav and
Shenker, "Analysis and Simulation of a Fair Queueing Algorithm", SIGCOMM 1989.

If a path has a crowd, its newest and its oldest job take turns. So somebody behind hundreds has a
turn soon, and nobody waits for ever. Source: adaptive LIFO, Maurer, "Fail at Scale", ACM Queue
13:8, 2015.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

import gevent
from gevent.event import AsyncResult

from voting.refusals import Full, RateLimited

CROWD = 16
"""How many jobs of a path are done in the order in which they came."""

T = TypeVar("T")
Path = tuple[Hashable, ...]
"""The keys whose turns a job takes. All paths of a queue have the same length."""


class Job(NamedTuple):
    """A job, and its result."""

    work: Callable[[], Any]
    result: "AsyncResult[Any]"


class Line:
    """Waiting jobs by their paths."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lines: OrderedDict[Hashable, Line] = OrderedDict()
        self._jobs: deque[Job] = deque()
        self._newest = False

    def put(self, job: Job, path: Path) -> None:
        """Add a job after the others of its path."""
        self.waiting += 1
        if path:
            self._lines.setdefault(path[0], Line()).put(job, path[1:])
        else:
            self._jobs.append(job)

    def take(self) -> Job:
        """Remove and return the next job."""
        self.waiting -= 1
        if self._jobs:
            self._newest = len(self._jobs) > CROWD and not self._newest
            return self._jobs.pop() if self._newest else self._jobs.popleft()
        key, line = self._lines.popitem(last=False)
        job = line.take()
        if line.waiting:
            self._lines[key] = line  # behind the others
        return job

    def cut(self) -> Job:
        """Remove and return the newest job of the longest line."""
        self.waiting -= 1
        if self._jobs:
            return self._jobs.pop()
        key, line = max(self._lines.items(), key=lambda item: item[1].waiting)
        job = line.cut()
        if not line.waiting:
            del self._lines[key]
        return job


class Turns:
    """Does jobs in turn, `at_once` at a time, while at most `places` wait.

    If more come, the newest in the longest line is refused, with `retry_seconds` as Retry-After.
    After `end`, so is every job that has not begun.
    """

    def __init__(self, *, at_once: int, places: int, retry_seconds: int) -> None:
        self._at_once = at_once
        self._places = places
        self._retry_seconds = retry_seconds
        self._line = Line()
        self._working = 0
        self._ended = False

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return self._line.waiting

    def do(self, work: Callable[[], T], path: Path) -> T:
        """Do a job in its turn; return its result. Raises `RateLimited`, `Full` after the end."""
        if self._ended:
            raise Full(retry_after=self._retry_seconds)
        job = Job(work, AsyncResult())
        self._line.put(job, path)
        if self._line.waiting > self._places:
            self._line.cut().result.set_exception(RateLimited(retry_after=self._retry_seconds))
        elif self._working < self._at_once:
            self._working += 1
            gevent.spawn(self._go_on)
        done: T = job.result.get()
        return done

    def end(self) -> None:
        """Refuse all jobs that wait, and all that come."""
        self._ended = True
        while self._line.waiting:
            self._line.take().result.set_exception(Full(retry_after=self._retry_seconds))

    def _go_on(self) -> None:
        """Do the waiting jobs, until there are none."""
        while self._line.waiting:
            work, result = self._line.take()
            try:
                result.set(work())
            except Exception as error:  # noqa: BLE001 (it is raised where the job came from)
                result.set_exception(error)
        self._working -= 1
