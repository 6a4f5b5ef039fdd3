"""Canonical JSON (RFC 8785), for values without floats: what is hashed has one form only."""

from __future__ import annotations

import json
from typing import Any

SAFE_INTEGER = 2**53 - 1


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value without floats (RFC 8785).

    Raises `ValueError` for floats, integers beyond 2**53 - 1 and lone surrogates, whose form
    differs between readers of JSON, and for what is no JSON.
    """
    ordered = _order(value)
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def _order(value: Any) -> Any:
    """Return a value with its keys in the order of their UTF-16 code units (RFC 8785, 3.2.3)."""
    match value:
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a key is no string")
            keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return {key: _order(value[key]) for key in keys}
        case list() | tuple():
            return [_order(item) for item in value]
        case None | bool() | str():
            return value
        case int() if abs(value) <= SAFE_INTEGER:
            return value
    raise ValueError(f"{value!r} has no canonical form here")
