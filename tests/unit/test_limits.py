"""Counting what a person asks."""

import pytest

from api.limits import LIMITS, PERSON, PersonLimit
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


def test_limits_leave_a_hall_behind_one_address_alone() -> None:
    a_minute = {
        limit.endpoint: limit.amount * 60 / limit.seconds for limit in LIMITS if not limit.failures
    }
    failures = {limit.endpoint for limit in LIMITS if limit.failures}

    assert a_minute["auth.post_signup"] >= 2 * 300
    assert a_minute["rooms.post_guest"] >= 2_000
    assert "roll.post_claim" in failures
    assert "auth.post_login" not in failures | a_minute.keys()  # the right password goes through
    assert not {endpoint for endpoint in a_minute | dict.fromkeys(failures) if "ballot" in endpoint}
