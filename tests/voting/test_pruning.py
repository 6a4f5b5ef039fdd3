"""What is too old goes, unless a poll needs it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.strings import email_of
from tests.records import public_record
from tests.unit.lobby import NOW, add_account, add_poll, begin, cast_ballot, fresh
from voting.accounts import change_email, make_administrator, note_sign_in
from voting.attendance import arrive, depart
from voting.casting import Vote
from voting.chat import send_message
from voting.ending import close_poll
from voting.invitations import make_invitation
from voting.model.accounts import Account, Invitation
from voting.model.ballots import Ballot
from voting.model.log import LogEntry
from voting.model.records import RecordName
from voting.model.rooms import Attendance, Guest, Message, RemovedRow, Room, Row
from voting.people import find_room, standing_in
from voting.pruning import RULES, Prunable, find_old, prune
from voting.roll import remove_row
from voting.rooms import add_guest
from voting.store import Store

YEAR = timedelta(days=365)
LATER = NOW + 2 * YEAR
Use = Callable[[Store, Account], object]


@pytest.fixture
def room(store: Store) -> Room:
    with store.transaction():
        return store.add(Room(0, "lobby", "Lobby", "public"))


def prune_all(store: Store) -> dict[Prunable, list[Any]]:
    """Prune what is older than a year; check that it was what a preview shows."""
    previewed = {name: [*find_old(store, name, LATER - YEAR)] for name in RULES}
    gone = {name: [*prune(store, name, LATER - YEAR)] for name in RULES}
    assert gone == previewed
    return {name: found for name, found in gone.items() if found}


def test_old_things_go_and_new_ones_stay(store: Store, room: Room) -> None:
    ann = add_account(store, "ann")
    note_sign_in(store, ann, LATER)
    standing = standing_in(store, room, ann)
    for when in (NOW, LATER):
        send_message(store, room, standing, "Hello", when)
        add_guest(store, room, f"Guest of {when.year}", when)
        make_invitation(store, f"code of {when.year}", when)
    arrive(store, room, standing, NOW)
    depart(store, room, str(standing.attendee), NOW)

    gone = prune_all(store)

    assert {name: len(found) for name, found in gone.items()} == {
        "guests": 1,
        "attendance": 1,
        "messages": 1,
        "invitations": 1,
    }
    assert [each.sent_at for each in store.each(Message)] == [LATER]
    assert [each.made_at for each in store.each(Guest)] == [LATER]
    assert [each.expires_at > LATER for each in store.each(Invitation)] == [True]
    assert store.each(Attendance) == []


def test_account_that_nobody_has_used_goes(store: Store, room: Room) -> None:
    account = add_account(store, "ann")
    note_sign_in(store, account, NOW + YEAR - timedelta(days=1))

    gone = prune_all(store)

    assert [each.id for each in gone["accounts"]] == [account.id]
    assert store.each(Account) == []


def _keep_row(store: Store, account: Account) -> None:
    with store.transaction():
        store.add(Row(0, "lobby", "Ann", account=account.id, claimed=True))


def _keep_row_by_email(store: Store, account: Account) -> None:
    with store.transaction():
        store.save(replace(find_room(store, "lobby"), trust_email=True))
        store.add(Row(0, "lobby", "Ann", email=account.email, role="host"))


def _remove_from_roll(store: Store, account: Account) -> None:
    with store.transaction():
        store.add(RemovedRow(7, "lobby", vars(Row(7, "lobby", "Ann", account=account.id)), LATER))


def _attend(store: Store, account: Account) -> None:
    room = find_room(store, "lobby")
    arrive(store, room, standing_in(store, room, account), NOW)


def _write(store: Store, account: Account) -> None:
    room = find_room(store, "lobby")
    send_message(store, room, standing_in(store, room, account), "Hello", NOW)


def _vote(store: Store, account: Account, **rules: Any) -> int:
    poll = add_poll(store, **rules)
    cast_ballot(store, poll.id, account, Vote((poll.candidates[0].id,)), fresh())
    return poll.id


def _vote_in_named_poll(store: Store, account: Account) -> None:
    close_poll(store, _vote(store, account, secrecy="named"), NOW, "u1")


@pytest.mark.parametrize(
    "use",
    [
        _keep_row,
        _keep_row_by_email,
        _remove_from_roll,
        _attend,
        _write,
        _vote,
        _vote_in_named_poll,
        lambda store, account: note_sign_in(store, account, NOW + YEAR),
        lambda store, account: make_administrator(store, account, NOW),
        lambda store, account: change_email(store, account, email_of("ben@example.org")),
    ],
)
def test_account_stays_that_something_needs(store: Store, room: Room, use: Use) -> None:
    use(store, add_account(store, "ann"))

    gone = prune_all(store)

    assert "accounts" not in gone
    assert store.count(Account) == 1


def test_secret_ballot_of_an_ended_poll_keeps_no_account(store: Store, room: Room) -> None:
    close_poll(store, _vote(store, add_account(store, "ann")), NOW, "u1")

    assert len(prune_all(store)["accounts"]) == 1
    assert store.count(Ballot) == 1


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_guest_stays_whose_ballot_an_open_poll_has(store: Store, room: Room, secrecy: str) -> None:
    guest = add_guest(store, room, "Kim", NOW)
    _vote(store, guest, eligibility="anyone", secrecy=secrecy)  # type: ignore[arg-type]

    assert prune_all(store) == {}


def test_name_in_a_record_of_version_1_stays(store: Store, room: Room) -> None:
    guest = add_guest(store, room, "Kim", NOW)
    poll_id = _vote(store, guest, eligibility="anyone", secrecy="named")  # type: ignore[arg-type]
    closed = close_poll(store, poll_id, NOW, "u1")
    with store.transaction():
        outcome = {key: kept for key, kept in (closed.outcome or {}).items() if key != "recorded"}
        store.save(replace(closed, outcome=outcome))
        for name in store.group(RecordName, poll_id, "poll"):
            store.remove(name)

    assert prune_all(store) == {}


def test_removed_member_stays_while_a_poll_is_open(store: Store, room: Room) -> None:
    with store.transaction():
        row = store.add(Row(0, "lobby", "Ann", ref="7"))
    remove_row(store, room, row.id, NOW, "u1")
    poll = add_poll(store, eligibility="roll")

    assert prune_all(store) == {}

    close_poll(store, poll.id, NOW, "u1")
    assert len(prune_all(store)["removed"]) == 1


def test_meeting_its_attendance_the_log_and_records_stay(store: Store, room: Room) -> None:
    meeting = begin(store)
    ann = add_account(store, "ann")
    arrive(store, find_room(store, "lobby"), standing_in(store, room, ann), NOW)
    depart(store, room, ann.person, NOW)
    poll_id = _vote(store, ann, secrecy="named")
    close_poll(store, poll_id, NOW, "u1")
    before = public_record(store, poll_id), store.each(LogEntry), store.each(Attendance)

    assert prune_all(store) == {}
    assert before == (public_record(store, poll_id), store.each(LogEntry), store.each(Attendance))
    assert store.size(Attendance, ("lobby", meeting.id), "meeting") == 1


def test_what_is_used_again_meanwhile_stays(store: Store, room: Room) -> None:
    account = add_account(store, "ann")

    gone = [*prune(store, "accounts", LATER - YEAR, lambda: note_sign_in(store, account, LATER))]

    assert gone == []
    assert store.count(Account) == 1
