"""Turnout: whether the people who have voted are listed."""

from datetime import timedelta

import pytest

from tests.unit.lobby import NOW, add_account, add_poll
from voting.people import find_room
from voting.store import Store
from voting.turnout import count_turnout

CLOSES_AT = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(("secrecy", "listed"), [("secret", False), ("named", True)])
def test_turnout_lists_people_of_a_due_poll_when_it_is_named(
    store: Store, secrecy: str, listed: bool
) -> None:
    poll = add_poll(
        store, secrecy=secrecy, results="closed", eligibility="accounts", closes_at=CLOSES_AT
    )
    add_account(store, "ann")
    room = find_room(store, poll.room)

    before = count_turnout(store, poll, room, CLOSES_AT - timedelta(seconds=1))
    due = count_turnout(store, poll, room, CLOSES_AT)

    assert before["people"] is not None
    assert (due["people"] is not None) == listed
