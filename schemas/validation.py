"""Turns bytes and forms into documents that fit a Cerberus schema, or into a list of faults.

A fault is data: field, code and constraint. Other modules word it. Refusing a document costs no
more than accepting one: reading ends soon after the last fault that is sent to the client.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from schemas.accepting import accept_or_leave, compile_test
from schemas.parts import Fields
from voting.faults import Fault, Faults, Invalid, Path

NESTING = 20


class Schema:
    """A Cerberus schema.

    exactly_one: a document must have exactly one of these fields
    meta: further requirements of the rules that read the document, as JSON Schema
    """

    def __init__(
        self,
        definition: dict[str, Any],
        *,
        exactly_one: tuple[str, ...] = (),
        meta: dict[str, Any] | None = None,
    ) -> None:
        self.definition = definition
        self.exactly_one = exactly_one
        self.meta = meta or {}
        self._accepts = accept_or_leave(compile_test, definition)
        self._whole = Fields({"type": "dict", "schema": definition})

    def parse(self, document: object, *, ignore_unknown: bool = False) -> dict[str, Any]:
        """Return the parsed document. Raises `Invalid` with the faults."""
        if not isinstance(document, dict):
            raise Invalid(Fault("", "wrong_type", "object"))
        if ignore_unknown:
            document = {name: document[name] for name in self.definition if name in document}
        parsed = document if self._accepts(document) else self._read(document)
        if self.exactly_one and len(parsed.keys() & self.exactly_one) != 1:
            raise Invalid(Fault(self.exactly_one[0], "required"))
        return parsed

    def _read(self, document: dict[str, Any]) -> dict[str, Any]:
        faults = Faults()
        parsed: dict[str, Any] = self._whole.read(document, (), faults.note)
        faults.check()
        return parsed


def parse_json(raw: bytes) -> Any:
    """Return the JSON value of a body.

    Raises `Invalid` for malformed JSON, NaN, nesting beyond 20, NUL, lone surrogates and duplicate
    keys.
    """
    try:
        value = _decode(raw)
    except RecursionError as error:
        raise Invalid(Fault("", "not_json")) from error
    except ValueError:
        value = _decode_with_care(raw)
    # each walk is made only if the body could contain what it searches
    if b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > NESTING:
        check_value(value)
    # each key has one colon: there are more if a key is duplicate, or a text has colons
    if (colons := raw.count(b":")) > 1 and colons != _count_keys(value):
        check_value(load_marked(raw.decode()))
    return value


def _count_keys(value: Any) -> int:
    kind, count = type(value), 0
    if kind is dict:
        count, value = len(value), value.values()
    elif kind is not list:
        return 0
    for each in value:
        if type(each) is dict or type(each) is list:
            count += _count_keys(each)
    return count


class Repeated(dict[str, Any]):
    """An object with a duplicate key. `check_value` refuses it."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        last = {key: position for position, key in enumerate(keys)}
        self.key = next(key for position, key in enumerate(keys) if last[key] != position)


def _mark(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else Repeated(pairs)


_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def read_time(text: object) -> object:
    """Return the time of an RFC 3339 text. Other values are returned unchanged; the type refuses
    them.

    Python alone would accept all of ISO 8601, such as weeks. Leap seconds are refused.
    """
    if not isinstance(text, str) or len(text) > 40 or not _TIME.fullmatch(text):
        return text
    try:
        time = datetime.fromisoformat(text.upper())
        return time.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC its year would be 0 or 10000
        return text


def check_value(value: Any) -> None:
    """Refuse NUL, lone surrogates, `Repeated` objects and nesting beyond 20 in a JSON value.

    Raises `Invalid`.
    """
    faults = Faults()
    _check(enumerate([value]), (), 0, faults)
    faults.check()


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decode = msgspec.json.Decoder().decode
_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
load_marked = json.JSONDecoder(object_pairs_hook=_mark).decode
"""Returns a JSON value in which objects with a duplicate key are `Repeated`."""
_AGAIN = object()


def _decode_with_care(raw: bytes) -> Any:
    """Decode JSON that msgspec refuses. Python accepts lone surrogates and infinite numbers, so
    that `check_value` and the schema can name their places."""
    try:
        return _decoder.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Invalid(Fault("", "not_json")) from error


_holds_no_text = re.compile("[\0\ud800-\udfff]").search


def _check(items: Iterable[tuple[object, Any]], place: Path, depth: int, faults: Faults) -> None:
    """Check the items of a container. The top value is in a list.

    place: the place of the container around it, and its key there; cheaper to make than a path
    """
    for key, item in items:
        if isinstance(key, str) and _holds_no_text(key):
            faults.note(_path(place), "bad_character")
            continue
        kind = type(item)
        if kind is str:
            if _holds_no_text(item):
                faults.note(_path((place, key)), "bad_character")
        elif kind is dict or kind is list:
            if depth == NESTING:
                faults.note(_path((place, key)), "too_deep", NESTING)
            else:
                inner = item.items() if kind is dict else enumerate(item)
                _check(inner, (place, key), depth + 1, faults)
        elif kind is Repeated:
            _check([(item.key, _AGAIN)], (place, key), depth, faults)
        elif item is _AGAIN:
            faults.note(_path((place, key)), "duplicate")


def _path(place: Any) -> Path:
    steps: list[object] = []
    while place:
        place, step = place
        steps.append(step)
    return tuple(reversed(steps[:-1]))
