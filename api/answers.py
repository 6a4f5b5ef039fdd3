"""Answers as they leave: what every one says of itself."""

import gzip
from functools import lru_cache

from flask import Response


def keep_private(answer: Response) -> Response:
    """Let nobody keep an answer that doesn't say otherwise."""
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.vary.add("Origin")  # also where none came: a cache may keep it for one that does
    return answer


@lru_cache(64)
def compress(data: bytes) -> bytes:
    """Return bytes under gzip. Many ask for the same few files at once: each is compressed once."""
    return gzip.compress(data, mtime=0)
