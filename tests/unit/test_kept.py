"""Bytes that are made once and kept: who waits for them, and how much there is room for."""

import gevent
import pytest

from api.kept import Kept, LongWork, join_slices


def test_kept_makes_bytes_once_for_all_who_ask_while_they_are_made() -> None:
    kept, made = Kept(), []

    def make() -> bytes:
        made.append(1)
        gevent.sleep(0)
        return b"record"

    asking = [gevent.spawn(kept.get, "a", make) for _ in range(200)]
    gevent.joinall(asking, raise_error=True)

    assert {each.value for each in asking} == {b"record"}
    assert len(made) == 1


def test_kept_makes_one_thing_at_a_time() -> None:
    kept, running, most = Kept(), 0, 0

    def make() -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        gevent.sleep(0)
        running -= 1
        return b""

    gevent.joinall([gevent.spawn(kept.get, key, make) for key in range(5)], raise_error=True)

    assert most == 1


def test_nobody_waits_for_all_the_long_work_of_another() -> None:
    work, order = LongWork(), []

    def read(asker: str) -> None:
        with work.of(asker):
            gevent.sleep(0)
            order.append(asker)

    asking = [gevent.spawn(read, asker) for asker in ["ann"] * 50 + ["ben", "cid"] + ["ann"] * 50]
    gevent.joinall(asking, raise_error=True)

    assert max(order.index("ben"), order.index("cid")) <= 4
    assert order.count("ann") == 100
    assert len(work) == 0


def test_kept_lets_what_was_asked_for_longest_ago_go_first() -> None:
    kept = Kept(count=2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda: b"1")

    assert ["a" in kept, "b" in kept, "c" in kept] == [True, False, True]


def test_kept_holds_no_more_bytes_than_it_may_but_for_the_newest() -> None:
    kept = Kept(size=100)
    for key in range(50):
        kept.get(key, lambda: b"1" * 30)
    within = kept.size, len(kept)

    kept.get("large", lambda: b"1" * 500)

    assert within == (90, 3)
    assert (kept.size, len(kept)) == (500, 1)


def test_kept_makes_again_what_was_forgotten_or_failed() -> None:
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: bytes(1 // 0))
    kept.get("a", lambda: b"old")
    kept.forget("a")

    assert kept.get("a", lambda: b"new") == b"new"
    assert kept.size == 3


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
