"""Refusals told to clients: any layer's error as one of the codes in `codes.json`.

The same object goes over HTTP (RFC 9457) and into socket acks. An error that nobody foresaw is
logged and told as `internal`, without its text.
"""

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from flask import Flask, Response, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

import db
from api import jsons
from api.edge import REQUEST_ID
from api.plain import PlainResponse, as_flask
from api.roll_previews import RollFileRead
from voting.faults import FAULTS, Fault, Invalid, shorten
from voting.refusals import BodyEncoded, Details, Refusal

logger = logging.getLogger(__name__)

CODES = json.loads((Path(__file__).parent / "codes.json").read_text("utf-8"))
LANGUAGES = ("en", "ko")
MEDIA_TYPE = "application/problem+json"
BODY_BYTES = 64 << 10

_HTTP = {  # any other fault of a request is `invalid_request`
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


class FieldFault(TypedDict):
    """One thing wrong with a body or a query: a dotted path, "" the whole, cut with "…" where it is
    longer than 80 letters; a code that stays.
    """

    field: str
    code: str
    detail: str


class Problem(Details):
    """A refusal (RFC 9457). `code` never changes; `detail` is for people, in their language.
    `errors` are the first 20 faults of the request; `more` is true where there are others.
    `file` says how a roll's file was read, where its faults are beyond its encoding.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: NotRequired[list[FieldFault]]
    more: NotRequired[bool]
    request_id: NotRequired[str]
    file: NotRequired[RollFileRead]


def problem_document(
    error: Exception,
    language: str,
    status: int | None = None,
    environ: Mapping[str, Any] | None = None,
) -> Problem:
    """Return what is told of an error, worded in `en` or `ko`.

    status: None for its code's own; environ: its request's, where that is no Flask's
    """
    environ = request.environ if environ is None and has_request_context() else environ or {}
    code = code_of(error, environ)
    told, words = (error.told, error.words) if isinstance(error, Refusal) else ({}, "")
    document = word_problem(code, language, status, told, words=words, limit=_limit())
    if isinstance(error, Invalid):
        document["errors"] = [
            {
                "field": shorten(fault.field),
                "code": fault.code,
                "detail": _word_fault(fault, language),
            }
            for fault in error.faults[:FAULTS]
        ]
        if len(error.faults) > FAULTS:
            document["more"] = True
        if error.file is not None:
            document["file"] = error.file
    if code == "internal" and (request_id := environ.get(REQUEST_ID)):
        document["request_id"] = request_id  # so that who was told can say which it was
    return document


def word_problem(
    code: str,
    language: str,
    status: int | None,
    told: Mapping[str, Any],
    *,
    words: str = "",
    limit: int = BODY_BYTES,
) -> Problem:
    """Return the problem of a code.

    status: None for the code's own; told: members beside those that every problem has; words:
    the name of other words than the code's own; limit: of the body's bytes
    """
    entry = CODES["problems"][code]
    status = status or entry["status"]
    document: Problem = {
        "type": f"urn:rollcall:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": CODES["variants"].get(words, entry)[language].format(limit=limit, **told),
    }
    document |= cast(Problem, told)
    return document


def _word_fault(fault: Fault, language: str) -> str:
    """Return what is wrong, with the values that are allowed where they are few enough to name."""
    words, constraint = CODES["faults"][fault.code], fault.constraint
    if fault.code == "not_allowed" and constraint:
        words, constraint = CODES["variants"]["one_of"], ", ".join(map(str, constraint))
    return str(words[language].format(constraint=constraint))


def refuse(
    error: Exception, environ: Mapping[str, Any], status: int | None = None
) -> PlainResponse:
    """Return an error as a response, in the language that a request prefers."""
    language = language_of(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    document = problem_document(error, language, status, environ)
    fields = [("Content-Language", language)]
    if document["status"] == 401:
        fields.append(("WWW-Authenticate", "Bearer"))
    if "retry_after" in document:
        fields.append(("Retry-After", str(document["retry_after"])))
    if isinstance(error, BodyEncoded):
        fields.append(("Accept-Encoding", "identity"))  # RFC 9110, 15.5.16
    if isinstance(error, HTTPException):
        fields += [(key, value) for key, value in error.get_headers() if key == "Allow"]
    body = f"{jsons.dumps(document)}\n".encode()
    return PlainResponse(
        document["status"], MEDIA_TYPE, body, vary=("Accept-Language",), fields=tuple(fields)
    )


@lru_cache(256)
def language_of(accepted: str) -> str:
    """Return which of the languages is preferred by an Accept-Language header, or by a `lang`."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or LANGUAGES[0]


def _limit() -> int:
    """Return how many bytes the present route takes."""
    return (request.max_content_length or 0) - 1 if request else BODY_BYTES


def code_of(error: Exception, environ: Mapping[str, Any] | None = None) -> str:
    """Return the code of an error; log one that nobody foresaw, with its request."""
    match error:
        case Refusal():
            return error.code
        case db.StorageFull():
            return "storage_full"
        case db.OutcomeUnknown():
            return "unavailable"
        case HTTPException(code=int() as status) if 400 <= status < 500:
            return _HTTP.get(status, "invalid_request")
    logger.error("unforeseen error", exc_info=error, extra={"environ": environ or {}})
    return "internal"


def respond(error: Exception, status: int | None = None) -> Response:
    """Return an error as Flask sends it."""
    return as_flask(refuse(error, request.environ, status))


def install(app: Flask) -> None:
    """Let every error of a request be answered as a problem."""

    @app.errorhandler(Exception)
    def tell(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        return respond(error)
