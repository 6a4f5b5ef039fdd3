"""Turns: fair between those who wait, bounded, and never stopped by a job that fails."""

import random
from collections.abc import Callable, Iterable
from itertools import accumulate

import gevent
import pytest
from gevent.event import Event

from api.turns import Path, Turns
from voting.refusals import Full, RateLimited


def order_of(jobs: Iterable[Path]) -> list[Path]:
    """Return in which order jobs that come at once are done, one at a time."""
    turns, done, opened = Turns(at_once=1, places=10_000, retry_seconds=5), [], Event()
    greenlets = [gevent.spawn(turns.do, opened.wait, ("first",) * 3)]
    gevent.sleep(0)  # it has its turn, and the others wait

    def work(path: Path) -> Callable[[], None]:
        return lambda: done.append(path)

    greenlets += [gevent.spawn(turns.do, work(path), path) for path in jobs]
    gevent.sleep(0)
    opened.set()
    gevent.joinall(greenlets, raise_error=True)
    return done


def test_jobs_of_one_path_are_done_as_they_come() -> None:
    turns, done = Turns(at_once=1, places=10, retry_seconds=5), []

    gevent.joinall([gevent.spawn(turns.do, lambda n=n: done.append(n), ("a",)) for n in range(5)])

    assert done == [0, 1, 2, 3, 4]


def test_newest_and_oldest_take_turns_where_one_path_has_a_crowd() -> None:
    turns, done, opened = Turns(at_once=1, places=1_000, retry_seconds=5), [], Event()
    first = gevent.spawn(turns.do, opened.wait, ("hall",))
    gevent.sleep(0)

    crowd = [gevent.spawn(turns.do, lambda n=n: done.append(n), ("hall",)) for n in range(400)]
    gevent.sleep(0)
    opened.set()
    gevent.joinall([first, *crowd], raise_error=True)

    assert sorted(done) == list(range(400))
    assert done[:4] == [399, 0, 398, 1]


@pytest.mark.parametrize("level", range(3))
def test_turns_go_round_between_keys_of_every_level(level: int) -> None:
    flood = ("kind", "network", "account")
    other = tuple("other" if n == level else key for n, key in enumerate(flood))

    order = order_of([flood] * 500 + [other] * 20)

    assert order[:40].count(other) == 20


@pytest.mark.parametrize("seed", range(20))
def test_nobody_waits_for_more_than_their_share_whatever_comes(seed: int) -> None:
    """Who has one job in a network is done once each other account there had a turn, and each
    other network as many."""
    chance = random.Random(seed)
    crowd = [
        ("kind", f"network {min(2, int(chance.expovariate(1)))}", f"account {chance.randrange(30)}")
        for _ in range(800)
    ]
    mine = ("kind", "network 0", "mine")
    crowd.insert(chance.randrange(800), mine)

    order = order_of(crowd)

    accounts = len({account for _, network, account in crowd if network == "network 0"})
    networks = len({network for _, network, _ in crowd})
    assert order.index(mine) < accounts * networks
    assert sorted(order) == sorted(crowd)


def test_longest_line_is_cut_when_too_many_wait() -> None:
    turns, opened = Turns(at_once=1, places=20, retry_seconds=7), Event()
    first = gevent.spawn(turns.do, opened.wait, ("new", "first", "first"))
    gevent.sleep(0)
    hall = [("new", "hall", f"account {n}") for n in range(8)]
    attack = [("new", "elsewhere", "account 1")] * 100

    jobs = [(path, gevent.spawn(turns.do, gevent.sleep, path)) for path in attack + hall]
    gevent.sleep(0)
    waiting = turns.waiting
    opened.set()
    gevent.joinall([first, *(job for _, job in jobs)])

    refused = [(path, job.exception) for path, job in jobs if job.exception is not None]
    assert waiting == 20
    assert {path for path, _ in refused} == {attack[0]}
    assert len(refused) == 100 + 8 - 20
    assert all(isinstance(error, RateLimited) for _, error in refused)
    assert {error.details["retry_after"] for _, error in refused} == {7}


def test_as_many_are_done_at_once_as_may_be() -> None:
    turns, steps = Turns(at_once=3, places=100, retry_seconds=5), []

    def work() -> None:
        steps.append(1)
        gevent.sleep(0)
        steps.append(-1)

    gevent.joinall([gevent.spawn(turns.do, work, ("a",)) for _ in range(20)])

    assert max(accumulate(steps)) == 3
    assert sum(steps) == 0


def test_next_one_has_its_turn_when_a_job_fails_or_is_given_up() -> None:
    turns = Turns(at_once=1, places=100, retry_seconds=5)

    def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        turns.do(fail, ("a",))
    given_up = gevent.spawn(turns.do, lambda: gevent.sleep(0), ("a",))
    gevent.sleep(0)
    given_up.kill()

    assert turns.do(lambda: "done", ("b",)) == "done"
    assert turns.waiting == 0


def test_those_who_wait_and_those_who_come_are_refused_after_the_end() -> None:
    turns, opened = Turns(at_once=1, places=100, retry_seconds=5), Event()
    begun = gevent.spawn(turns.do, lambda: opened.wait() and "done", ("a",))
    gevent.sleep(0)
    waiting = [gevent.spawn(turns.do, lambda: "never", ("a",)) for _ in range(20)]
    gevent.sleep(0)

    turns.end()
    opened.set()
    gevent.joinall([begun, *waiting])

    assert begun.get() == "done"
    assert {type(each.exception) for each in waiting} == {Full}
    with pytest.raises(Full):
        turns.do(lambda: "never", ("b",))
