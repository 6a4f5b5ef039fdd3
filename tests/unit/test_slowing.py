"""Slowing guesses: longer with each failure, never for ever, nobody else."""

from types import SimpleNamespace
from typing import Any

import pytest

from api import slowing
from api.shared_counts import SharedCounts
from api.slowing import FORGOTTEN_SECONDS, Slowdown

HALL, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class Slept:
    """A clock that tests move, and how long was slept."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.seconds: list[float] = []
        alone: Any = SimpleNamespace(hear_notes=lambda _hear: None, send_note=lambda _note: None)
        counts = SharedCounts(alone, "key")
        self.slowdown = Slowdown(lambda: self.now, self.seconds.append, counts)

    def wait(self, account: str, network: str = HALL) -> float:
        """Return how long the next try of an account has to wait."""
        before = len(self.seconds)
        self.slowdown.wait((account, network))
        return sum(self.seconds[before:])

    def fail(self, account: str, times: int = 1, *, strange: bool = False) -> None:
        for _ in range(times):
            self.slowdown.note_failure((account, HALL), strange=strange)


@pytest.fixture
def slept() -> Slept:
    return Slept()


def test_tries_wait_longer_with_each_failure_up_to_five_seconds(slept: Slept) -> None:
    waits = []
    for _ in range(2_000):
        waits.append(slept.wait("ann"))
        slept.fail("ann")

    assert waits[:8] == [0, 0, 0, 0.5, 1, 2, 4, 5]
    assert set(waits[8:]) == {5}


def test_tries_of_another_account_do_not_wait(slept: Slept) -> None:
    slept.fail("ann", 100)

    assert slept.wait("bob") == 0


def test_tries_from_elsewhere_do_not_wait(slept: Slept) -> None:
    slept.fail("ann", 100)

    assert slept.wait("ann", ELSEWHERE) == 0


def test_tries_of_an_email_that_nobody_has_wait_as_long(slept: Slept) -> None:
    slept.fail("ann", 5)
    slept.fail("nobody", 5, strange=True)

    assert slept.wait("nobody") == slept.wait("ann") > 0


def test_failures_are_remembered_however_many_emails_are_made_up(
    slept: Slept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "REMEMBERED", 10)
    slept.fail("ann", 5)

    for number in range(20):
        slept.fail(f"nobody {number}", strange=True)

    assert slept.wait("ann") > 0


def test_account_is_known_where_it_was_signed_in_before(slept: Slept) -> None:
    slept.slowdown.note_success(("ann", HALL))

    assert slept.slowdown.knows(("ann", HALL))
    assert not slept.slowdown.knows(("ann", ELSEWHERE))
    assert not slept.slowdown.knows(("bob", HALL))


def test_tries_wait_no_more_after_the_right_password(slept: Slept) -> None:
    slept.fail("ann", 10)

    slept.slowdown.note_success(("ann", HALL))

    assert slept.wait("ann") == 0


def test_failures_are_forgotten_after_a_while(slept: Slept) -> None:
    slept.fail("ann", 10)

    slept.now += FORGOTTEN_SECONDS

    assert slept.wait("ann") == 0
    slept.fail("ann")
    assert slept.wait("ann") == 0


def test_failures_of_endless_accounts_take_no_endless_room(
    slept: Slept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "REMEMBERED", 10)

    slept.fail("first", 5)
    for number in range(10):
        slept.fail(f"account {number}", 5)

    assert slept.wait("first") == 0
    assert slept.wait("account 0") > 0


def test_no_more_sleep_at_once_than_there_is_room_for(
    slept: Slept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slowing, "SLEEPERS", 2)
    slept.fail("ann", 5)
    nested: list[float] = []

    def sleep(seconds: float) -> None:
        nested.append(seconds)
        slept.wait("ann")

    slept.slowdown.sleep = sleep
    slept.wait("ann")

    assert len(nested) == 2
    slept.wait("ann")
    assert len(nested) == 4
