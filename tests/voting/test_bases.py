"""What a poll takes shares of when the roll changes while it is open."""

from typing import Any

import pytest

from tests.unit.lobby import NOW, add_account
from voting.attendance import arrive, check_in
from voting.electorate import admit_row
from voting.ending import close_poll
from voting.model.polls import Poll
from voting.model.rooms import Room, Row
from voting.people import find_room, standing_in
from voting.polls import draft_poll, open_poll
from voting.roll import change_row, claim_row, make_codes, remove_row
from voting.rooms import create_room
from voting.store import Store

HOST = "u1"
RULES = {"title": "?", "candidates": [{"name": "Yes"}, {"name": "No"}], "eligibility": "roll"}


@pytest.fixture
def rows(store: Store) -> list[Row]:
    """Four voters of a lobby with a host."""
    with store.transaction():
        store.add(Room(0, "lobby", "Lobby", "public", quorum={"count": 4}))
        store.add(Row(0, "lobby", "Host", role="host"))
    return [add_row(store, f"Voter {number}") for number in range(4)]


def add_row(store: Store, name: str, role: Any = "voter") -> Row:
    with store.transaction():
        return store.add(Row(0, "lobby", name, role=role))


def open_draft(store: Store, room: str = "lobby", **rules: Any) -> Poll:
    with store.transaction():
        draft = store.add(draft_poll(find_room(store, room), {**RULES, **rules}))
    return open_poll(store, draft.id, NOW, HOST)


def come(store: Store, *rows: Row) -> None:
    for row in rows:
        check_in(store, find_room(store, "lobby"), row, NOW, HOST, present=True)


def at_close(store: Store, poll: Poll) -> int | None:
    return close_poll(store, poll.id, NOW, HOST).quorum.present_at_close


def test_members_who_came_to_the_roll_later_make_no_quorum(store: Store, rows: list[Row]) -> None:
    come(store, *rows[:2])
    poll = open_draft(store)

    come(store, *(add_row(store, f"Late {number}") for number in range(3)))

    quorum = close_poll(store, poll.id, NOW, HOST).quorum
    assert (quorum.present_at_close, quorum.present, quorum.met) == (2, 2, False)


def test_members_who_were_admitted_count_as_present(store: Store, rows: list[Row]) -> None:
    come(store, rows[0])
    poll = open_draft(store)
    late = add_row(store, "Late")
    come(store, late)

    admit_row(store, poll.id, late.id, NOW, HOST)

    assert at_close(store, poll) == 2


@pytest.mark.parametrize("how", ["remove", "make observer"])
def test_members_who_lose_their_place_while_they_are_there_stay_in_the_base(
    store: Store, rows: list[Row], how: str
) -> None:
    poll, room = open_draft(store), find_room(store, "lobby")
    come(store, *rows[:3])

    if how == "remove":
        remove_row(store, room, rows[0].id, NOW, HOST)
    else:
        change_row(store, room, rows[0].id, {"role": "observer"}, NOW, HOST)

    assert at_close(store, poll) == 3


def test_account_counts_as_present_by_its_row_and_once(store: Store, rows: list[Row]) -> None:
    room, account = find_room(store, "lobby"), add_account(store, "ann")
    poll = open_draft(store)
    arrive(store, find_room(store, "lobby"), standing_in(store, room, account), NOW)
    code = make_codes(store, room, [rows[0].id], NOW, HOST, lambda: "CODE")[0][1]
    claimed = claim_row(store, room, code, account, NOW)

    come(store, claimed)

    assert at_close(store, poll) == 1


def test_quorum_of_a_poll_for_the_roll_is_a_share_of_its_electorate_where_only_hosts_are_on_it(
    store: Store,
) -> None:
    accounts = [add_account(store, f"person{number}") for number in range(9)]
    quorum: Any = {"num": 1, "den": 2}
    room = create_room(
        store, {"name": "Club", "quorum": quorum}, accounts[0], NOW, lambda: "C1UB00"
    )

    ours = open_draft(store, room.code)
    everybodys = open_draft(store, room.code, eligibility="accounts")

    assert (ours.quorum.required, everybodys.quorum.required) == (1, 5)
