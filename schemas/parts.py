"""Reads a document by a Cerberus schema part by part, so that Cerberus judges small values only.

Cerberus sorts all its errors again at each new one, and coerces a text before it checks its length.
A whole document that is made to be expensive would keep it busy for seconds. Therefore the names of
fields and the lengths of values are checked here first, and `note` may end the reading by an
exception.
"""

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from math import inf
from typing import Any, ClassVar

from cerberus import TypeDefinition, Validator, errors

from schemas.accepting import TYPES, accept_or_leave, compile_rules
from voting.faults import Path
from voting.text import piles_marks

Note = Callable[..., None]
"""Takes a fault: its path, its code and, for some codes, its constraint."""

SHRINKING = 4
"""How many characters can become one when a text is normalised (NFC, UAX #15)."""
REFUSED = object()

_INNER = ("required", "schema", "keysrules", "valuesrules")
_CODES = {
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


class RawErrors(errors.BaseErrorHandler):  # type: ignore[misc]
    """Returns the errors of Cerberus unchanged."""

    def __call__(self, found: Iterable[errors.ValidationError]) -> list[errors.ValidationError]:
        return list(found)


class CerberusValidator(Validator):  # type: ignore[misc]
    """Cerberus's validator, for which True is not an integer."""

    types_mapping: ClassVar = {
        **Validator.types_mapping,
        "integer": TypeDefinition("integer", (int,), (bool,)),
    }


class Part:
    """Reads a value by its own rules, without those of its contents."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._rules = {name: limit for name, limit in rules.items() if name not in _INNER}
        self._kind = TYPES[rules["type"]]
        self._nullable = rules.get("nullable", False)
        self._coerce: Callable[[Any], Any] | None = rules.get("coerce")
        self._longest = rules.get("maxlength", inf) * (1 if self._coerce is None else SHRINKING)
        tested = {name: limit for name, limit in self._rules.items() if name != "coerce"}
        self._fits = accept_or_leave(compile_rules, tested)
        self._mutex = threading.Lock()  # a validator keeps state while it works

    def read(self, value: Any, path: Path, note: Note) -> Any:
        """Return the parsed value, or `REFUSED` after a call of `note` with each fault."""
        if value is None and self._nullable:
            return None
        if self._is_too_long(value):
            note(path, "too_long", self._rules["maxlength"])
            return REFUSED
        if isinstance(value, str) and self._coerce is not None and piles_marks(value):
            note(path, "bad_character")
            return REFUSED
        try:
            coerced = value if self._coerce is None else self._coerce(value)
        except (ArithmeticError, ValueError):
            return self._judge(value, path, note)
        return coerced if self._fits(coerced) else self._judge(value, path, note)

    def _is_too_long(self, value: Any) -> bool:
        """Return whether a value is longer than any that fits, before it is coerced."""
        if type(value) is not self._kind or not isinstance(value, str | list | dict):
            return False
        return bool(len(value) > self._longest)

    def _judge(self, value: Any, path: Path, note: Note) -> Any:
        with self._mutex:
            validator = self._validator
            if validator.validate({"value": value}, normalize=self._coerce is not None):
                return validator.document["value"]
            found = validator.errors
        kind = self._rules["type"]
        for error in found:
            if error.code == errors.CUSTOM.code:
                note(path, error.info[0])
            else:
                null = error.code == errors.NOT_NULLABLE.code
                note(path, _CODES.get(error.code, "format"), kind if null else error.constraint)
        return REFUSED

    @cached_property
    def _validator(self) -> CerberusValidator:
        return CerberusValidator({"value": self._rules}, require_all=False, error_handler=RawErrors)


class Fields(Part):
    """Reads an object with named fields."""

    def __init__(self, rules: dict[str, Any]) -> None:
        super().__init__(rules)
        self._fields = {name: make_part(inner) for name, inner in rules["schema"].items()}
        self._required = [name for name, inner in rules["schema"].items() if inner.get("required")]

    def read(self, value: Any, path: Path, note: Note) -> Any:
        value = super().read(value, path, note)
        if not isinstance(value, dict):
            return value
        found = {}
        for name, item in value.items():
            part = self._fields.get(name)
            if part is None:
                note((*path, name), "unknown_field")
            else:
                found[name] = part.read(item, (*path, name), note)
        for name in self._required:
            if name not in value:
                note((*path, name), "required")
        return found


class Items(Part):
    """Reads a list of values with the same rules."""

    def __init__(self, rules: dict[str, Any]) -> None:
        super().__init__(rules)
        self._item = make_part(rules["schema"])

    def read(self, value: Any, path: Path, note: Note) -> Any:
        value = super().read(value, path, note)
        if not isinstance(value, list):
            return value
        return [self._item.read(item, (*path, place), note) for place, item in enumerate(value)]


class Entries(Part):
    """Reads an object whose keys have the same rules, and whose values have the same rules."""

    def __init__(self, rules: dict[str, Any]) -> None:
        super().__init__(rules)
        self._key, self._value = make_part(rules["keysrules"]), make_part(rules["valuesrules"])

    def read(self, value: Any, path: Path, note: Note) -> Any:
        value = super().read(value, path, note)
        if not isinstance(value, dict):
            return value
        return {
            self._key.read(key, (*path, key), note): self._value.read(item, (*path, key), note)
            for key, item in value.items()
        }


def make_part(rules: dict[str, Any]) -> Part:
    """Return the reader of a value with these Cerberus rules."""
    if "keysrules" in rules:
        return Entries(rules)
    if "schema" in rules:
        return (Fields if rules["type"] == "dict" else Items)(rules)
    return Part(rules)
