"""A bucket takes a burst at once, then so many a second, and says when to come again."""

import math

import pytest

from api.wire import Bucket, TooOften


def test_bucket_takes_its_burst_and_no_more_at_once() -> None:
    bucket = Bucket(per_second=2, burst=3)

    for _ in range(3):
        bucket.take(100.0)
    with pytest.raises(TooOften) as refused:
        bucket.take(100.0)

    assert refused.value.seconds == 1


def test_bucket_takes_so_many_a_second_in_the_long_run() -> None:
    bucket = Bucket(per_second=2, burst=3)
    taken = 0

    for tick in range(1_000):
        try:
            bucket.take(tick / 100)
            taken += 1
        except TooOften:
            pass

    assert taken == 3 + 2 * 10 - 1


def test_refused_one_costs_nothing() -> None:
    bucket = Bucket(per_second=1, burst=1)
    bucket.take(0.0)

    for _ in range(10):
        with pytest.raises(TooOften):
            bucket.take(0.5)

    bucket.take(1.0)


def test_wait_is_what_a_full_bucket_needs() -> None:
    bucket = Bucket(per_second=0.1, burst=1)
    bucket.take(0.0)

    with pytest.raises(TooOften) as refused:
        bucket.take(2.0)

    assert refused.value.seconds == 8


def test_bucket_without_end_takes_all() -> None:
    bucket = Bucket(1, math.inf)

    for _ in range(10_000):
        bucket.take(0.0)


def test_what_costs_more_empties_a_bucket_sooner() -> None:
    bucket = Bucket(per_second=1, burst=25)

    bucket.take(0.0, 10)
    bucket.take(0.0, 10)
    with pytest.raises(TooOften) as refused:
        bucket.take(0.0, 10)

    assert refused.value.seconds == 5
