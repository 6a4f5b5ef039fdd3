"""The documents over HTTP, and Swagger UI, which shows one of them and asks no other host."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Blueprint, Flask, Response, current_app, send_from_directory

from api.documents.asyncapi import asyncapi_document
from api.documents.openapi import openapi_document
from api.documents.operations import FILE_REFUSES, answers
from api.results import Page
from schemas.refusals import NotFound

HERE = Path(__file__).parent
DIST = Path(flask_swagger_ui.__file__).parent / "dist"
FILES = {
    **dict.fromkeys(("start.js", "docs.css"), HERE),
    **dict.fromkeys(("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"), DIST),
}
CACHE = "public, max-age=60"
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
"""The web app's, and the icons that Swagger UI's style sheet holds."""

documents = Blueprint("documents", __name__)


@documents.get("/openapi.json")
@answers(dict[str, Any], to="all", etag=True)
def get_openapi() -> Response:
    """Tell every route, what it asks and what it answers (OpenAPI 3.1)."""
    return _openapi(current_app._get_current_object()).answer(CACHE)  # type: ignore[attr-defined]


@documents.get("/asyncapi.json")
@answers(dict[str, Any], to="all", etag=True)
def get_asyncapi() -> Response:
    """Tell every event of Socket.IO in both directions (AsyncAPI 3.0)."""
    return _asyncapi().answer(CACHE)


@documents.get("/docs")
@answers({200: "text/html", 206: "text/html"}, to="all", refuses=FILE_REFUSES, etag=True)
def get_docs() -> Response:
    """Show the API to people (Swagger UI)."""
    answer = send_from_directory(HERE, "docs.html", max_age=0)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@documents.get("/docs/<name>")
@answers({200: "*/*", 206: "*/*"}, to="all", refuses=FILE_REFUSES, etag=True)
def get_docs_file(name: str) -> Response:
    """A file of that page's."""
    if name not in FILES:
        raise NotFound
    return send_from_directory(FILES[name], name, max_age=86_400)


@lru_cache(1)
def _openapi(app: Flask) -> Page:
    """Make the document once: routes don't change."""
    return _page(openapi_document(app))


@lru_cache(1)
def _asyncapi() -> Page:
    return _page(asyncapi_document())


def _page(document: dict[str, Any]) -> Page:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Page(body + b"\n", sha256(body).hexdigest()[:16])
