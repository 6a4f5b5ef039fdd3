"""Bytes that are made once and cached, and long work that lets other requests be served."""

from collections import Counter
from functools import partial
from hashlib import sha256

import gevent
import pytest
from gevent.event import Event

from api.byte_cache import MADE_AT_ONCE, ByteCache
from api.slices import PIECE_BYTES, LongReads, hash_in_slices, join_slices


def test_cache_makes_bytes_once_for_all_who_ask_while_they_are_made() -> None:
    cache, made = ByteCache(), []

    def make() -> bytes:
        made.append(1)
        gevent.sleep(0)
        return b"record"

    asking = [gevent.spawn(cache.get, "a", make) for _ in range(200)]
    gevent.joinall(asking, raise_error=True)

    assert {each.value for each in asking} == {b"record"}
    assert len(made) == 1


def test_cache_makes_one_thing_at_a_time_for_a_person_and_a_few_for_all() -> None:
    cache, running, most = ByteCache(), Counter[str](), Counter[str]()

    def make(person: str) -> bytes:
        running.update([person, "all"])
        for each in (person, "all"):
            most[each] = max(most[each], running[each])
        gevent.sleep(0)
        running.subtract([person, "all"])
        return b""

    people = [f"u{number % 20}" for number in range(100)]
    asking = [
        gevent.spawn(cache.get, number, partial(make, person), person)
        for number, person in enumerate(people)
    ]
    gevent.joinall(asking, raise_error=True)

    assert most.pop("all") == MADE_AT_ONCE
    assert set(most.values()) == {1}


def test_cache_holds_nobody_back_by_what_another_requests_or_by_what_takes_long() -> None:
    cache, order, opened = ByteCache(), [], Event()

    def make(key: str) -> bytes:
        if key == "long":
            opened.wait()
        gevent.sleep(0)
        order.append(key)
        return b""

    def request(key: str, person: str) -> gevent.Greenlet:
        return gevent.spawn(cache.get, key, partial(make, key), person)

    asking = [request("long", "ann"), *(request(f"a{n}", "ann") for n in range(50))]
    gevent.sleep(0)
    request("a49", "ben").join(timeout=30)  # ann waits for it too
    opened.set()
    gevent.joinall(asking, raise_error=True)

    assert order[:2] == ["a49", "long"]
    assert sorted(order) == sorted({*order})


def test_nobody_waits_for_all_the_long_work_of_another() -> None:
    work, order = LongReads(), []

    def read(asker: str) -> None:
        with work.turn_of(asker):
            gevent.sleep(0)
            order.append(asker)

    asking = [gevent.spawn(read, asker) for asker in ["ann"] * 50 + ["ben", "cid"] + ["ann"] * 50]
    gevent.joinall(asking, raise_error=True)

    assert max(order.index("ben"), order.index("cid")) <= 4
    assert order.count("ann") == 100
    assert len(work) == 0


def test_cache_lets_what_was_asked_for_longest_ago_go_first() -> None:
    cache = ByteCache(count=2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda: b"1")

    assert ["a" in cache, "b" in cache, "c" in cache] == [True, False, True]


def test_cache_holds_no_more_bytes_than_it_may_but_for_the_newest() -> None:
    cache = ByteCache(size=100)
    for key in range(50):
        cache.get(key, lambda: b"1" * 30)
    within = cache.size, len(cache)

    cache.get("large", lambda: b"1" * 500)

    assert within == (90, 3)
    assert (cache.size, len(cache)) == (500, 1)


def test_cache_makes_again_what_was_forgotten_or_failed() -> None:
    cache = ByteCache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: bytes(1 // 0))
    cache.get("a", lambda: b"old")
    cache.forget("a")

    assert cache.get("a", lambda: b"new") == b"new"
    assert cache.size == 3


def test_slices_let_others_go_on_while_much_is_joined() -> None:
    turns, slow = [], sum
    done = gevent.event.Event()

    def others() -> None:
        while not done.is_set():
            turns.append(1)
            gevent.sleep(0)

    other = gevent.spawn(others)
    whole = join_slices(b"%d" % slow(range(20_000), 1) for _ in range(100))
    done.set()
    other.join()

    assert len(whole) == 100 * 9
    assert len(turns) >= 10


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, 3 * PIECE_BYTES + 1])
def test_hash_made_in_slices_is_that_of_the_whole(size: int) -> None:
    document = bytes(range(256)) * (size // 256) + bytes(size % 256)

    assert hash_in_slices(document) == sha256(document).hexdigest()
