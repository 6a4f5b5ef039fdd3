"""Names of members who were removed: kept in records, and gone with their account."""

from tests.records import public_record
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.accounts import delete_account
from voting.casting import Vote
from voting.ending import close_poll
from voting.model.rooms import RemovedRow, Room, Row
from voting.roll import claim_row, make_codes, remove_row
from voting.rooms import create_room
from voting.store import Store

HOST = "u1"


def test_member_who_was_removed_is_named_in_a_named_record(store: Store) -> None:
    with store.transaction():
        room = store.add(Room(0, "lobby", "Lobby", "public"))
        rows = [store.add(Row(0, "lobby", f"Voter {number}")) for number in range(2)]
    account = add_account(store, "ann")
    code = make_codes(store, room, [rows[1].id], NOW, HOST, lambda: "CODE")[0][1]
    claim_row(store, room, code, account, NOW)
    poll = add_poll(store, secrecy="named", eligibility="roll")
    for voter in (rows[0], account):
        cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh())

    for row in rows:
        remove_row(store, room, row.id, NOW, HOST)
    close_poll(store, poll.id, NOW, HOST)

    names = public_record(store, poll.id)["names"]
    assert sorted(names.values()) == ["Voter 0", "Voter 1"]


def test_name_that_came_from_an_account_goes_with_it_from_a_row_that_was_removed(
    store: Store,
) -> None:
    maker, second = add_account(store, "maker"), add_account(store, "second")
    room = create_room(store, {"name": "Club"}, maker, NOW, lambda: "C1UB00")
    with store.transaction():
        store.add(Row(0, room.code, "Second", role="host", account=second.id, claimed=True))
    own = store.group(Row, room.code)[0]
    remove_row(store, room, own.id, NOW, HOST)

    delete_account(store, maker, NOW)

    (kept,) = store.group(RemovedRow, room.code)
    assert (kept.kept["name"], kept.kept["account"]) == ("", None)
