"""Refusals told to clients: from any layer's error to one closed list of codes.

The same object goes over HTTP (RFC 9457) and into socket acks. An error that nobody foresaw is
logged and told as `internal`, without its text.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

import db
from api.times import iso
from api.wording import LANGUAGES, Language, word_fault, word_problem
from schemas.validation import Fault, Invalid
from voting import refusals

logger = logging.getLogger(__name__)

STATUS = {
    "invalid_request": 400,
    "unauthenticated": 401,
    "bad_credentials": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "forbidden": 403,
    "not_eligible": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "email_taken": 409,
    "already_voted": 409,
    "poll_not_open": 409,
    "stale": 412,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "idempotency_mismatch": 422,
    "internal": 500,
    "unavailable": 503,
    "storage_full": 507,
}

_CODES: dict[type[Exception], str] = {
    Invalid: "invalid_request",
    refusals.NotFound: "not_found",
    refusals.BadCredentials: "bad_credentials",
    refusals.Forbidden: "forbidden",
    refusals.EmailTaken: "email_taken",
    refusals.NotEligible: "not_eligible",
    refusals.AlreadyVoted: "already_voted",
    refusals.PollNotOpen: "poll_not_open",
    refusals.Stale: "stale",
    refusals.IdempotencyMismatch: "idempotency_mismatch",
    db.StorageFull: "storage_full",
    db.Unavailable: "unavailable",
}
_HTTP_CODES = {  # any other fault of a request is `invalid_request`
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


@dataclass(eq=False)  # not frozen: an exception is given its traceback
class Problem(Exception):
    """A refusal as it is told: `values` fill its sentence, `extra` are members of its own."""

    code: str
    faults: tuple[Fault, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, language: Language) -> dict[str, Any]:
        """Return the problem's JSON object."""
        status = STATUS[self.code]
        document: dict[str, Any] = {
            "type": f"urn:rollcall:problem:{self.code}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": self.code,
            "detail": word_problem(self.code, language, **self.values),
            **self.extra,
        }
        if self.faults:
            document["errors"] = [
                {"field": fault.field, "code": fault.code, "detail": word_fault(fault, language)}
                for fault in self.faults
            ]
        return document


def problem_of(error: Exception) -> Problem:
    """Return what is told of an error; log it where nobody foresaw it."""
    match error:
        case Problem():
            return error
        case Invalid():
            return Problem("invalid_request", error.faults)
        case refusals.PollNotOpen():
            return Problem(
                "poll_not_open",
                values={"state": error.state},
                extra={"state": error.state, "server_time": iso(error.now)},
            )
        case HTTPException(code=int() as status) if 400 <= status < 500:
            return _http_problem(error, _HTTP_CODES.get(status, "invalid_request"))
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return Problem(code)
    logger.error("unforeseen error", exc_info=error)
    return Problem("internal")


def _http_problem(error: HTTPException, code: str) -> Problem:
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    values = {"limit": current_app.config["MAX_CONTENT_LENGTH"]}
    return Problem(code, values=values, headers=headers)


def asker_language() -> Language:
    """Return the language of the request's `Accept-Language`, English where it names neither."""
    best = request.accept_languages.best_match(LANGUAGES)
    return "ko" if best == "ko" else "en"


def respond(problem: Problem, status: int | None = None) -> Response:
    """Return a problem as an HTTP answer."""
    language = asker_language()
    answer = jsonify(problem.document(language))
    answer.status_code = status or STATUS[problem.code]
    answer.mimetype = "application/problem+json"
    answer.headers.update(problem.headers)
    answer.content_language.add(language)
    answer.vary.add("Accept-Language")
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def install(app: Flask) -> None:
    """Let every error of a request be answered as a problem."""

    @app.errorhandler(Exception)
    def tell(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        return respond(problem_of(error))
