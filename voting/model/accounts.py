"""Accounts, emails, invitations and revoked tokens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from voting.model.persons import person_id
from voting.model.rooms import PRIVATE
from voting.text import normalise_email


class Email(NamedTuple):
    """An email that somebody typed.

    text: the form that is stored
    key: the key under which a new account is stored; emails are compared by it
    old_keys: the keys of earlier versions: normalised like other text, and as it was typed
    """

    text: str
    key: str
    old_keys: tuple[str, str]

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys under which an account may be stored, each once."""
        return tuple(dict.fromkeys((*self.old_keys, self.key)))

    def is_of(self, account: "Account") -> bool:
        """Return whether an account that was found by one of the keys has this email: normalised
        like other text, two emails may be the same.
        """
        return normalise_email(account.email) in (self.key, self.old_keys[1])


@dataclass(frozen=True)
class Revocation:
    """A token that is refused although it has not expired.

    hours: how long the store had been open then
    kept_hours: for how many more hours it is remembered, so that a clock that is wrong for a while
    can't end that
    """

    id: int
    token_id: str
    expires_at: datetime
    hours: float = 0.0
    kept_hours: float = 36.0

    def is_over(self, now: datetime, hours: float) -> bool:
        """Return whether the token has expired by the clock and by the store's own hours."""
        return self.expires_at < now and self.hours + self.kept_hours < hours


@dataclass(frozen=True)
class Account:
    """A person who can sign in.

    email_key: the form in which emails are compared
    generation: grows when all sessions of the account end
    password: an Argon2id hash
    reset_code: the SHA-256 of the one-time code that sets another password
    voter_key: the first email's key, if the email was changed: the account still votes by it, and
    nobody else can sign up with it
    signed_in_on: the day of the last sign-in (UTC, `2026-11-26`), if that is known
    """

    id: int
    email: str
    email_key: str
    name: str
    password: str
    generation: int
    administrator: bool
    created_at: datetime
    reset_code: str | None = None
    reset_expires_at: datetime | None = None
    voter_key: str | None = None
    signed_in_on: str | None = None

    @property
    def person(self) -> str:
        """The account as a person."""
        return person_id("u", self.id)

    @property
    def voter(self) -> str:
        """The voter: the first email and not the id, so that neither signing up again nor another
        email gives a second ballot.
        """
        return f"email:{self.voter_key or self.email_key}"


@dataclass(frozen=True)
class Invitation:
    """A code with which a number of people may sign up. `code` is its SHA-256."""

    id: int
    code: str = field(metadata=PRIVATE)
    uses: int
    expires_at: datetime
