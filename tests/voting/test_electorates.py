"""The electorate of a poll for the roll: who is in it, is admitted to it, or loses their vote."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lobby import NOW, cast_ballot, fresh
from voting.casting import Vote
from voting.electorate import admit_row, fix_missing, members_of
from voting.ending import close_poll, void_poll
from voting.log import OPERATOR
from voting.model.electorates import Electorate
from voting.model.log import LogEntry
from voting.model.polls import Poll
from voting.model.rooms import Room, Row
from voting.people import find_room
from voting.polls import draft_poll, open_poll, pause_poll
from voting.quorums import count_eligible
from voting.refusals import CameLater, NotEligible, NotFound, WrongState
from voting.restoring import restore_row
from voting.roll import change_row, remove_row
from voting.store import Store

HOST = "r1"
RULES = {"title": "?", "candidates": [{"name": "Yes"}, {"name": "No"}], "eligibility": "roll"}


@pytest.fixture
def rows(store: Store) -> list[Row]:
    """A host, a voter and an observer of a room."""
    with store.transaction():
        for code in ("lobby", "other"):
            store.add(Room(0, code, "Room", "public"))
    return [add_row(store, role) for role in ("host", "voter", "observer")]


def add_row(store: Store, role: Any = "voter", room: str = "lobby") -> Row:
    with store.transaction():
        return store.add(Row(0, room, "Somebody", role=role))


def make_draft(store: Store, **rules: Any) -> Poll:
    with store.transaction():
        return store.add(draft_poll(find_room(store, "lobby"), {**RULES, **rules}))


def make_poll(store: Store, state: str = "open") -> Poll:
    poll = make_draft(store)
    if state != "draft":
        poll = open_poll(store, poll.id, NOW, HOST)
    if state == "paused":
        poll = pause_poll(store, poll.id, NOW, HOST)
    if state == "closed":
        poll = close_poll(store, poll.id, NOW, HOST)
    return void_poll(store, poll.id, NOW, HOST, "a test") if state == "void" else poll


def vote(store: Store, poll: Poll, row: Row) -> None:
    cast_ballot(store, poll.id, store.get(Row, row.id), Vote((poll.candidates[0].id,)), fresh())


def eligible(store: Store, poll: Poll) -> int | None:
    now = store.get(Poll, poll.id)
    assert now is not None
    return count_eligible(store, now)


def admissions(store: Store) -> list[tuple[int, str]]:
    log = store.group(LogEntry, "lobby")
    return [(each.data["row"], each.actor) for each in log if each.kind == "admitted"]


def test_hosts_and_voters_of_the_opening_are_in_it_and_observers_are_not(
    store: Store, rows: list[Row]
) -> None:
    poll = make_poll(store)
    add_row(store)

    assert [*members_of(store, poll)] == [(row.id, 1) for row in rows[:2]]


@pytest.mark.parametrize("state", ["open", "paused"])
def test_member_who_came_later_votes_once_admitted(
    store: Store, rows: list[Row], state: str
) -> None:
    poll, late = make_poll(store, state), add_row(store)
    with pytest.raises(CameLater):
        vote(store, poll, late)

    admitted = [admit_row(store, poll.id, late.id, NOW, "u7") for _ in range(2)]

    open_poll(store, poll.id, NOW, HOST)
    vote(store, poll, late)
    assert (admitted, eligible(store, poll)) == ([True, False], 3)
    assert admissions(store) == [(late.id, "u7")]


@pytest.mark.parametrize("state", ["draft", "closed", "void"])
def test_nobody_is_admitted_to_a_poll_that_is_not_going_on(
    store: Store, rows: list[Row], state: str
) -> None:
    poll, late = make_poll(store, state), add_row(store)
    before = eligible(store, poll)

    with pytest.raises(WrongState):
        admit_row(store, poll.id, late.id, NOW, HOST)

    assert (eligible(store, poll), admissions(store)) == (before, [])


def test_nobody_is_admitted_to_a_poll_that_is_not_for_the_roll(
    store: Store, rows: list[Row]
) -> None:
    poll = open_poll(store, make_draft(store, eligibility="accounts").id, NOW, HOST)

    with pytest.raises(WrongState):
        admit_row(store, poll.id, rows[1].id, NOW, HOST)


def test_observers_and_members_of_other_rooms_are_not_admitted(
    store: Store, rows: list[Row]
) -> None:
    poll = make_poll(store)

    with pytest.raises(WrongState):
        admit_row(store, poll.id, rows[2].id, NOW, HOST)
    with pytest.raises(NotFound):
        admit_row(store, poll.id, add_row(store, room="other").id, NOW, HOST)

    assert (eligible(store, poll), admissions(store)) == (2, [])


def test_base_stays_and_the_ballot_too_when_a_member_is_removed_after_admission(
    store: Store, rows: list[Row]
) -> None:
    poll, late = make_poll(store), add_row(store)
    admit_row(store, poll.id, late.id, NOW, HOST)
    vote(store, poll, late)

    remove_row(store, find_room(store, "lobby"), late.id, NOW, HOST)

    closed = close_poll(store, poll.id, NOW, HOST)
    assert eligible(store, closed) == 3
    assert closed.outcome is not None
    assert (closed.outcome["ballots"], closed.outcome["eligible"]) == (1, 3)


@pytest.mark.parametrize("how", ["removed", "observer"])
def test_member_who_comes_back_has_the_same_vote_and_no_other(
    store: Store, rows: list[Row], how: str
) -> None:
    poll, room, voter = make_poll(store), find_room(store, "lobby"), rows[1]
    vote(store, poll, voter)
    if how == "removed":
        remove_row(store, room, voter.id, NOW, HOST)
    else:
        change_row(store, room, voter.id, {"role": "observer"}, NOW, HOST)
    with pytest.raises(NotEligible):
        vote(store, poll, voter)

    if how == "removed":
        restore_row(store, room, voter.id, NOW, HOST)
    else:
        change_row(store, room, voter.id, {"role": "voter"}, NOW, HOST)

    vote(store, poll, voter)
    assert admit_row(store, poll.id, voter.id, NOW, HOST) is False
    assert len(store.ballots(poll.id)) == 1
    assert eligible(store, poll) == 2


def test_electorate_that_an_earlier_version_did_not_fix_is_fixed_once_and_logged(
    store: Store, rows: list[Row]
) -> None:
    polls = [make_poll(store, state) for state in ("open", "paused", "closed")]
    with store.transaction():
        for poll in polls:
            fixed = store.get(Electorate, poll.id)
            assert fixed is not None
            store.remove(fixed)
            store.save(replace(poll, electorate=None))

    for _ in range(2):
        fix_missing(store, NOW)

    log = [each for each in store.group(LogEntry, "lobby") if each.kind == "electorate_fixed"]
    digests = {}
    for poll in polls[:2]:
        now = store.get(Poll, poll.id)
        assert now is not None
        assert now.electorate is not None
        digests[poll.id] = now.electorate["digest"]
        assert [*members_of(store, now)] == [(row.id, 1) for row in rows[:2]]
    assert [(each.actor, each.data) for each in log] == [
        (OPERATOR, {"poll": poll, "electorate": digest}) for poll, digest in digests.items()
    ]
    assert store.get(Electorate, polls[2].id) is None
