"""Deadlines on a fake clock."""

from api.httpd.deadlines import Deadlines
from tests.unit.clock import Clock


def test_things_expire_once_when_their_time_is_over(clock: Clock) -> None:
    deadlines: Deadlines[str] = Deadlines(10, clock)
    deadlines.start("a")
    clock.now += 5
    deadlines.start("b")

    clock.now += 5

    assert deadlines.expire() == ["a"]
    assert deadlines.expire() == []
    clock.now += 5
    assert deadlines.expire() == ["b"]


def test_thing_gets_its_time_anew_when_it_starts_again(clock: Clock) -> None:
    deadlines: Deadlines[str] = Deadlines(10, clock)
    deadlines.start("a")
    deadlines.start("b")
    clock.now += 9
    deadlines.start("a")

    clock.now += 1

    assert deadlines.expire() == ["b"]
    assert "a" in deadlines


def test_thing_never_expires_when_it_was_stopped(clock: Clock) -> None:
    deadlines: Deadlines[str] = Deadlines(10, clock)
    deadlines.start("a")
    deadlines.stop("a")
    deadlines.stop("unknown")

    clock.now += 100

    assert (deadlines.expire(), len(deadlines)) == ([], 0)


def test_oldest_is_taken_out_first(clock: Clock) -> None:
    deadlines: Deadlines[str] = Deadlines(10, clock)
    deadlines.start("a")
    deadlines.start("b")
    deadlines.start("a")

    assert [deadlines.pop_oldest() for _ in range(3)] == ["b", "a", None]
