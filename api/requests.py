"""Reading a request: who sends it, its body, its query, its preconditions."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Request, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.http import parse_options_header

from api.acting import body_of
from api.limits import asking_network
from api.plain import CACHE, JSON, VARY, client_has, etag_of
from api.problems import BODY_BYTES
from api.services import Services, services
from api.tokens import SCHEME, Session
from schemas.rooms import ROOM_CODE_LENGTH
from schemas.validation import Schema, check_value, parse_json
from voting.faults import Fault, Faults, Invalid
from voting.model.accounts import Account
from voting.people import Holder
from voting.refusals import Forbidden, TokenExpired, TokenInvalid, Unauthenticated
from voting.text import normalise_room_code

LIMIT = 200
COUNTED = "rollcall.counted"
FORM_BYTES = 16 << 10
USUAL = f"{SCHEME}ey"
"""How a header with a token usually begins: base64 of a JSON object does so."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_body(schema: Schema) -> dict[str, Any]:
    """Return the JSON body, parsed by the schema.

    Raises `UnsupportedMediaType`, or `Invalid` naming every fault.
    """
    return schema.parse(read_json())


def present_environ() -> dict[str, Any]:
    """Return the present request's WSGI environ, without the cost of Flask's proxy at each use."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    return asked.environ


def read_json() -> Any:
    """Return the JSON body as it was sent. Raises `UnsupportedMediaType` or `Invalid`."""
    return parse_json(json_bytes(present_environ()))


def json_bytes(environ: dict[str, Any]) -> bytes:
    """Return the body of a request whose content type is JSON. Raises `UnsupportedMediaType`."""
    content_type = environ.get("CONTENT_TYPE", "")
    if content_type != JSON and parse_options_header(content_type)[0].lower() != JSON:
        raise UnsupportedMediaType
    return body_of(environ, BODY_BYTES)


def check_match(document: Any) -> None:
    """Refuse a change if the client's version of the document is not the latest. Raises `Stale`."""
    client_has(present_environ(), etag_of(document))


def with_etag(document: Any) -> Response:
    """Return a document with its ETag, which shared caches must not store."""
    answer = jsonify(document)
    answer.add_etag()
    answer.headers["Cache-Control"] = CACHE
    answer.vary.update(VARY)
    return answer


def read_body_or_form(schema: Schema) -> dict[str, Any]:
    """Return a form or a JSON body, parsed by the schema. A form may have unknown keys; neither may
    have a known key twice.

    JSON may have any content type here, or none, because clients of old servers send it so.
    """
    if not is_form():
        return schema.parse(parse_json(read_bytes()))
    fields = request.form.to_dict()
    check_value(fields)
    twice = [name for name in schema.definition if len(request.form.getlist(name)) > 1]
    if twice:
        raise Invalid(*(Fault(name, "duplicate") for name in twice))
    return schema.parse(fields, ignore_unknown=True)


def is_form() -> bool:
    """Return whether the body is a form, and not JSON with a form's content type."""
    return request.mimetype in FORMS and not read_bytes(FORM_BYTES).lstrip().startswith(b"{")


def sent_token() -> str | None:
    """Return the token of `Authorization`, with or without its scheme."""
    return token_in(present_environ())


def asker() -> str:
    """Return the person who asks; for a stranger the network. Raises `TokenInvalid`."""
    token = sent_token()
    return asking_network() if token is None else services().tokens.read(token).person


def token_in(environ: dict[str, Any]) -> str | None:
    header: str = environ.get("HTTP_AUTHORIZATION", "").strip()
    scheme, _, rest = header.partition(" ")
    return (rest.strip() if scheme.lower() == "bearer" else header) or None


def read_session(parts: Services, environ: dict[str, Any]) -> Session:
    """Return the session of a request, over or not. Raises `Unauthenticated` or `TokenInvalid`."""
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    if header.startswith(USUAL):  # the usual case, checked first
        return parts.tokens.read_header(header)
    token = token_in(environ)
    if token is None:
        raise Unauthenticated
    return parts.tokens.read(token)


def comes_first(parts: Services, environ: dict[str, Any]) -> bool:
    """Return whether a request goes first: its sender is signed in and sends few requests."""
    try:
        return parts.person_limit.sends_few(read_session(parts, environ))
    except (TokenInvalid, Unauthenticated):
        return False


def require_session() -> tuple[Session, Holder]:
    """Return the session of the present request, and its holder.

    Raises `Unauthenticated`, `TokenInvalid`, `TokenExpired` or `RateLimited`.
    """
    return session_of(services(), present_environ())


def session_of(
    parts: Services, environ: dict[str, Any], now: datetime | None = None
) -> tuple[Session, Holder]:
    """Return the session of a request, and its holder; raises as `require_session`.

    now: the time of the transaction, if it has one
    """
    session = read_session(parts, environ)
    try:
        holder = parts.tokens.holder_of(parts.store, session, now or parts.clock())
    except (TokenInvalid, TokenExpired):
        parts.person_limit.note_refused(session.token_id)
        raise
    if COUNTED not in environ:  # count each request once
        environ[COUNTED] = True
        parts.person_limit.take(session.person)
    return session, holder


def asking_holder() -> Holder | None:
    """Return the sender, None for a stranger. Raises as `require_session` for a bad token."""
    return holder_of(services(), present_environ())


def holder_of(parts: Services, environ: dict[str, Any]) -> Holder | None:
    """Return the sender of a request, None for a stranger; raises as `asking_holder`."""
    return None if token_in(environ) is None else session_of(parts, environ)[1]


def known_rooms(environ: dict[str, Any]) -> tuple[str, ...]:
    """Return the code of the room whose polls a request is about, if it names one, in its header
    or, for an address that people type, in its query.
    """
    code = environ.get("HTTP_ROOM_CODE")
    if code is None and "room=" in environ["QUERY_STRING"]:
        code = request.args.get("room")
    return () if code is None else (normalise_room_code(code[:ROOM_CODE_LENGTH]),)


def require_holder() -> Holder:
    """Return the sender: an account, a row or a guest; raises as `require_session`."""
    return require_session()[1]


def require_account() -> Account:
    """Return the sender's account. Raises as `require_session`, or `Forbidden` without one."""
    return account_of(services(), present_environ())


def account_of(parts: Services, environ: dict[str, Any]) -> Account:
    """Return the account that sent a request; raises as `require_account`."""
    _, holder = session_of(parts, environ)
    if not isinstance(holder, Account):
        raise Forbidden
    return holder


def require_administrator() -> None:
    """Refuse everybody but administrators; raises as `require_account`."""
    if not require_account().administrator:
        raise Forbidden


def read_bytes(limit: int = BODY_BYTES) -> bytes:
    """Return the body; raises as `body_of`."""
    request.max_content_length = limit + 1  # one more is seen to be too many
    return body_of(present_environ(), limit)


def check_query(known: Mapping[str, frozenset[str] | None]) -> None:
    """Refuse keys of the query that are unknown or come twice, and values that are not allowed.

    known: the allowed values by key; None if the route checks them itself

    Raises `Invalid`.
    """
    faults = Faults()
    for name, given in request.args.lists():
        allowed = known.get(name)
        if name not in known:
            faults.note((name,), "unknown_field")
        elif len(given) > 1:
            faults.note((name,), "duplicate")
        elif allowed is not None and given[0] not in allowed:
            faults.note((name,), "not_allowed", sorted(allowed))
    faults.check()


def number(name: str, default: int) -> int:
    """Return a whole number from the query, `default` without it. Raises `Invalid`."""
    text = request.args.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Invalid(Fault(name, "wrong_type", "integer"))
    if name == "limit" and not 1 <= int(text) <= LIMIT:
        raise Invalid(Fault(name, "too_large", LIMIT))
    return int(text)
