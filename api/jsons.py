"""JSON as clients read it: UTF-8 with Hangul unescaped, times RFC 3339 in UTC with milliseconds."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

from flask.json.provider import JSONProvider

from db.journal.format import compact_encoder


def iso(time: datetime) -> str:
    """Return a time as clients read it."""
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(value)
            if not field.metadata.get("private")
        }
    raise TypeError(f"{type(value).__name__} is not for clients")


_encode = compact_encoder(_default, allow_nan=True)


def dumps(value: Any, **_options: Any) -> str:
    """Return a value as JSON; dataclasses are objects of their fields."""
    return _encode(value)


class Provider(JSONProvider):
    """The same for Flask's answers, which end a line."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        return dumps(obj) + "\n"

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return json.loads(s)


loads = json.loads
