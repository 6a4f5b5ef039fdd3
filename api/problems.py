"""Refusals told to clients: any layer's error as one of the codes in `codes.json`.

The same object goes over HTTP (RFC 9457) and into socket acks. An error that nobody foresaw is
logged and told as `internal`, without its text.
"""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

import db
from api import jsons
from api.edge import present_id
from schemas.refusals import Refusal
from schemas.validation import FAULTS, Invalid, shorten

logger = logging.getLogger(__name__)

CODES = json.loads((Path(__file__).parent / "codes.json").read_text("utf-8"))
LANGUAGES = ("en", "ko")
BODY_BYTES = 64 << 10

_HTTP = {  # any other fault of a request is `invalid_request`
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


def problem_document(error: Exception, language: str, status: int | None = None) -> dict[str, Any]:
    """Return what is told of an error, worded in `en` or `ko`; `status` None: its code's own."""
    code = code_of(error)
    told = error.told if isinstance(error, Refusal) else {}
    entry = CODES["problems"][code]
    status = status or entry["status"]
    words = CODES["variants"].get(error.words, entry) if isinstance(error, Refusal) else entry
    document = {
        "type": f"urn:rollcall:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": words[language].format(limit=_limit(), **told),
        **told,
    }
    if isinstance(error, Invalid):
        document["errors"] = [
            {
                "field": shorten(fault.field),
                "code": fault.code,
                "detail": CODES["faults"][fault.code][language].format(constraint=fault.constraint),
            }
            for fault in error.faults[:FAULTS]
        ]
        if len(error.faults) > FAULTS:
            document["more"] = True
    if code == "internal" and (request_id := present_id()):
        document["request_id"] = request_id  # so that who was told can say which it was
    return document


def refuse(
    error: Exception, environ: Mapping[str, Any]
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status, headers and body of an answer where there is no Flask."""
    accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    language = "ko" if accepted.lower().startswith("ko") else "en"
    document = problem_document(error, language)
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Language", language),
        ("Cache-Control", "no-store"),
    ]
    if "retry_after" in document:
        headers.append(("Retry-After", str(document["retry_after"])))
    return f"{document['status']} {document['title']}", headers, jsons.dumps(document).encode()


def _limit() -> int:
    """Return how many bytes the present route takes."""
    return (request.max_content_length or 0) - 1 if request else BODY_BYTES


def code_of(error: Exception) -> str:
    """Return the code of an error; log one that nobody foresaw."""
    match error:
        case Refusal():
            return error.code
        case db.StorageFull():
            return "storage_full"
        case db.OutcomeUnknown():
            return "unavailable"
        case HTTPException(code=int() as status) if 400 <= status < 500:
            return _HTTP.get(status, "invalid_request")
    logger.error("unforeseen error", exc_info=error)
    return "internal"


def respond(error: Exception, status: int | None = None) -> Response:
    """Return an error as an HTTP answer."""
    language = request.accept_languages.best_match(LANGUAGES) or "en"
    document = problem_document(error, language, status)
    answer = jsonify(document)
    answer.status_code = document["status"]
    answer.mimetype = "application/problem+json"
    answer.content_language.add(language)
    answer.vary.add("Accept-Language")
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in document:
        answer.headers["Retry-After"] = str(document["retry_after"])
    if isinstance(error, HTTPException):
        answer.headers.update((key, value) for key, value in error.get_headers() if key == "Allow")
    return answer


def install(app: Flask) -> None:
    """Let every error of a request be answered as a problem."""

    @app.errorhandler(Exception)
    def tell(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        return respond(error)
