"""Accounts: who signs up and in, with what, and which sessions have ended."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from voting.model.persons import person_id
from voting.model.rooms import PRIVATE
from voting.text import normalise_email


class Email(NamedTuple):
    """An email that somebody typed.

    text: as it is kept
    key: what a new account is kept under; emails compare by it
    old_keys: what versions before kept it under: normalised as other text, and as it was typed
    """

    text: str
    key: str
    old_keys: tuple[str, str]

    @property
    def keys(self) -> tuple[str, ...]:
        """All that an account may be kept under, each once."""
        return tuple(dict.fromkeys((*self.old_keys, self.key)))

    def is_of(self, account: "Account") -> bool:
        """Return whether an account found under one of the keys has this email: normalised as other
        text, two emails may be one."""
        return normalise_email(account.email) in (self.key, self.old_keys[1])


@dataclass(frozen=True)
class Revocation:
    """A token that is refused although it has not expired.

    `hours` is how long the store had been open then, `kept_hours` for how many more the token
    is remembered: a clock that is wrong for a while must not end that.
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

    `email_key` is what emails compare by; `generation` grows when every session of the
    account ends; `password` is an Argon2id hash, `reset_code` the SHA-256 of the one-time code
    that sets another. `voter_key` is the first email's key where the email was changed: the
    account goes on voting by it, and nobody else can sign up with it.
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

    @property
    def person(self) -> str:
        """The account as a person."""
        return person_id("u", self.id)

    @property
    def voter(self) -> str:
        """Who votes: the first email, not the id, so that neither signing up again nor another
        email gives a second ballot."""
        return f"email:{self.voter_key or self.email_key}"


@dataclass(frozen=True)
class Invitation:
    """A code for so many more sign-ups; `code` is its SHA-256."""

    id: int
    code: str = field(metadata=PRIVATE)
    uses: int
    expires_at: datetime
