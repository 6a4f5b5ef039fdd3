"""JSON as the journal writes it."""

import enum
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.journal.documents import detach
from db.journal.format import encode

TEXT = st.text(st.characters(blacklist_categories=["Cs"]))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FLOATS | TEXT
VALUES = st.recursive(
    SCALARS | st.just(float("1e300")),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(TEXT, inner),
)


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@given(VALUES)
def test_value_comes_back_as_json_gives_it(value: Any) -> None:
    encoded = encode(detach(value))

    assert json.loads(encoded) == json.loads(json.dumps(value))
    assert b"\n" not in encoded
    assert b"\0" not in encoded


def test_value_is_compact_and_letters_stay_readable() -> None:
    assert encode({"a": [1, None, "가"]}).decode() == '{"a":[1,null,"가"]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [-float("inf")]}])
def test_value_is_refused_when_json_has_no_such_number(value: Any) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        detach(value)


def test_value_is_refused_when_a_file_can_not_hold_its_letters() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        encode("\ud800")


def test_member_of_an_enum_is_kept_as_its_value() -> None:
    kept = detach({"colour": Colour.RED, "levels": [Level.HIGH, True]})

    assert encode(kept) == b'{"colour":"red","levels":[3,true]}'


def test_value_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="datetime"):
        detach({"at": datetime.now(UTC)})
