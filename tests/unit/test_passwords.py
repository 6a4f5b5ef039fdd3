"""Passwords: hashed as OWASP asks, and as slow for nobody as for somebody."""

import os
import sys
from collections.abc import Callable
from typing import Any

import gevent
import pytest
from argon2 import PasswordHasher

from api.niceness import NICENESS
from api.passwords import HASHER, Passwords
from voting.refusals import RateLimited

ANN = ("new", "192.0.2.1", "ann@example.org")


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


def test_password_is_hashed_with_the_contracts_parameters(passwords: Passwords) -> None:
    first, second = (passwords.hash("correct-horse", ANN) for _ in "ab")

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_password_matches_its_own_hash_alone(passwords: Passwords) -> None:
    hashed = passwords.hash("correct-horse", ANN)

    assert passwords.verify(hashed, "correct-horse", ANN)
    assert not passwords.verify(hashed, "correct-horse ", ANN)
    assert not passwords.verify("no hash", "correct-horse", ANN)
    assert not passwords.verify("", "correct-horse", ANN)


class Watched(PasswordHasher):
    """Accepts every password, and notes hash and password of each."""

    def __init__(self, note: Callable[[str, str], object]) -> None:
        super().__init__(HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism)
        self._note = note

    def verify(self, hash: Any, password: Any) -> Any:  # noqa: A002 (argon2's)
        self._note(hash, password)
        return True


def test_nobodys_password_takes_a_whole_verification() -> None:
    verified: list[str] = []

    accepted = Passwords(Watched(lambda hashed, _: verified.append(hashed))).verify(
        None, "anything", ANN
    )

    assert not accepted
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_password_is_refused_with_retry_after_when_too_many_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.passwords.WAITING", 0)

    with pytest.raises(RateLimited):
        Passwords().verify("a hash", "anything", ANN)


def test_made_up_emails_are_not_hashed_while_others_wait(passwords: Passwords) -> None:
    verified: list[tuple[bool, str]] = []
    hashed = passwords.hash("correct-horse", ANN)
    watched = Passwords(Watched(lambda kept, word: verified.append((kept == hashed, word))))
    tries = [(None, f"made up {n}") for n in range(50)] + [(hashed, f"real {n}") for n in range(5)]

    answers = gevent.joinall(
        [
            gevent.spawn(watched.verify, kept, password, ("new", "192.0.2.1", password))
            for kept, password in tries
        ]
    )

    assert [answer.value for answer in answers].count(True) == 5
    assert [real for real, _ in verified].count(True) == 5
    assert [real for real, _ in verified].count(False) <= 1


def test_made_up_emails_are_refused_with_retry_after_when_too_many_wait(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.passwords.UNKNOWN", 0)
    hashed = passwords.hash("correct-horse", ANN)

    with pytest.raises(RateLimited):
        passwords.verify(None, "anything", ANN)

    assert passwords.verify(hashed, "correct-horse", ANN)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own here")
def test_hash_yields_to_the_thread_that_votes_by_its_share() -> None:
    nices: list[int] = []

    def note(*_: str) -> None:
        nices.append(os.getpriority(os.PRIO_PROCESS, 0))

    Passwords(Watched(note)).verify("a hash", "anything", ANN)

    assert nices == [min(19, os.getpriority(os.PRIO_PROCESS, os.getpid()) + NICENESS)]
