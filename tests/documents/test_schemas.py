"""What the documents call valid the server takes, and what they call invalid it refuses."""

import copy
from datetime import datetime
from typing import Any, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend

from api.documents.json_schema import Components, schema_of_body
from api.documents.openapi import MODULES
from api.jsons import Time
from schemas.rooms import ZONES
from schemas.strings import is_email, is_line, read_email, read_line
from schemas.validation import Schema, check_value, read_time
from tests.conformance import address, openapi
from tests.examples import examples
from tests.http.hall import Hall
from voting.faults import Invalid

SCHEMAS = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, Schema)
}
LENGTHS = (0, 1, 7, 8, 36, 37, 40, 41, 64, 65, 80, 81, 128, 129, 200, 201, 254, 255, 500, 501)
INTEGERS = (-(10**30), -1, 0, 1, 2, 5, 100, 101, 200, 201, 1440, 1441, 10_000, 10_001, 10**30)
TEXTS = (
    "",
    " ",
    "a\0b",
    "\ud800",
    "\0",
    "a@b",
    "a @b",
    "@",
    " a@b ",
    "a@b\u202e",
    "\u200b",
    "a\u2060b",
    "a\x1b[2Jb",
    "mailto:a@b",
    "roll",
    "UTC",
    "Asia/Nowhere",
)
TIMES = ("2036-11-20T09:00:00+09:00", "2036-11-20T09:00:00", "2036-13-20T09:00:00Z", "now")
ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(INTEGERS),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((*TEXTS, *TIMES)),
    st.builds(lambda size: "가" * size, st.sampled_from(LENGTHS)),
    st.sampled_from(([], {}, [[]], {"": None}, [None], ["a"], [True], {"1": True}, {"x": 1})),
)
TOGETHER = {("quorum", "format")}
"""A share of more than all: no schema says that."""


def _is_line(text: str) -> bool:
    line = str(read_line(text))
    return bool(line) and is_line(line)


formats = FormatChecker(formats=())
formats.checks("date-time")(lambda text: isinstance(read_time(text), datetime | int | None))
formats.checks("line")(lambda text: not isinstance(text, str) or _is_line(text))
formats.checks("idn-email")(
    lambda text: not isinstance(text, str) or is_email(str(read_email(text)))
)
formats.checks("time-zone")(lambda text: not isinstance(text, str) or text in ZONES)

Exact = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {  # JSON Schema takes 1.0 for an integer too, and Python a lone surrogate for text
            "integer": lambda _, value: type(value) is int,
            "string": lambda _, value: isinstance(value, str) and is_text(value),
        }
    ),
)


def is_text(value: str) -> bool:
    """Tell whether a string can be sent at all."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def documents(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return what nearly fits a schema, or not at all."""
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    near: st.SearchStrategy[Any] = ANY
    if "enum" in schema:
        near = st.sampled_from(schema["enum"])
    elif kind == "object":
        members = {name: documents(each) for name, each in schema.get("properties", {}).items()}
        required = {name: members.pop(name) for name in schema.get("required", ())}
        near = st.fixed_dictionaries(required, optional=members)
        near |= st.fixed_dictionaries({}, optional={**required, **members, "unknown": ANY})
        if isinstance(schema.get("additionalProperties"), dict):
            keys = st.sampled_from(("1", "2", "01", "-1", "x", "", "1\n"))
            near = st.dictionaries(keys, documents(schema["additionalProperties"]), max_size=3)
    elif kind == "array":
        near = st.lists(documents(schema["items"]), max_size=3)
    elif kind == "integer":
        edges = [schema.get("minimum", 1), schema.get("maximum", 1)]
        near = st.sampled_from([each + step for each in edges for step in (-1, 0, 1)])
    elif schema.get("format") == "date-time":
        near = st.sampled_from(TIMES)
    elif kind == "string":
        sizes = [schema.get("minLength", 1), schema.get("maxLength", 1)]
        near = st.sampled_from(["a" * max(0, each + step) for each in sizes for step in (-1, 0, 1)])
        near |= st.sampled_from(["a@b", "UTC", "김하늘"])
    return st.one_of(near, near, near, ANY)


def parse(schema: Schema, document: Any) -> set[tuple[str, str]]:
    """Return the faults that the server finds in a document, by field and code."""
    try:
        check_value(document)
        schema.parse(copy.deepcopy(document))
    except Invalid as invalid:
        return {(fault.field, fault.code) for fault in invalid.faults}
    return set()


@pytest.mark.parametrize("name", SCHEMAS)
def test_server_takes_just_what_the_document_calls_valid(name: str) -> None:
    schema = SCHEMAS[name]
    described = {
        key: each for key, each in schema_of_body(schema).items() if key not in schema.meta
    }
    validator = Exact(described, format_checker=formats)

    @settings(max_examples=examples(150), deadline=None, derandomize=True, database=None)
    @given(documents(described))
    def agree(document: Any) -> None:
        faults = parse(schema, document)

        if not faults <= TOGETHER or not faults:
            assert validator.is_valid(document) == (not faults), faults

    agree()


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": "\\ud800"}',
        b'{"name": "\\u0000"}',
        b'{"\\udfff": 1}',
        b'{"name": ' + b"9" * 60_000 + b"}",
        b'{"name": 1e999999}',
        b"[" * 100_000,
        b'{"name":' * 10_000,
        b"true",
    ],
    ids=lambda body: ascii(body[:20]),
)
def test_no_route_breaks_when_the_body_is_garbage(hall: Hall, body: bytes) -> None:
    asked = [
        (method, path)
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    ]
    token = hall.token_of(hall.people[0])

    for method, path in asked:
        url = address(path, code="lobby", poll_id=1, row_id=1, user_id=1)
        answer = hall.request(
            method, url, token, data=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 403, 404, 413), (method, path, answer.text)


class Shape(TypedDict):
    """A shape."""

    id: int


class ShapeDocument(TypedDict):
    """Another shape, called the same in the documents."""

    name: str


def test_two_shapes_of_one_name_are_refused() -> None:
    components = Components({})
    components.of(Shape)

    with pytest.raises(ValueError, match="called Shape"):
        components.of(ShapeDocument)


def test_times_as_text_and_as_time_are_one_in_the_documents() -> None:
    components = Components({})

    assert components.of(Time) == components.of(datetime)
