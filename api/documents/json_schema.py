"""Turns Cerberus schemas and Python types into JSON Schema (2020-12), and only that."""

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from api.jsons import Time
from schemas.strings import check_line, read_email, read_line, read_text
from schemas.validation import Schema
from voting.text import tidy

Json = dict[str, Any]

_SCALARS: dict[Any, Json] = {
    Any: {},
    types.NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    Time: {"type": "string", "format": "date-time"},
}
_SIZES = {"string": "Length", "list": "Items", "dict": "Properties"}
_TRIMMED = (tidy, read_line, read_text, read_email)
_KINDS = {"list": "array", "dict": "object", "datetime": "string"}


class Components:
    """The named schemas of a document, collected as they are referred to."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self.schemas: dict[str, Json] = {}
        self._names = names
        self._described: dict[str, Any] = {}

    def of(self, described: Any) -> Json:
        """Return the JSON Schema of a Cerberus schema, of a field's rules, or of a type.

        Named ones are returned as a reference.
        """
        if isinstance(described, Schema):
            name = self._names[id(described)]
            return self._refer(name, described, lambda: schema_of_body(described))
        if isinstance(described, dict):
            return schema_of_rules(described)
        return self._of_type(described)

    def _of_type(self, kind: Any) -> Json:
        inner = get_args(kind)
        match get_origin(kind) or kind:
            case scalar if scalar in _SCALARS:
                return dict(_SCALARS[scalar])
            case form if form is Literal:
                return {"enum": list(inner)} if len(inner) > 1 else {"const": inner[0]}
            case form if form in (Union, types.UnionType):
                return _join([self._of_type(each) for each in inner])
            case form if form in (list, tuple):
                return {"type": "array", "items": self._of_type(inner[0])}
            case form if form is dict:
                return {"type": "object", "additionalProperties": self._of_type(inner[1])}
            case named:
                name = "".join(map(_name_of, (*inner, named)))
                return self._refer(name, kind, lambda: self._members(named, inner))

    def _refer(self, name: str, described: Any, make: Callable[[], Json]) -> Json:
        if self._described.setdefault(name, described) != described:
            raise ValueError(f"two different shapes are called {name}")
        if name not in self.schemas:
            self.schemas[name] = {}  # a type may hold itself
            self.schemas[name] = make()
        return {"$ref": f"#/components/schemas/{name}"}

    def _members(self, kind: Any, inner: tuple[Any, ...]) -> Json:
        hints = get_type_hints(kind)
        if dataclasses.is_dataclass(kind):
            required = [each.name for each in dataclasses.fields(kind) if not _is_private(each)]
            hints = {name: hints[name] for name in required}
        else:
            required = [name for name in hints if name in kind.__required_keys__]
        of = dict(zip(getattr(kind, "__parameters__", ()), inner, strict=False))
        properties = {name: self._of_type(_fill(hint, of)) for name, hint in hints.items()}
        summary = (kind.__doc__ or "").partition("\n\n")[0]
        return {
            "type": "object",
            "description": " ".join(summary.split()),
            "properties": properties,
            **({"required": required} if required else {}),
        }


def schema_of_body(body: Schema) -> Json:
    """Return the JSON Schema of a body that clients may send."""
    document = schema_of_fields(body.definition)
    if body.exactly_one:
        document["oneOf"] = [{"required": [name]} for name in body.exactly_one]
    return document | body.meta


def schema_of_fields(fields: Mapping[str, Mapping[str, Any]]) -> Json:
    """Return the JSON Schema of a Cerberus schema of an object."""
    required = [name for name, rules in fields.items() if rules.get("required")]
    return {
        "type": "object",
        "properties": {name: schema_of_rules(rules) for name, rules in fields.items()},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def schema_of_rules(rules: Mapping[str, Any]) -> Json:
    """Return the JSON Schema of a field's Cerberus rules. `meta` has what rules can't express."""
    kind = rules["type"]
    document: Json = {"type": _KINDS.get(kind, kind)}
    if kind == "datetime":
        document["format"] = "date-time"
    if kind == "string" and "allowed" not in rules:
        document["pattern"] = _pattern(rules)
    if rules.get("check_with") is check_line:
        document["format"] = "line"
    bounds = rules if rules.get("empty", True) else {"minlength": 1, **rules}
    size = _SIZES.get(kind, "")
    for rule, keyword in (
        ("minlength", f"min{size}"),
        ("maxlength", f"max{size}"),
        ("min", "minimum"),
        ("max", "maximum"),
    ):
        if rule in bounds:
            document[keyword] = bounds[rule]
    if kind == "list" and "schema" in rules:
        document["items"] = schema_of_rules(rules["schema"])
    if kind == "dict" and "schema" in rules:
        document |= schema_of_fields(rules["schema"])
    if "keysrules" in rules:
        document["propertyNames"] = schema_of_rules(rules["keysrules"])
        document["additionalProperties"] = schema_of_rules(rules["valuesrules"])
    if "allowed" in rules:
        document["enum"] = list(rules["allowed"])
    document |= rules.get("meta", {})
    if rules.get("nullable"):
        document["type"] = [document["type"], "null"]
        if "enum" in document:
            document["enum"].append(None)
    return document


def _pattern(rules: Mapping[str, Any]) -> str:
    """Return the pattern of a text: no NUL, and not only spaces if it is trimmed and required."""
    around = r"\s*" if rules.get("coerce") in _TRIMMED else ""
    if "regex" in rules:
        return f"^{around}{rules['regex'].removesuffix(chr(92) + 'Z')}{around}$"
    if rules.get("empty", True):
        return r"^[^\x00]*$"
    return r"^[^\x00]*[^\s\x00][^\x00]*$" if around else r"^[^\x00]+$"


def _join(schemas: list[Json]) -> Json:
    if all(set(each) == {"type"} for each in schemas):
        return {"type": [each["type"] for each in schemas]}
    return {"anyOf": schemas}


def _name_of(kind: Any) -> str:
    """Return the name of a type in the documents: a `RoundDocument` is a `Round`."""
    return str(kind.__name__).removesuffix("Document")


def _fill(hint: Any, given: Mapping[Any, Any]) -> Any:
    """Return a hint with the arguments of a generic type."""
    if isinstance(hint, TypeVar):
        return given[hint]
    arguments = getattr(hint, "__parameters__", ())
    return hint[tuple(given[each] for each in arguments)] if arguments else hint


def _is_private(field: "dataclasses.Field[Any]") -> bool:
    return bool(field.metadata.get("private"))
