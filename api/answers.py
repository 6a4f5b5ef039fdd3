"""Answers as they leave: what every one says of itself, and those that are ready as they are."""

import gzip
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from flask import Response
from werkzeug.datastructures import Headers

_PRIVATE = (
    ("Cache-Control", "no-store"),
    ("Vary", "Origin"),
)


class _Known(Headers):
    """Header fields that need no look: they are the server's own."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._list = list(fields)

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        return self._list


@lru_cache
def _alike(status: int) -> dict[str, Any]:
    """Return what all answers of a status have in common."""
    return vars(Response(status=status))


class Ready(Response):
    """A small answer whose bytes and headers are known: none is worked out when it is sent."""

    def __init__(self, text: str, status: int, content_type: str) -> None:
        body = text.encode()
        length = ("Content-Length", str(len(body)))
        vars(self).update(_alike(status))
        self.headers = _Known((("Content-Type", content_type), length, *_PRIVATE))
        self.response, self._on_close = [body], []

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.response  # type: ignore[return-value]


def keep_private(answer: Response) -> Response:
    """Let nobody keep an answer that doesn't say otherwise."""
    if isinstance(answer, Ready):
        return answer
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.add("Origin")  # also where none came: a cache may keep it for one that does
    return answer


@lru_cache(64)
def compress(data: bytes) -> bytes:
    """Return bytes under gzip. Many ask for the same few files at once: each is compressed once."""
    return gzip.compress(data, mtime=0)
