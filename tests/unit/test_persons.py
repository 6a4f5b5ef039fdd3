"""Ids of persons are written and read in one place."""

import re
from datetime import UTC, datetime

import pytest

from voting.model.accounts import Account
from voting.model.persons import KINDS, PATTERN, Kind, person_id, read_person
from voting.model.rooms import Guest, Room, Row
from voting.people import Holder, key_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOLDERS: list[Holder] = [
    Account(12, "ada@example.org", "ada@example.org", "Ada", "", 0, False, NOW),
    Row(31, "K7M2QX", "Ada"),
    Guest(5, "K7M2QX", "Ada", NOW),
    Room(4, "K7M2QX", "Club", "public"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 1, 10**18 - 1])
def test_person_is_read_as_it_was_written(kind: Kind, number: int) -> None:
    person = person_id(kind, number)

    assert read_person(person) == (kind, number)
    assert re.fullmatch(PATTERN, person)


@pytest.mark.parametrize(
    "text",
    ["", "u", "12", "x1", "u-1", "u+1", "u 1", "u\u0661", "u\xb2", "uu1", f"u{10**18}"],
)
def test_text_that_names_no_person_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no person"):
        read_person(text)
    assert not re.fullmatch(PATTERN, text)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_person_leads_to_the_holder_that_it_is_of(holder: Holder) -> None:
    assert key_of(holder.person) == (type(holder), holder.id)


def test_row_shows_the_account_that_has_claimed_it() -> None:
    claimed = Row(31, "K7M2QX", "Ada", account=12)

    assert (HOLDERS[1].person, claimed.person, claimed.claimant) == ("r31", "r31", "u12")
    assert Row(31, "K7M2QX", "Ada").claimant is None
