"""Accounts: who signs up and in."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from schemas.strings import EMAIL_LENGTH, check_email, check_line, read_email, read_line
from schemas.text import compose, tidy
from schemas.validation import Schema

NAME_LENGTH = 80
PASSWORD_LENGTHS = (8, 128)
"""The least that a setting may change, and the most, of which no hash needs more."""
PASSWORD_LEASTS = (6, 64)
"""Between which the setting may be."""

EMAIL = {
    "type": "string",
    "coerce": read_email,
    "required": True,
    "maxlength": EMAIL_LENGTH,
    "check_with": check_email,
    "meta": {"format": "idn-email", "pattern": r"^\s*[^@\s\x00]+@[^@\s\x00]+\s*$"},
}
LINE = {"type": "string", "coerce": read_line, "empty": False, "check_with": check_line}
"""What people are called, and what has one line: see `schemas.strings`."""
NAME = {**LINE, "required": True, "maxlength": NAME_LENGTH}
_SIGN_IN_EMAIL = {  # an old account's may be none by now
    "type": "string",
    "coerce": tidy,
    "required": True,
    "empty": False,
    "maxlength": EMAIL_LENGTH,
}
_NEW_PASSWORD = {
    "type": "string",
    "coerce": compose,
    "required": True,
    "minlength": PASSWORD_LENGTHS[0],
    "maxlength": PASSWORD_LENGTHS[1],
}
_ANY_PASSWORD = {
    "type": "string",
    "coerce": compose,
    "required": True,
    "empty": False,
    "maxlength": 1024,
}

SIGNUP = Schema(
    {
        "email": EMAIL,
        "name": NAME,
        "password": _NEW_PASSWORD,
        "invitation": {"type": "string", "coerce": read_line, "maxlength": 64},
    },
)
LOGIN = Schema({"email": _SIGN_IN_EMAIL, "password": _ANY_PASSWORD})
_CODE = {"type": "string", "coerce": read_line, "required": True, "maxlength": 64}
SETUP = Schema({"code": _CODE})
RESET = Schema({"code": _CODE, "password": _NEW_PASSWORD})
ME = Schema(
    {
        "name": {**NAME, "required": False},
        "email": {**EMAIL, "required": False},
        "password": {**_NEW_PASSWORD, "required": False},
        "current_password": {**_ANY_PASSWORD, "required": False},
    },
)
_SECONDS = {"type": "integer", "required": True, "min": 0, "max": 10**11}
CLAIMS = Schema(
    {
        "sub": {"type": "string", "required": True, "regex": r"[urgs][0-9]{1,18}\Z"},
        "iat": _SECONDS,
        "exp": _SECONDS,
        "jti": {"type": "string", "required": True, "regex": r"[A-Za-z0-9_-]{1,64}\Z"},
        "gen": {"type": "integer", "required": True, "min": 0, "max": 10**18},
    }
)
"""What a token says, also one that somebody else signed with the server's key."""


@lru_cache
def with_password_of(least: int, schema: Schema) -> Schema:
    """Return a schema whose new password has at least so many letters."""
    password = {**schema.definition["password"], "minlength": least}
    return Schema({**schema.definition, "password": password})


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
        """Tell whether the token has expired by the clock and by the store's own hours."""
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
        return f"u{self.id}"

    @property
    def voter(self) -> str:
        """Who votes: the first email, not the id, so that neither signing up again nor another
        email gives a second ballot."""
        return f"email:{self.voter_key or self.email_key}"
