"""Electorates as they are stored: in runs, with a digest that anybody can compute."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from voting.canonical import canonical
from voting.electorate import digest_members
from voting.model.electorates import Electorate, Member, read_members, write_members

members = st.dictionaries(st.integers(1, 60), st.integers(1, 2)).map(
    lambda weights: sorted(weights.items())
)


def test_members_are_written_as_runs() -> None:
    text = write_members([(3, 1), (4, 1), (5, 1), (9, 1), (10, 2), (11, 2), (12, 1)])

    assert text == "3-5 9 10-11:2 12"


@given(members)
def test_members_are_read_as_they_were_written(given: list[Member]) -> None:
    text = write_members(given)
    kept = Electorate(1, "lobby", text, len(given), "")

    assert list(read_members(text)) == given
    assert [row for row in range(62) if kept.holds(row)] == [row for row, _ in given]


@given(members)
def test_digest_is_of_the_canonical_form(given: list[Member]) -> None:
    form = canonical({"poll": 7, "members": [list(each) for each in given]})

    assert digest_members(7, given) == sha256(form).hexdigest()
