"""Responses of Flask: caching, preconditions, files and compression."""

import gzip
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import Response, request, send_from_directory
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from api.plain import JSON, client_has
from voting.refusals import Stale

PRECONDITIONS = (
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
)


def keep_private(answer: Response) -> Response:
    """Forbid caches to store a response that doesn't allow it."""
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.add("Origin")  # also where none came: a cache may keep it for one that does
    return answer


def send_file(folder: Path, name: str, max_age: int) -> Response:
    """Return a file, the requested parts of it, or 304 if the client has this version.

    Raises `NotFound` of Werkzeug, `Stale` or `RequestedRangeNotSatisfiable`.
    """
    answer = send_from_directory(folder, name, conditional=False, max_age=max_age)
    environ, length = request.environ, answer.content_length
    try:
        if client_has(environ, str(answer.get_etag()[0]), answer.last_modified):
            answer.status_code = 304
        else:
            decided = {name: value for name, value in environ.items() if name not in PRECONDITIONS}
            answer.make_conditional(decided, accept_ranges=True, complete_length=length)
    except (RequestedRangeNotSatisfiable, Stale):
        answer.close()
        raise
    return answer


def download(document: bytes | Iterable[bytes], name: str) -> Response:
    """Return a JSON document as a file to save."""
    answer = Response(document, mimetype=JSON)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer


@lru_cache(64)
def compress(data: bytes) -> bytes:
    """Compress bytes with gzip. Many clients request the same few files, so results are cached."""
    return gzip.compress(data, mtime=0)
