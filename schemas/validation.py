"""Turns bytes and forms into documents that fit a Cerberus schema, or into a list of faults.

A fault is data: which field, which code, which constraint. Wording is elsewhere.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

from cerberus import TypeDefinition, Validator, errors

from schemas.accepting import Test, compile_test
from schemas.refusals import Refusal

NESTING = 20

_CODES = {
    errors.REQUIRED_FIELD.code: "required",
    errors.UNKNOWN_FIELD.code: "unknown_field",
    errors.EMPTY_NOT_ALLOWED.code: "empty",
    errors.NOT_NULLABLE.code: "wrong_type",
    errors.BAD_TYPE.code: "wrong_type",
    errors.REGEX_MISMATCH.code: "format",
    errors.MIN_LENGTH.code: "too_short",
    errors.MAX_LENGTH.code: "too_long",
    errors.MIN_VALUE.code: "too_small",
    errors.MAX_VALUE.code: "too_large",
    errors.UNALLOWED_VALUE.code: "not_allowed",
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what a client said: `field` is a dotted path, "" the whole."""

    field: str
    code: str
    constraint: Any = None


class Invalid(Refusal):
    """What a client said does not fit; every fault is named."""

    code = "invalid_request"

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.args = self.faults = faults


class _Validator(Validator):  # type: ignore[misc]
    types_mapping: ClassVar = {
        **Validator.types_mapping,
        "integer": TypeDefinition("integer", (int,), (bool,)),
    }


class Schema:
    """A Cerberus schema; `coerces` tells whether parsing changes values (slower).

    Of the fields `exactly_one` there has to be one, and not two.
    """

    def __init__(
        self,
        definition: dict[str, Any],
        *,
        coerces: bool = False,
        exactly_one: tuple[str, ...] = (),
    ) -> None:
        self.definition = definition
        self.exactly_one = exactly_one
        self._coerces = coerces
        self.validator = _Validator(definition, require_all=False)
        self._accepts = _refuse_all if coerces else _compile(definition)
        self._mutex = threading.Lock()  # a validator keeps state while it works

    def parse(self, document: object, *, ignore_unknown: bool = False) -> dict[str, Any]:
        """Return the document as the schema has it. Raises `Invalid` naming every fault."""
        if not isinstance(document, dict):
            raise Invalid(Fault("", "wrong_type", "object"))
        parsed = document if self._accepts(document) else self._judge(document, ignore_unknown)
        if self.exactly_one and len(parsed.keys() & self.exactly_one) != 1:
            raise Invalid(Fault(self.exactly_one[0], "required"))
        return parsed

    def _judge(self, document: dict[str, Any], ignore_unknown: bool) -> dict[str, Any]:
        with self._mutex:
            validator = self.validator
            validator.allow_unknown = False
            validator.purge_unknown = ignore_unknown
            if not validator.validate(document, normalize=self._coerces):
                raise Invalid(*_faults(validator._errors))
            return validator.document  # type: ignore[no-any-return]


def _compile(definition: dict[str, Any]) -> Test:
    try:
        return compile_test(definition)
    except (LookupError, TypeError):  # a rule that only Cerberus knows
        return _refuse_all


def _refuse_all(_document: object) -> bool:
    return False


def parse_json(raw: bytes) -> Any:
    """Return the JSON value of a body.

    Raises `Invalid` for what is no JSON, NaN, nesting beyond 20, NUL and lone surrogates.
    """
    try:
        value = _decoder.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Invalid(Fault("", "not_json")) from error
    # the walk is only for bodies that could hold what it looks for
    if b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > NESTING:
        check_value(value)
    return value


def read_time(text: object) -> object:
    """Return an RFC 3339 time as a time; anything else as it is, for the type to refuse."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return text
    return text if time is None or time.tzinfo is None else time.astimezone(UTC)


def check_value(value: Any) -> None:
    """Refuse NUL, lone surrogates and nesting beyond 20 in a JSON value. Raises `Invalid`."""
    faults = tuple(_find_bad(value, "", 0))
    if faults:
        raise Invalid(*faults)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def _find_bad(value: Any, path: str, depth: int) -> Iterator[Fault]:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            yield Fault(path, "bad_character")
        return
    if depth == NESTING and isinstance(value, dict | list):
        yield Fault(path, "too_deep", NESTING)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            bad = list(_find_bad(key, path, depth + 1))
            yield from bad or _find_bad(item, _join(path, key), depth + 1)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _find_bad(item, _join(path, position), depth + 1)


def _join(path: str, step: object) -> str:
    return f"{path}.{step}" if path else str(step)


def _faults(found: list[errors.ValidationError]) -> Iterator[Fault]:
    for error in found:
        if error.child_errors:
            yield from _faults(error.child_errors)
            continue
        field = ".".join(str(step) for step in error.document_path)
        if error.code == errors.CUSTOM.code:
            yield Fault(field, error.info[0])
        else:
            constraint = "string" if error.code == errors.NOT_NULLABLE.code else error.constraint
            yield Fault(field, _CODES.get(error.code, "format"), constraint)
