"""Problems: turns an error of any layer into one of the codes of `codes.json`, with a sentence.

Clients get the same object over HTTP (RFC 9457) and in the acks of sockets. An unexpected error is
logged; the client gets `internal`, without the error's text.
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
from api.edge import REQUEST_ID
from api.jsons import encode_line
from api.plain import PlainResponse, as_flask
from api.roll_previews import RollFileRead
from voting.faults import FAULTS, Fault, Invalid, shorten
from voting.refusals import BodyEncoded, Details, Refusal

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
FURTHER = {path.suffixes[0][1:]: path for path in sorted(HERE.glob("codes.*.json"))}
"""The languages that have a file of their own beside `codes.json`, each its file."""
LANGUAGES = ("en", "ko", *FURTHER)
MEDIA_TYPE = "application/problem+json"
BODY_BYTES = 64 << 10

_HTTP = {  # any other 4xx is `invalid_request`
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


def read_codes() -> Any:
    """Return the codes with their words in every language."""
    codes = json.loads((HERE / "codes.json").read_text("utf-8"))
    for language, path in FURTHER.items():
        for kind, words in json.loads(path.read_text("utf-8")).items():
            for code, sentence in words.items():
                codes[kind][code][language] = sentence
    return codes


CODES = read_codes()


class FieldFault(TypedDict):
    """A fault of a body or a query. `field` is a dotted path ("" for the whole), cut with "…" after
    80 characters. `code` never changes.
    """

    field: str
    code: str
    detail: str


class Problem(Details):
    """A refusal (RFC 9457). `code` never changes; `detail` is a sentence in the reader's language.
    `errors` are the first 20 faults of the request; `more` is true if there are others.
    `file` says how a roll's file was read, if its encoding is not what is wrong.
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
    """Return the problem of an error in one of `LANGUAGES`.

    status: None for that of its code
    environ: of its request, if Flask doesn't handle that
    """
    environ = request.environ if environ is None and has_request_context() else environ or {}
    code = code_of(error, environ)
    details, variant = (error.details, error.variant) if isinstance(error, Refusal) else ({}, "")
    document = word_problem(code, language, status, details, variant=variant, limit=_limit())
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
        document["request_id"] = request_id  # people can quote it when they report the error
    return document


def word_problem(
    code: str,
    language: str,
    status: int | None,
    details: Mapping[str, Any],
    *,
    variant: str = "",
    limit: int = BODY_BYTES,
) -> Problem:
    """Return the problem of a code.

    status: None for that of the code
    details: further members of the problem
    variant: the name in `codes.json` of another sentence for the code
    limit: the greatest number of bytes of the body
    """
    entry = CODES["problems"][code]
    status = status or entry["status"]
    state = CODES["states"].get(str(details.get("state")), {})
    words = {**details, "state": state.get(language, details.get("state"))}
    document: Problem = {
        "type": f"urn:rollcall:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": (CODES["variants"][variant] if variant else entry)[language].format(
            limit=limit, **words
        ),
    }
    document |= cast(Problem, details)
    return document


def _word_fault(fault: Fault, language: str) -> str:
    """Return a fault in words, with the type or the allowed values if it has them."""
    words, constraint = CODES["faults"][fault.code], fault.constraint
    if fault.code == "wrong_type":
        constraint = CODES["types"][constraint][language]
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
    return PlainResponse(
        document["status"],
        MEDIA_TYPE,
        encode_line(document),
        vary=("Accept-Language",),
        fields=tuple(fields),
    )


def asked_language() -> str:
    """Return the language that the current request prefers."""
    return language_of(request.headers.get("Accept-Language", ""))


@lru_cache(256)
def language_of(accepted: str) -> str:
    """Return the language that an Accept-Language header or a `lang` prefers."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or LANGUAGES[0]


def _limit() -> int:
    """Return how many bytes a body of the current route may have."""
    return (request.max_content_length or 0) - 1 if request else BODY_BYTES


def code_of(error: Exception, environ: Mapping[str, Any] | None = None) -> str:
    """Return the code of an error; log an unexpected one with its request."""
    match error:
        case Refusal():
            return error.code
        case db.StorageFull():
            return "storage_full"
        case db.OutcomeUnknown():
            return "unavailable"
        case HTTPException(code=int() as status) if 400 <= status < 500:
            return _HTTP.get(status, "invalid_request")
    logger.error("unexpected error", exc_info=error, extra={"environ": environ or {}})
    return "internal"


def respond(error: Exception, status: int | None = None) -> Response:
    """Return an error as Flask's response."""
    return as_flask(refuse(error, request.environ, status))


def install(app: Flask) -> None:
    """Make the app answer every error with a problem."""

    @app.errorhandler(Exception)
    def answer_error(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        return respond(error)
