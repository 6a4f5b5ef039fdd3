"""Parsing: what fits a schema comes through, everything else is a list of faults."""

import contextlib
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.accepting import compile_test
from schemas.accounts import LOGIN, NAME, SIGNUP
from schemas.ballots import BALLOT
from schemas.live import CAST, CHAT, JOIN, PRESENCE
from schemas.parts import SHRINKING, CerberusValidator
from schemas.validation import NESTING, Schema, check_value, load_marked, parse_json, read_time
from tests.at_once import at_once
from voting.faults import FAULTS, FIELD_LETTERS, Fault, Invalid
from voting.text import tidy

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


def faults_of(call: Any, *arguments: Any, **options: Any) -> set[tuple[str, str]]:
    """Return field and code of each fault that a call finds."""
    with pytest.raises(Invalid) as caught:
        call(*arguments, **options)
    assert all(isinstance(fault, Fault) for fault in caught.value.faults)
    return {(fault.field, fault.code) for fault in caught.value.faults}


@given(JSON)
def test_parse_json_returns_the_value_when_it_is_sound(value: Any) -> None:
    for ascii_only in (True, False):
        assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=60))
def test_parse_json_only_ever_refuses_when_bytes_are_any(raw: bytes) -> None:
    with contextlib.suppress(Invalid):
        parse_json(raw)


@given(JSON | st.text() | st.dictionaries(st.text(), st.text() | JSON))
def test_schema_only_ever_refuses_when_the_document_is_any(document: Any) -> None:
    for schema in (SIGNUP, LOGIN, BALLOT):
        for ignore in (False, True):
            try:
                check_value(document)
                schema.parse(document, ignore_unknown=ignore)
            except Invalid as invalid:
                "".join(fault.field for fault in invalid.faults).encode()  # or it can't be told


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (r'{"a": 1, "b": 2, "a": 1}', "a"),
        (r'{"a": {"b": [0, {"c": 1, "\u0063": 2}]}}', "a.b.1.c"),
        (r'{"a": {"a": 1, "a": 1}, "a": 1}', "a"),
        (r'{"": 1, "": 2}', ""),
        (r'[{"a": 1}, {"b": 1, "b": 2}]', "1.b"),
    ],
)
def test_parse_json_names_a_key_that_comes_twice(body: str, field: str) -> None:
    assert faults_of(parse_json, body.encode()) == {(field, "duplicate")}
    assert faults_of(check_value, load_marked(body)) == {(field, "duplicate")}


def test_parse_json_can_report_a_key_that_comes_twice_whatever_it_is() -> None:
    assert faults_of(parse_json, rb'{"a": {"\ud800": 1, "\ud800": 2}}') == {("a", "bad_character")}
    assert faults_of(parse_json, b'{"a":1,"a":2' + b'{"a":' * 100_000) == {("", "not_json")}
    assert faults_of(parse_json, b'[{"a":1,"a":2}') == {("", "not_json")}


def test_parse_json_takes_a_key_again_in_another_object_and_colons_in_texts() -> None:
    value = {"a": [{"a": "a:a:a"}, {"a": {"a": ":"}}], ":": 1}

    assert parse_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x1"])
def test_parse_json_refuses_a_number_when_json_has_no_such(number: str) -> None:
    assert faults_of(parse_json, f'{{"a": [{number}]}}'.encode()) == {("", "not_json")}


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_parse_json_refuses_a_body_when_it_nests_without_end(opening: str) -> None:
    assert faults_of(parse_json, opening.encode() * 100_000) == {("", "not_json")}


def test_parse_json_refuses_a_body_when_it_nests_too_deep() -> None:
    def nested(depth: int) -> bytes:
        return b"[" * depth + b"]" * depth

    assert parse_json(nested(NESTING))
    assert faults_of(parse_json, nested(NESTING + 1)) == {(".".join(["0"] * NESTING), "too_deep")}


def test_parse_json_takes_many_brackets_when_they_are_side_by_side() -> None:
    assert parse_json(b"[" + b"[]," * 1_000 + b"[]]") == [[]] * 1_001


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("\0", ""),
        (["ok", "\ud800"], "1"),
        ({"a": {"b": ["\udc00"]}}, "a.b.0"),
        ({"\0": 1}, ""),
        ({"a": {"\ud800": "\ud800"}}, "a"),
    ],
)
def test_check_value_names_the_place_of_an_invalid_character(value: Any, field: str) -> None:
    assert faults_of(check_value, value) == {(field, "bad_character")}


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_schema_refuses_a_document_that_is_not_an_object(document: Any) -> None:
    assert faults_of(BALLOT.parse, document) == {("", "wrong_type")}


def test_schema_refuses_a_bool_when_an_integer_is_asked_for() -> None:
    schema = Schema({"n": {"type": "integer"}, "b": {"type": "boolean"}})

    assert schema.parse({"n": 1, "b": True}) == {"n": 1, "b": True}
    assert faults_of(schema.parse, {"n": True, "b": 1}) == {
        ("n", "wrong_type"),
        ("b", "wrong_type"),
    }


def test_schema_names_every_fault_with_its_path() -> None:
    document = {"choices": [1, "x", 0, None, 2.0], "more": 1}

    assert faults_of(BALLOT.parse, document) == {
        ("choices.1", "wrong_type"),
        ("choices.2", "too_small"),
        ("choices.3", "wrong_type"),
        ("choices.4", "wrong_type"),
        ("more", "unknown_field"),
    }


def test_schema_drops_unknown_fields_when_asked_to() -> None:
    form = {"email": " a@b ", "password": "x", "part": "WEB"}

    assert LOGIN.parse(form, ignore_unknown=True) == {"email": "a@b", "password": "x"}
    assert faults_of(LOGIN.parse, form) == {("part", "unknown_field")}


def test_schema_leaves_the_callers_document_as_it_is() -> None:
    form = {"email": " a@b ", "password": "x", "part": "WEB"}

    LOGIN.parse(form, ignore_unknown=True)

    assert form == {"email": " a@b ", "password": "x", "part": "WEB"}


def test_schema_keeps_calls_apart_when_they_come_at_once() -> None:
    def parse(number: int) -> bool:
        for _ in range(50):
            wrong = {"choices": ["x"] * number}
            if len(faults_of(BALLOT.parse, wrong)) != number:
                return False
            if BALLOT.parse({"choices": [number]}) != {"choices": [number]}:
                return False
        return True

    assert at_once([lambda n=n: parse(n) for n in range(1, 9)]) == [True] * 8


def test_invalid_names_its_faults_when_it_is_printed() -> None:
    error = Invalid(Fault("rooms.0.title", "required"))

    assert "rooms.0.title" in repr(error)
    assert "required" in repr(error)


MARKS = st.lists(st.integers(-1, 3) | st.booleans() | st.none() | st.floats() | TEXT, max_size=3)
SCORES = st.dictionaries(st.from_regex(r"[0-9a\n]{0,3}"), st.integers(-1, 9) | st.booleans())
SAID = st.fixed_dictionaries(
    {},
    optional={
        "choices": MARKS | JSON,
        "scores": SCORES | JSON,
        "poll": st.integers(-1, 3) | JSON,
        "key": TEXT,
        "room": TEXT | JSON,
        "status": st.sampled_from(["online", "away", "left", "gone"]) | JSON,
        "text": TEXT | JSON,
        "as": st.just("screen") | JSON,
        "other": JSON,
    },
)


@pytest.mark.parametrize("schema", [BALLOT, CAST, CHAT, JOIN, PRESENCE])
@given(document=SAID)
def test_compiled_test_accepts_exactly_what_cerberus_does(schema: Schema, document: Any) -> None:
    compiled, validator = compile_test(schema.definition), CerberusValidator(schema.definition)

    assert compiled(document) == validator.validate(document, normalize=False)


NESTED = Schema(
    {
        "title": {
            "type": "string",
            "coerce": tidy,
            "required": True,
            "empty": False,
            "maxlength": 500,
        },
        "when": {"type": "datetime", "coerce": read_time, "nullable": True},
        "share": {
            "type": "dict",
            "nullable": True,
            "schema": {"num": {"type": "integer", "required": True, "max": 9}},
        },
        "items": {
            "type": "list",
            "maxlength": 2,
            "schema": {"type": "dict", "schema": {"name": {**NAME, "maxlength": 2}}},
        },
        "points": BALLOT.definition["scores"],
    }
)
NEAR = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["", " ", "a", " a ", "e\u0301"]) | JSON,
        "when": st.sampled_from(["2036-01-01T00:00:00Z", "now"]) | JSON,
        "share": st.fixed_dictionaries({}, optional={"num": st.integers(8, 10), "x": JSON}) | JSON,
        "items": st.lists(
            st.fixed_dictionaries({}, optional={"name": TEXT | JSON, "x": JSON}) | JSON, max_size=3
        ),
        "points": SCORES | JSON,
        "other": JSON,
    },
)


@given(NEAR)
def test_schema_reads_part_by_part_what_cerberus_reads_at_once(document: Any) -> None:
    validator = CerberusValidator(NESTED.definition)

    try:
        assert NESTED.parse(document) == validator.normalized(document)
        assert validator.validate(document)
    except Invalid:
        assert not validator.validate(document)


def test_schema_asks_cerberus_alone_when_it_has_a_rule_that_is_not_compiled() -> None:
    schema = Schema({"name": {"type": "string", "contains": "a"}})

    assert schema.parse({"name": "a"}) == {"name": "a"}
    assert faults_of(schema.parse, {"name": "b"}) == {("name", "format")}


WIDE = {f"k{number}": 1 for number in range(6_500)}
PILE = "\u0301\u0323"
EXPENSIVE: dict[str, Any] = {
    "unknown keys": WIDE,
    "long keys": {"k" * 3_000 + str(number): 1 for number in range(30)},
    "a list of objects": {"items": [WIDE] * 2, "title": "a"},
    "a list that is too long": {"items": [{}] * 20_000, "title": "a"},
    "an object that is too wide": {"points": {str(number): -1 for number in range(6_500)}},
    "points that are wrong": {"points": {str(number): -1 for number in range(1, 201)}},
    "a long text": {"title": "a" * 60_000},
    "combining marks": {"title": "a" + PILE * 16_000},
    "combining marks that fit": {"title": "a" + PILE * 300},
}


@pytest.mark.parametrize("document", EXPENSIVE.values(), ids=EXPENSIVE)
def test_schema_notes_few_short_faults_when_a_document_is_made_to_be_expensive(
    document: dict[str, Any],
) -> None:
    with pytest.raises(Invalid) as caught:
        NESTED.parse(document)

    assert 1 <= len(caught.value.faults) <= FAULTS + 1
    assert max(len(fault.field) for fault in caught.value.faults) <= FIELD_LETTERS


def test_no_letter_is_written_with_more_than_the_room_that_is_left_for_it() -> None:
    letters = map(chr, range(0xA0, 0x20000))

    assert max(len(unicodedata.normalize("NFD", letter)) for letter in letters) == SHRINKING


def test_schema_doesn_t_coerce_a_text_that_is_longer_than_any_that_fits() -> None:
    coerced: list[object] = []
    schema = Schema({"name": {"type": "string", "coerce": coerced.append, "maxlength": 3}})

    assert faults_of(schema.parse, {"name": "a" * 13}) == {("name", "too_long")}
    assert coerced == []


def test_check_value_notes_few_short_faults_when_there_are_many() -> None:
    with pytest.raises(Invalid) as caught:
        check_value({"k" * 30_000: ["\0"] * 3_600})

    fields = [fault.field for fault in caught.value.faults]
    assert len(fields) == FAULTS + 1
    assert max(map(len, fields)) <= FIELD_LETTERS
