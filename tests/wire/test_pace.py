"""How many messages are handled in a turn follows what they cost."""

from api.wire.pace import FAST_SECONDS, SLOW_SECONDS, Pace


def test_expensive_messages_are_handled_one_by_one_and_others_are_served_for_as_long() -> None:
    pace = Pace(8)

    rests = [pace.follow(pace.many * SLOW_SECONDS) for _ in range(6)]

    assert pace.many == 1
    assert rests[:3] == [8 * SLOW_SECONDS, 4 * SLOW_SECONDS, 2 * SLOW_SECONDS]
    assert rests[3:] == [0, 0, 0]
    assert pace.follow(2 * SLOW_SECONDS) == 2 * SLOW_SECONDS
    assert pace.many == 1


def test_cheap_messages_are_handled_as_many_as_before_after_expensive_ones() -> None:
    pace = Pace(8)
    pace.follow(2 * SLOW_SECONDS)

    rests = [pace.follow(FAST_SECONDS / 2) for _ in range(10)]

    assert (pace.many, set(rests)) == (8, {0})


def test_messages_between_cheap_and_expensive_change_nothing() -> None:
    pace = Pace(8)

    assert (pace.follow((FAST_SECONDS + SLOW_SECONDS) / 2), pace.many) == (0, 8)
