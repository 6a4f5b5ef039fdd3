"""Sharing the server's time: strangers wait only while people vote, in turns, and are bounded."""

from collections.abc import Callable
from itertools import pairwise
from operator import itemgetter
from typing import Any

import gevent
from gevent.event import Event

from api.cors import Origins
from api.costs import PAUSES, Pauses
from api.sharing import PLACES, Sharing
from tests.unit.clock import Clock

COST = 0.001


class Place:
    """A server whose answers take `cost` seconds, and whose clock moves by what it does."""

    def __init__(self) -> None:
        self.clock, self.cost, self.waits = Clock(), COST, False
        self.later: list[Callable[[], None]] = []
        self.open = Event()
        self.open.set()
        self.began: list[tuple[str, float]] = []
        pauses = Pauses(self.clock, self.clock, self.later.append)
        self.app = Sharing(
            self.answer, Origins(()), itemgetter("person"), self.clock, self.sleep, pauses=pauses
        )

    def answer(self, environ: dict[str, Any], _start: Callable[..., Any]) -> list[bytes]:
        self.began.append((environ["REMOTE_ADDR"], self.clock.now))
        self.clock.now += self.cost
        if self.waits:
            for each in self.later:
                each()
            self.clock.now += 1.0
        return []

    def sleep(self, seconds: float) -> None:
        self.clock.now += seconds
        gevent.sleep(0)
        self.open.wait()

    def ask(self, *, address: str = "10.0.0.1", person: bool = False, query: str = "") -> Any:
        """Send a request; return the status of a refusal."""
        seen: list[str] = []
        environ = {"REMOTE_ADDR": address, "person": person, "PATH_INFO": "/socket.io/"}
        environ |= {"REQUEST_METHOD": "GET", "QUERY_STRING": query}
        self.app(environ, lambda status, _headers: seen.append(status))
        return seen

    def settle(self) -> None:
        """Let the server learn what a stranger's request costs."""
        for _ in range(200):
            self.ask()
        self.began.clear()


def test_strangers_go_on_at_once_while_nobody_votes() -> None:
    place = Place()
    place.settle()

    for _ in range(10):
        place.ask()

    starts = [at for _, at in place.began]
    assert max(after - at for at, after in pairwise(starts)) < 2 * COST


def test_strangers_leave_time_between_them_while_people_vote() -> None:
    place = Place()
    place.settle()

    for _ in range(20):
        place.ask(person=True)
        place.ask()

    starts = [at for _, at in place.began][1::2]
    assert min(after - at for at, after in pairwise(starts)) > 0.9 * PAUSES * COST


def test_people_never_wait_however_many_strangers_do() -> None:
    place = Place()
    place.settle()
    place.ask(person=True)
    waiting = [gevent.spawn(place.ask) for _ in range(100)]
    gevent.sleep(0)

    before = place.clock.now
    place.ask(person=True, address="10.0.0.9")

    assert place.began[-1] == ("10.0.0.9", before)
    gevent.joinall(waiting)


def test_strangers_of_one_address_let_those_of_another_in_between() -> None:
    place = Place()
    place.settle()
    place.ask(person=True)
    flood = [gevent.spawn(place.ask) for _ in range(200)]
    gevent.sleep(0)
    others = [gevent.spawn(place.ask, address="10.0.0.2") for _ in range(5)]

    gevent.joinall(flood + others)

    order = [address for address, _ in place.began]
    assert order[:20].count("10.0.0.2") == 5


def test_request_costs_what_it_takes_until_it_waits() -> None:
    place = Place()
    place.waits = True
    place.settle()
    place.waits = False
    place.ask(person=True)
    place.ask()

    before = place.clock.now
    place.ask(person=True)
    place.ask()

    assert place.began[-1][1] - before <= PAUSES * COST


def test_one_more_than_may_wait_is_refused() -> None:
    place = Place()
    place.settle()
    place.ask(person=True)
    place.ask()
    place.open.clear()  # who has the turn keeps it
    waiting = [gevent.spawn(place.ask) for _ in range(PLACES + 2)]
    gevent.sleep(0)
    gevent.sleep(0)

    refused = [greenlet.value for greenlet in waiting if greenlet.ready()]

    assert 1 <= len(refused) <= 2
    assert {seen[0] for seen in refused} == {"429 Too Many Requests"}
    place.open.set()
    gevent.joinall(waiting)


def test_polls_of_a_socket_that_is_there_never_wait() -> None:
    place = Place()
    place.settle()
    place.ask(person=True)
    waiting = [gevent.spawn(place.ask) for _ in range(10)]
    gevent.sleep(0)

    before = place.clock.now
    place.ask(query="EIO=4&transport=polling&sid=abc", address="10.0.0.9")

    assert place.began[-1] == ("10.0.0.9", before)
    gevent.joinall(waiting)
