"""Reading a ballot: the quick way takes only what the schema takes, and gives the same."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.ballots import BALLOT, LARGEST_ID, read_ballot, read_marks
from schemas.validation import parse_json
from voting.faults import Invalid

ITEMS = st.integers(-1, 5) | st.floats() | st.booleans() | st.none() | st.text(max_size=2)
BODIES = st.dictionaries(
    st.sampled_from(["choices", "scores", "other"]),
    st.lists(ITEMS, max_size=4) | st.dictionaries(st.text(max_size=2), ITEMS, max_size=3) | ITEMS,
    max_size=2,
).map(lambda body: json.dumps(body).encode())


def outcome_of(read: Any, raw: bytes) -> Any:
    """Return what a reader makes of a body: the marks, or the faults."""
    try:
        return read(raw)
    except Invalid as invalid:
        return set(invalid.faults)


def read_by_schema(raw: bytes) -> Any:
    return read_marks(BALLOT.parse(parse_json(raw)))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(BODIES | st.binary(max_size=30))
@example(b'{"choices":[]}')
@example(b'{"choices":[1.0]}')
@example(b'{"choices":[true]}')
@example(b'{"choices":[0]}')
@example(b'{"choices":["1"]}')
@example(b'{"choices":[%d]}' % LARGEST_ID)
@example(b'{"choices":[%d]}' % (LARGEST_ID + 1))
@example(b'{"choices":[%d]}' % 10**30)
@example(b'{"choices":[%s]}' % b",".join([b"1"] * 200))
@example(b'{"choices":[%s]}' % b",".join([b"1"] * 201))
@example(b'{"choices":[1],"choices":[2]}')
@example(b'{"choices":{"a":1}}')
@example(b'\xef\xbb\xbf{"choices":[1]}')
@example(b'{"choices":[1]} x')
@example(b'{"choices":null}')
def test_ballot_is_read_as_the_schema_reads_it(raw: bytes) -> None:
    assert outcome_of(read_ballot, raw) == outcome_of(read_by_schema, raw)


def test_ballot_of_sound_choices_is_read_without_the_schema(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("schemas.ballots.parse_json")

    assert read_ballot(b' {"choices": [3, 1]} ') == (3, 1)
