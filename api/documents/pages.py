"""The documents over HTTP, and the reference page, which loads nothing from other hosts."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from api.answers import compress, send_file
from api.documents.asyncapi import asyncapi_document
from api.documents.openapi import openapi_document
from api.documents.reference import reference_page
from api.operations import FILE_REFUSES, answers
from api.plain import as_flask
from api.results import TaggedBody
from api.services import NAME
from voting.refusals import NotFound

HERE = Path(__file__).parent
FILES = ("reference.css", "reference.js")
CACHE = "public, max-age=60"
POLICY = "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"

documents = Blueprint("documents", __name__)


@documents.get("/openapi.json")
@answers(dict[str, Any], to="all", etag=True, any_query=True)
def get_openapi() -> Response:
    """Return every route with its requests and responses (OpenAPI 3.1)."""
    return _send(_openapi(_present_app()))


@documents.get("/asyncapi.json")
@answers(dict[str, Any], to="all", etag=True, any_query=True)
def get_asyncapi() -> Response:
    """Return every Socket.IO event in both directions (AsyncAPI 3.0)."""
    return _send(_asyncapi())


@documents.get("/docs")
@answers("text/html", to="all", etag=True, any_query=True)
def get_docs() -> Response:
    """Return a page with every route, event and schema, and a form to try each route."""
    answer = _send(_reference(_present_app()))
    answer.mimetype = "text/html"
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@documents.get("/docs/<name>")
@answers({200: "*/*", 206: "*/*"}, to="all", refuses=FILE_REFUSES, etag=True, any_query=True)
def get_docs_file(name: str) -> Response:
    """Return a file of that page."""
    if name not in FILES:
        raise NotFound
    return send_file(HERE, name, 60)


def _present_app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def _send(document: TaggedBody) -> Response:
    """Send a document, compressed if the client accepts gzip; each form has its own ETag."""
    gzipped = bool(request.accept_encodings["gzip"])
    if gzipped:
        document = TaggedBody(compress(document.body), f"{document.etag}-gzip")
    answer = as_flask(document.response(request.environ, CACHE))
    answer.vary.add("Accept-Encoding")
    if gzipped:
        answer.content_encoding = "gzip"
    return answer


@lru_cache(1)
def _openapi(app: Flask) -> TaggedBody:
    """Make the document only once, because routes don't change."""
    return _tagged(_json(_document(app)))


@lru_cache(1)
def _asyncapi() -> TaggedBody:
    return _tagged(_json(asyncapi_document()))


@lru_cache(1)
def _reference(app: Flask) -> TaggedBody:
    return _tagged(reference_page(_document(app), asyncapi_document()))


def _document(app: Flask) -> dict[str, Any]:
    """Return the document, with the shortest password that the server's setting allows."""
    document = openapi_document(app)
    for name in ("SignupBody", "ResetBody", "MeBody"):
        password = document["components"]["schemas"][name]["properties"]["password"]
        password["minLength"] = app.extensions[NAME].password_min
    return document


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _tagged(text: str) -> TaggedBody:
    body = text.encode()
    return TaggedBody(body, sha256(body).hexdigest()[:16])
