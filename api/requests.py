"""What every route asks of a request: who sends it, and what it says."""

from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from api.problems import Problem
from api.services import services
from api.tokens import Session
from schemas.accounts import Account
from schemas.validation import Schema, check_value, parse_json

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_body(schema: Schema) -> dict[str, Any]:
    """Return the JSON body as the schema has it.

    Raises `UnsupportedMediaType`, or `Invalid` naming every fault.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return schema.parse(parse_json(request.get_data()))


def read_body_or_form(schema: Schema) -> dict[str, Any]:
    """Return the JSON body, or a form in which unknown keys are ignored, as the schema has it."""
    if not is_form():
        return read_body(schema)
    fields = request.form.to_dict()
    check_value(fields)
    return schema.parse(fields, ignore_unknown=True)


def is_form() -> bool:
    """Tell whether the body is a form."""
    return request.mimetype in FORMS


def sent_token() -> str | None:
    """Return the token of `Authorization`, with or without its scheme."""
    header = request.headers.get("Authorization", "").strip()
    scheme, _, rest = header.partition(" ")
    return (rest.strip() if scheme.lower() == "bearer" else header) or None


def require_session() -> tuple[Session, Account]:
    """Return whose request this is.

    Raises `Problem`: `unauthenticated`, `token_invalid` or `token_expired`.
    """
    token = sent_token()
    if token is None:
        raise Problem("unauthenticated")
    parts = services()
    return parts.tokens.authenticate(parts.store, token, parts.clock())


def require_account() -> Account:
    """Return the account that asks; raises as `require_session`."""
    return require_session()[1]


def asking_account() -> Account | None:
    """Return the account that asks, None for a stranger; a bad token is still refused."""
    return require_account() if sent_token() is not None else None
