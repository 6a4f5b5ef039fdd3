"""Responses without Flask: what a plain function returns, and both ways to the client send.

The routes that a whole hall calls at once are plain functions. Flask's views and the lane
(`api.lane`) call the same ones; what they return is written out here, in one place for each.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Response
from werkzeug.http import parse_date, parse_etags

from voting.refusals import Stale

Fields = tuple[tuple[str, str], ...]
PRIVATE = "no-store"


class PlainResponse(NamedTuple):
    """Status, media type, bytes; `vary` and `fields` are headers beside those of every response."""

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
    content_type: str = "application/json",
    vary: tuple[str, ...] = (),
) -> PlainResponse:
    """Return 304 to a client that has what the ETag names, before any work; else what `make`
    returns. Raises `Stale`."""
    fields = (("ETag", f'"{etag}"'),)
    if client_has(environ, etag):
        return PlainResponse(304, content_type, b"", cache, vary, fields)
    return PlainResponse(200, content_type, make(), cache, vary, fields)


def client_has(environ: Mapping[str, Any], etag: str, modified_at: datetime | None = None) -> bool:
    """Tell whether a client that reads a document has this version already.

    modified_at: what Last-Modified says, of documents that have it

    Raises `Stale` where a request is for another version. Source: RFC 9110, 13.2.2
    """
    reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    has = lacks = False
    if match := environ.get("HTTP_IF_MATCH"):
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
    """Return a plain response as Flask sends it; what every response has is added by `app`."""
    response = Response(plain.body, plain.status, content_type=plain.content_type)
    response.headers["Cache-Control"] = plain.cache
    for name in plain.vary:
        response.vary.add(name)
    response.headers.extend(plain.fields)
    return response


def as_wsgi(plain: PlainResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return a plain response as WSGI apps send it: status, headers and body."""
    headers = [
        ("Content-Type", plain.content_type),
        ("Cache-Control", plain.cache),
        ("Vary", ", ".join((*plain.vary, "Origin"))),
        *plain.fields,
    ]
    return status_of(plain.status), headers, plain.body


@cache
def status_of(code: int) -> str:
    """Return a status line's end: code and reason."""
    return f"{code} {HTTPStatus(code).phrase}"


def head_of(plain: PlainResponse, more: str) -> str:
    """Return the lines of a plain response's headers; `more`: lines of every response."""
    content_type = "" if plain.status == 304 else plain.content_type  # RFC 9110, 15.4.5
    head = _common(content_type, plain.cache, plain.vary)
    own = "".join([f"{name}: {value}\r\n" for name, value in plain.fields]) if plain.fields else ""
    return f"{head}{own}{more}"


@lru_cache(256)
def _common(content_type: str, cache: str, vary: tuple[str, ...]) -> str:
    typed = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"{typed}Cache-Control: {cache}\r\nVary: {', '.join((*vary, 'Origin'))}\r\n"
