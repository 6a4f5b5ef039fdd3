"""What every route asks of a request: who sends it, and what it says."""

from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.problems import BODY_BYTES
from api.services import services
from api.tokens import Session
from schemas.accounts import Account
from schemas.refusals import Unauthenticated
from schemas.validation import Schema, check_value, parse_json

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_body(schema: Schema) -> dict[str, Any]:
    """Return the JSON body as the schema has it.

    Raises `UnsupportedMediaType`, or `Invalid` naming every fault.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return schema.parse(parse_json(_read_bytes()))


def read_body_or_form(schema: Schema) -> dict[str, Any]:
    """Return the JSON body, or a form in which unknown keys are ignored, as the schema has it."""
    if not is_form():
        return read_body(schema)
    _read_bytes()  # the form is parsed from what was read
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

    Raises `Unauthenticated`, `TokenInvalid` or `TokenExpired`.
    """
    token = sent_token()
    if token is None:
        raise Unauthenticated
    parts = services()
    return parts.tokens.authenticate(parts.store, token, parts.clock())


def require_account() -> Account:
    """Return the account that asks; raises as `require_session`."""
    return require_session()[1]


def _read_bytes() -> bytes:
    """Return the body. A chunked one tells its length too late for Flask's own limit."""
    raw = request.get_data()
    if len(raw) > BODY_BYTES:
        raise RequestEntityTooLarge
    return raw
