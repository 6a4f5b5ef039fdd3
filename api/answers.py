"""Answers as they leave: what every one says of itself, and those that are ready as they are."""

from collections.abc import Callable, Iterable
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


class Ready(Response):
    """A small answer whose bytes and headers are known: none is worked out when it is sent."""

    def __init__(self, text: str, status: int, content_type: str) -> None:
        body = text.encode()
        length = ("Content-Length", str(len(body)))
        super().__init__(
            [body], status, _Known((("Content-Type", content_type), length, *_PRIVATE))
        )

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
