"""Passwords: hashed as OWASP asks, and as slow for nobody as for somebody."""

from typing import Any

import pytest

from api.passwords import Passwords
from schemas.refusals import RateLimited


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


def test_password_is_hashed_with_the_contracts_parameters(passwords: Passwords) -> None:
    first, second = passwords.hash("correct-horse"), passwords.hash("correct-horse")

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_password_matches_its_own_hash_alone(passwords: Passwords) -> None:
    hashed = passwords.hash("correct-horse")

    assert passwords.verify(hashed, "correct-horse")
    assert not passwords.verify(hashed, "correct-horse ")
    assert not passwords.verify("no hash", "correct-horse")
    assert not passwords.verify("", "correct-horse")


def test_nobodys_password_takes_a_whole_verification(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Watched:
        def verify(self, hashed: str, password: str) -> Any:
            verified.append(hashed)
            return True

    monkeypatch.setattr(passwords, "_hasher", Watched())

    assert not passwords.verify(None, "anything")
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_password_is_told_to_come_again_when_too_many_wait(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.passwords.WAITING", 0)

    with pytest.raises(RateLimited):
        passwords.verify(None, "anything")
