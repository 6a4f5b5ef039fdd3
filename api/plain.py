"""Responses without Flask: the type that plain functions return, and how it is sent.

The routes that a whole hall calls at once are plain functions. Flask's views and the lane
(`api.lane`) call the same ones. This module turns their responses into Flask's, WSGI's, or bytes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response
from werkzeug.http import generate_etag, parse_date, parse_etags

from api.edge import security_headers
from api.jsons import encode_line
from voting.refusals import Stale

Fields = tuple[tuple[str, str], ...]
PRIVATE = "no-store"
JSON = "application/json"
CACHE, VARY = "private, no-cache", ("Authorization",)
"""The headers of a document that a client may keep, but must check for a newer version."""


class PlainResponse(msgspec.Struct, frozen=True):
    """Status, media type and body; `vary` and `fields` are headers that not every response has."""

    status: int
    content_type: str
    body: bytes
    cache: str = PRIVATE
    vary: tuple[str, ...] = ()
    fields: Fields = ()


def conditional(
    environ: dict[str, Any],
    etag: str,
    make: Callable[[], bytes],
    cache: str,
    *,
    content_type: str = JSON,
    vary: tuple[str, ...] = (),
) -> PlainResponse:
    """Return 304 if the client has the version that the ETag names, otherwise what `make` returns.

    Raises `Stale`.
    """
    fields = (("ETag", f'"{etag}"'),)
    if client_has(environ, etag):
        return PlainResponse(304, content_type, b"", cache, vary, fields)
    return PlainResponse(200, content_type, make(), cache, vary, fields)


def json_response(document: Any) -> PlainResponse:
    """Return a document as a response that must not be stored."""
    return PlainResponse(200, JSON, encode_line(document))


def conditional_json(environ: dict[str, Any], document: Any) -> PlainResponse:
    """Return a document with its ETag, or 304 if the client has it. Raises `Stale`."""
    body = encode_line(document)
    return conditional(environ, generate_etag(body), lambda: body, CACHE, vary=VARY)


def etag_of(document: Any) -> str:
    """Return the ETag that a document has in a response."""
    return generate_etag(encode_line(document))


def client_has(environ: Mapping[str, Any], etag: str, modified_at: datetime | None = None) -> bool:
    """Return whether a client that reads a document has this version already.

    modified_at: Last-Modified, if the document has it

    Raises `Stale` if a precondition of the request fails. Source: RFC 9110, 13.2.2
    """
    reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    has = lacks = False
    match = environ.get("HTTP_IF_MATCH")
    if match is not None:  # an empty one names no version, so none matches
        tags = parse_etags(match)
        lacks = not tags.star_tag and not tags.is_strong(etag)
    elif modified_at and (since := parse_date(environ.get("HTTP_IF_UNMODIFIED_SINCE"))):
        lacks = modified_at > since
    if none_match := environ.get("HTTP_IF_NONE_MATCH"):
        has = parse_etags(none_match).contains_weak(etag)
    elif modified_at and reads and (since := parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))):
        has = modified_at <= since
    if lacks or (has and not reads):
        raise Stale
    return has


def as_flask(plain: PlainResponse) -> Response:
    """Return a plain response as Flask's. The app adds the headers that every response has."""
    response = Response(plain.body, plain.status, content_type=plain.content_type)
    response.headers["Cache-Control"] = plain.cache
    for name in plain.vary:
        response.vary.add(name)
    response.headers.extend(plain.fields)
    return response


def as_wsgi(
    plain: PlainResponse, environ: dict[str, Any]
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return a plain response to a request for WSGI: status, headers and body, none for HEAD."""
    headers = [
        ("Content-Type", plain.content_type),
        ("Cache-Control", plain.cache),
        ("Vary", ", ".join((*plain.vary, "Origin"))),
        *plain.fields,
    ]
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else plain.body
    return status_of(plain.status), headers, body


@cache
def status_of(code: int) -> str:
    """Return the code and reason of a status line."""
    return f"{code} {HTTPStatus(code).phrase}"


def format_headers(plain: PlainResponse, scheme: str, more: str = "") -> str:
    """Return all header lines of a plain response: its own, those of every response, `more`."""
    content_type = "" if plain.status == 304 else plain.content_type  # RFC 9110, 15.4.5
    common = _format_common(content_type, plain.cache, plain.vary, scheme)
    own = "".join([f"{name}: {value}\r\n" for name, value in plain.fields]) if plain.fields else ""
    return f"{common}{own}{more}"


@lru_cache(256)
def _format_common(content_type: str, cache: str, vary: tuple[str, ...], scheme: str) -> str:
    fields = [
        *([("Content-Type", content_type)] if content_type else []),
        ("Cache-Control", cache),
        ("Vary", ", ".join((*vary, "Origin"))),
        *security_headers(scheme),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in fields)
