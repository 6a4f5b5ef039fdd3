"""Rooms of guest hosts end by age, unless a poll is open or an account hosts them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.lobby import NOW, add_account, add_poll
from voting.guest_hosts import KEPT, keep_room, remove_expired, start_room
from voting.model.rooms import Room, Row
from voting.people import find_room
from voting.refusals import Forbidden
from voting.store import Store
from voting.text import new_room_code

LATER = NOW + KEPT


@pytest.fixture
def room(store: Store) -> Room:
    return start_room(store, {"name": "Club"}, "Kim", NOW, new_room_code)[0]


def test_expired_room_is_removed_with_its_roll(store: Store, room: Room) -> None:
    assert remove_expired(store, LATER) == [room.code]
    assert store.find(Room, "code", room.code) is None
    assert store.group(Row, room.code) == []


def test_room_stays_until_its_time_is_over(store: Store, room: Room) -> None:
    assert remove_expired(store, LATER - timedelta(seconds=1)) == []
    assert find_room(store, room.code) == room


def test_expired_room_stays_while_a_poll_is_open(store: Store, room: Room) -> None:
    poll = add_poll(store, room=room.code)

    assert remove_expired(store, LATER) == []

    with store.transaction():
        store.save(replace(poll, state="void"))
    assert remove_expired(store, LATER) == [room.code]


def bind(store: Store, room: Room) -> None:
    store.add(Row(0, room.code, "Ada", role="host", account=add_account(store, "ada").id))


def trust(store: Store, room: Room) -> None:
    store.save(replace(room, trust_email=True))
    add_account(store, "ada")
    store.add(Row(0, room.code, "Ada", "ada@example.org", role="host"))


@pytest.mark.parametrize("host", [bind, trust])
def test_expired_room_that_an_account_hosts_is_kept(
    store: Store, room: Room, host: Callable[[Store, Room], None]
) -> None:
    with store.transaction():
        host(store, room)

    assert remove_expired(store, LATER) == []
    assert find_room(store, room.code).expires_at is None


def test_removal_leaves_rooms_of_accounts_alone(store: Store) -> None:
    with store.transaction():
        store.add(Room(0, "lobby", "Lobby", "public"))

    assert remove_expired(store, LATER) == []


def test_room_is_kept_by_one_account_when_two_ask_with_what_they_read_before(store: Store) -> None:
    room, host = start_room(store, {"name": "Club"}, "Kim", NOW, new_room_code)
    with store.transaction():
        ada, bob = add_account(store, "ada"), add_account(store, "bob")
        store.save(replace(room, name="Chess club"))

    kept = keep_room(store, room, host, ada, NOW)
    with pytest.raises(Forbidden):
        keep_room(store, room, host, bob, NOW)

    assert store.get(Row, host.id) == kept
    assert kept.account == ada.id
    assert find_room(store, room.code).name == "Chess club"
    assert find_room(store, room.code).expires_at is None
