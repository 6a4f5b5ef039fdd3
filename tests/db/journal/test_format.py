"""JSON as the journal writes it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.journal import format as journal_format
from db.journal.format import compact_encoder, encode

TEXT = st.text(st.characters(blacklist_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    SCALARS | st.just(float("1e300")),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(TEXT, inner),
)


@given(VALUES.filter(lambda value: "inf" not in repr(value)))
def test_value_is_encoded_as_json_does(value: Any) -> None:
    expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    assert encode(value).decode() == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [-float("inf")]}, "\ud800"])
def test_value_is_refused_when_a_json_file_can_not_hold_it(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        encode(value)


def test_value_of_another_type_is_refused_or_asked_for() -> None:
    now = datetime.now(UTC)

    with pytest.raises(TypeError, match="datetime"):
        encode({"at": now})

    assert compact_encoder(datetime.isoformat)({"at": now}) == f'{{"at":"{now.isoformat()}"}}'


def test_encoder_is_the_same_where_the_interpreter_has_none_in_c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    plain = journal_format.compact_encoder()

    assert plain({"a": [1, None, "가"]}) == '{"a":[1,null,"가"]}'
