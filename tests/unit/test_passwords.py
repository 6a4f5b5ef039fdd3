"""Passwords: hashed as OWASP asks, and as slow for nobody as for somebody."""

import os
import sys
from typing import Any

import gevent
import pytest

from api.niceness import NICENESS
from api.passwords import Passwords
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


def test_nobodys_password_takes_a_whole_verification(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Watched:
        def verify(self, hashed: str, password: str) -> Any:
            verified.append(hashed)
            return True

    monkeypatch.setattr(passwords, "_hasher", Watched())

    assert not passwords.verify(None, "anything", ANN)
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_password_is_refused_with_retry_after_when_too_many_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.passwords.WAITING", 0)

    with pytest.raises(RateLimited):
        Passwords().verify("a hash", "anything", ANN)


def test_made_up_emails_are_not_hashed_while_others_wait(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[tuple[bool, str]] = []
    hashed = passwords.hash("correct-horse", ANN)

    def matches(kept: str, password: str) -> bool:
        verified.append((kept == hashed, password))
        return True

    monkeypatch.setattr(passwords, "_matches", matches)
    tries = [(None, f"made up {n}") for n in range(50)] + [(hashed, f"real {n}") for n in range(5)]

    answers = gevent.joinall(
        [
            gevent.spawn(passwords.verify, kept, password, ("new", "192.0.2.1", password))
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
def test_hash_yields_to_the_thread_that_votes_by_its_share(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    nices: list[int] = []

    class Watched:
        def verify(self, _hashed: str, _password: str) -> Any:
            nices.append(os.getpriority(os.PRIO_PROCESS, 0))
            return True

    monkeypatch.setattr(passwords, "_hasher", Watched())

    passwords.verify("a hash", "anything", ANN)

    assert nices == [min(19, os.getpriority(os.PRIO_PROCESS, os.getpid()) + NICENESS)]
