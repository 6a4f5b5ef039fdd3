"""Counting what a person asks."""

import pytest

from api.limits import PERSON, PersonLimit
from schemas.refusals import RateLimited

AMOUNT, SECONDS = PERSON


def test_person_may_ask_so_often_and_then_when_the_span_is_over() -> None:
    now = 100.0
    limit = PersonLimit(lambda: now)
    for _ in range(AMOUNT):
        limit.take("u1")

    now += 3.5
    with pytest.raises(RateLimited) as refused:
        limit.take("u1")
    limit.take("u2")

    assert refused.value.told == {"retry_after": 7}
    now += 6.5
    limit.take("u1")


def test_person_may_ask_as_often_as_they_like_when_limits_are_off() -> None:
    limit = PersonLimit(lambda: 0.0, enabled=False)

    for _ in range(2 * AMOUNT):
        limit.take("u1")
