"""Answers that wait to be read: by whom, how much in all, and who is dropped for others."""

from api.httpd.unread import Unread
from tests.unit.clock import Clock


def test_those_without_progress_are_dropped_first_when_too_much_waits(clock: Clock) -> None:
    unread: Unread[str] = Unread(60, 100, clock)
    dropped = [unread.hold(name, 40) for name in ("a", "b")]
    unread.start("a")  # it reads

    dropped.append(unread.hold("c", 40))

    assert dropped == [[], [], ["b"]]
    assert (unread.size, "b" in unread) == (80, False)


def test_newest_is_kept_however_large_it_is(clock: Clock) -> None:
    unread: Unread[str] = Unread(60, 100, clock)
    unread.hold("a", 40)

    assert unread.hold("b", 1_000) == ["a"]
    assert unread.hold("b", 2_000) == []
    assert unread.size == 2_000


def test_bytes_count_once_when_many_read_them(clock: Clock) -> None:
    unread: Unread[str] = Unread(60, 100, clock)

    dropped = [unread.hold(f"phone {number}", 90, "record") for number in range(500)]

    assert (dropped, unread.size) == ([[]] * 500, 90)
    for number in range(500):
        unread.stop(f"phone {number}")
    assert unread.size == 0


def test_nothing_is_held_of_those_whose_time_is_over(clock: Clock) -> None:
    unread: Unread[str] = Unread(60, 100, clock)
    unread.hold("a", 90)
    clock.now += 60

    assert unread.expire() == ["a"]
    assert (unread.size, unread.hold("b", 90)) == (0, [])
