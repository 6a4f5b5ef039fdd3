"""What clients send to sign up, to sign in, to invite, and to change an account."""

from functools import lru_cache
from typing import Annotated

import msgspec

from schemas.strings import EMAIL_LENGTH, check_email, check_line, read_email, read_line
from schemas.validation import Schema
from voting.model.persons import PATTERN
from voting.text import compose, tidy

NAME_LENGTH = 80
PASSWORD_LENGTHS = (8, 128)
"""The shortest password unless a setting changes it, and the longest: no hash gains from more."""
PASSWORD_LEASTS = (6, 64)
"""The least and the greatest value of that setting."""

EMAIL = {
    "type": "string",
    "coerce": read_email,
    "required": True,
    "maxlength": EMAIL_LENGTH,
    "check_with": check_email,
    "meta": {"format": "idn-email", "pattern": r"^\s*[^@\s\x00]+@[^@\s\x00]+\s*$"},
}
LINE = {"type": "string", "coerce": read_line, "empty": False, "check_with": check_line}
"""The rules of names and other texts of one line (`schemas.strings`)."""
NAME = {**LINE, "required": True, "maxlength": NAME_LENGTH}
_REQUIRED = {"type": "string", "required": True, "empty": False}
_SIGN_IN_EMAIL = {**_REQUIRED, "coerce": tidy, "maxlength": EMAIL_LENGTH}
"""An old account may have an email that is refused today."""
_NEW_PASSWORD = {
    "type": "string",
    "coerce": compose,
    "required": True,
    "minlength": PASSWORD_LENGTHS[0],
    "maxlength": PASSWORD_LENGTHS[1],
}
_ANY_PASSWORD = {**_REQUIRED, "coerce": compose, "maxlength": 1024}

SIGNUP = Schema(
    {
        "email": EMAIL,
        "name": NAME,
        "password": _NEW_PASSWORD,
        "invitation": {"type": "string", "coerce": read_line, "maxlength": 64},
    }
)
INVITATION = Schema(
    {
        "uses": {"type": "integer", "min": 1, "max": 10_000},
        "hours": {"type": "integer", "min": 1, "max": 24 * 365},
    }
)
LOGIN = Schema({"email": _SIGN_IN_EMAIL, "password": _ANY_PASSWORD})
CODE = {**_REQUIRED, "coerce": read_line, "maxlength": 64}
"""A one-time code as people type it."""
SETUP = Schema({"code": CODE})
RESET = Schema({"code": CODE, "password": _NEW_PASSWORD})
ME = Schema(
    {
        "name": {**NAME, "required": False},
        "email": {**EMAIL, "required": False},
        "password": {**_NEW_PASSWORD, "required": False},
        "current_password": {**_ANY_PASSWORD, "required": False},
    }
)
LATEST, GENERATIONS, TOKEN_ID = 10**11, 10**18, r"[A-Za-z0-9_-]{1,64}\Z"
_SECONDS = {"type": "integer", "required": True, "min": 0, "max": LATEST}
CLAIMS = Schema(
    {
        "sub": {"type": "string", "required": True, "regex": rf"{PATTERN}\Z"},
        "iat": _SECONDS,
        "exp": _SECONDS,
        "jti": {"type": "string", "required": True, "regex": TOKEN_ID},
        "gen": {"type": "integer", "required": True, "min": 0, "max": GENERATIONS},
    }
)
"""The claims of a token, also of one that another program signed with the server's key."""


class Claims(msgspec.Struct, forbid_unknown_fields=True):
    """The rules of `CLAIMS` for those that the server writes itself, and no others."""

    sub: Annotated[str, msgspec.Meta(pattern=rf"^{PATTERN}\Z")]
    iat: Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
    exp: Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
    jti: Annotated[str, msgspec.Meta(pattern=f"^{TOKEN_ID}")]
    gen: Annotated[int, msgspec.Meta(ge=0, le=GENERATIONS)]


read_own_claims = msgspec.json.Decoder(Claims).decode
"""Returns the claims in their JSON. Raises ValueError if they are not in the usual form."""


@lru_cache
def with_password_of(least: int, schema: Schema) -> Schema:
    """Return a schema that requires at least so many characters of a new password."""
    password = {**schema.definition["password"], "minlength": least}
    return Schema({**schema.definition, "password": password})
