"""Counting what a person asks."""

from dataclasses import replace

import pytest

from api import limits
from api.flasks import App
from api.limits import (
    FEW,
    LIMITS,
    PERSON,
    REMEMBERED,
    TURN_SECONDS,
    UNKNOWN,
    Limit,
    PersonLimit,
    Rates,
    Window,
    network_of,
)
from api.shared_counts import SharedCounts
from api.tokens import Session
from tests.unit.lobby import NOW
from voting.model.accounts import Account
from voting.refusals import RateLimited
from voting.store import Store

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

    assert refused.value.details == {"retry_after": 7}
    now += 6.5
    limit.take("u1")


def test_person_may_ask_as_often_as_they_like_when_limits_are_off() -> None:
    limit = PersonLimit(lambda: 0.0, enabled=False)

    for _ in range(2 * AMOUNT):
        limit.take("u1")


def test_window_is_each_asker_s_own_from_their_first_time() -> None:
    now = 100.0
    window = Window(2, 60, lambda: now)
    window.count("a")
    now += 30
    window.count("a")
    window.count("b")

    window.check("b")
    now += 20.5
    with pytest.raises(RateLimited) as refused:
        window.check("a")

    assert refused.value.details == {"retry_after": 10}
    now += 9.5
    window.check("a")
    window.count("a")
    window.check("a")
    window.count("b")
    with pytest.raises(RateLimited):
        window.check("b")


def test_full_window_forgets_expired_people_first_and_then_the_oldest() -> None:
    now = 100.0
    window = Window(1, 60, lambda: now)
    for number in range(REMEMBERED + 5):
        window.count(str(number))
        window.count(str(number))

    assert len(window) == REMEMBERED
    window.check("4")
    with pytest.raises(RateLimited):
        window.check("5")
    now += 60
    window.count("a")
    assert len(window) == 1


def test_limits_leave_a_hall_behind_one_address_alone() -> None:
    a_minute = {
        limit.endpoint: limit.amount * 60 / limit.seconds for limit in LIMITS if not limit.failures
    }
    failures = {limit.endpoint for limit in LIMITS if limit.failures}

    assert a_minute["auth.post_signup"] >= 2 * 300
    assert a_minute["joining.post_guest"] >= 2_000
    assert "roll.post_claim" in failures
    assert "auth.post_login" not in failures | a_minute.keys()  # the right password goes through
    assert not {endpoint for endpoint in a_minute | dict.fromkeys(failures) if "ballot" in endpoint}


def test_limit_of_a_route_that_there_is_not_keeps_the_server_from_starting(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a route that is renamed would lose its limit, and nothing would tell."""
    monkeypatch.setattr(limits, "LIMITS", (Limit("joining.post_visitor", 10, 60),))

    with pytest.raises(LookupError, match=r"joining\.post_visitor"):
        limits.install(App(__name__, static_folder=None), SharedCounts(store, "key"))


class Waiting:
    """A clock that goes on by what is slept."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_turns_come_at_once_until_a_crowd_has_been_and_then_one_after_the_other() -> None:
    time = Waiting()
    turns = Rates(10, 20, lambda: time.now, time.sleep)

    for _ in range(23):
        turns.wait("1.2.3.4")

    assert [round(seconds, 3) for seconds in time.slept] == [0.1, 0.2, 0.3]
    turns.wait("5.6.7.8")
    time.now += 10
    turns.wait("1.2.3.4")
    assert len(time.slept) == 3


def test_turns_are_refused_where_the_wait_would_be_too_long() -> None:
    time = Waiting()
    turns = Rates(10, 20, lambda: time.now, time.sleep)
    for _ in range(20 + TURN_SECONDS * 10):
        turns.wait("1.2.3.4")

    with pytest.raises(RateLimited) as refused:
        turns.wait("1.2.3.4")

    assert len(time.slept) == TURN_SECONDS * 10
    assert max(time.slept) <= TURN_SECONDS + 1e-6
    assert refused.value.details["retry_after"] > TURN_SECONDS


def test_turns_remember_no_more_than_so_many_askers() -> None:
    time = Waiting()
    turns = Rates(1_000, 1, lambda: time.now, time.sleep)

    for asker in range(5 * REMEMBERED):
        turns.wait(str(asker))
        time.now += 0.01

    assert len(turns) <= REMEMBERED


@pytest.mark.parametrize(
    ("asking", "network"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        (' "1.2.3.4" ', "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8::1", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", UNKNOWN),
        ("999.1.1.1", UNKNOWN),
        ("[", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_address_is_counted_as_its_network_however_a_proxy_writes_it(
    asking: str, network: str
) -> None:
    assert network_of(asking) == network


def test_session_that_is_over_sends_few_like_any_other() -> None:
    now = 100.0
    limit = PersonLimit(lambda: now)
    session = Session("token", "u1", 0, NOW, (Account, 1))

    for _ in range(FEW - 1):
        limit.note_refused(session.token_id)
    assert limit.sends_few(session)
    limit.note_refused(session.token_id)

    assert not limit.sends_few(session)
    assert limit.sends_few(replace(session, token_id="another"))
    now += SECONDS
    assert limit.sends_few(session)
