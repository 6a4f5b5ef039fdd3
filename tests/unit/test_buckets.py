"""Each has a bucket of their own, wherever it is taken from."""

import pytest

from api.buckets import KEPT, Buckets
from voting.refusals import RateLimited


def test_each_has_a_bucket_wherever_it_is_taken_from() -> None:
    buckets = Buckets(per_second=1, burst=2)
    buckets.take("ann", 0.0)
    buckets.take("ann", 0.0)

    buckets.take("ben", 0.0)
    with pytest.raises(RateLimited) as refused:
        buckets.take("ann", 0.0)
    assert refused.value.details == {"retry_after": 1}
    buckets.take("ann", 1.0)


def test_buckets_that_have_drained_are_forgotten() -> None:
    buckets = Buckets(per_second=1, burst=1)

    for number in range(20 * KEPT):
        buckets.take(number, number / 100)

    assert len(buckets) < 3 * KEPT
    with pytest.raises(RateLimited):
        buckets.take(20 * KEPT - 1, 20 * KEPT / 100)


def test_many_are_taken_at_once_or_none() -> None:
    buckets = Buckets(per_second=2, burst=10)
    buckets.take("ann", 0.0, 8)

    with pytest.raises(RateLimited) as refused:
        buckets.take("ann", 0.0, 6)
    assert refused.value.details == {"retry_after": 2}
    buckets.take("ann", 2.0, 6)
