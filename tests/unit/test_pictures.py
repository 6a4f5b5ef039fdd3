"""Pictures are bounded by room and in all: they are kept in memory."""

import threading
from datetime import timedelta
from typing import Any

import gevent
import pytest

import api.pictures
from api.pictures import WAITING, Pictures
from tests.unit.lobby import NOW
from voting import pictures
from voting.copying import copy_room
from voting.faults import Invalid
from voting.guest_hosts import start_room
from voting.model.accounts import Account
from voting.model.rooms import Picture, Room
from voting.people import find_room
from voting.pictures import GUEST_PICTURES, PICTURES, UNUSED, add_picture
from voting.refusals import RateLimited
from voting.rooms import change_room
from voting.store import Store
from voting.text import new_picture_key, new_room_code


def make_room(store: Store, *, guest: bool) -> Room:
    if guest:
        return start_room(store, {"name": "Club"}, "Kim", NOW, new_room_code)[0]
    with store.transaction():
        return store.add(Room(0, "lobby", "Lobby", "public"))


def fill(store: Store, room: Room, count: int) -> None:
    with store.transaction():
        for number in range(count):
            add_picture(store, room, "", f"{room.code}-{number}", NOW)


@pytest.mark.parametrize(("guest", "most"), [(False, PICTURES), (True, GUEST_PICTURES)])
def test_room_has_so_many_pictures_and_no_more(store: Store, guest: bool, most: int) -> None:
    room = make_room(store, guest=guest)
    fill(store, room, most)

    with pytest.raises(Invalid) as refused, store.transaction():
        add_picture(store, room, "", "one-more", NOW)

    assert refused.value.faults[0].constraint == most


def test_pictures_that_no_poll_has_make_room_after_a_day(store: Store) -> None:
    room = make_room(store, guest=True)
    fill(store, room, GUEST_PICTURES)

    with store.transaction():
        add_picture(store, room, "", "one-more", NOW + UNUSED + timedelta(seconds=1))

    assert [each.key for each in store.each(Picture)] == ["one-more"]


def test_logo_stays_when_unused_pictures_make_room(store: Store) -> None:
    room = make_room(store, guest=True)
    fill(store, room, GUEST_PICTURES)
    change_room(store, room, {"logo": f"{room.code}-3"}, NOW, "r1")

    with store.transaction():
        with_logo = find_room(store, room.code)
        add_picture(store, with_logo, "", "one-more", NOW + UNUSED + timedelta(seconds=1))

    assert {each.key for each in store.each(Picture)} == {f"{room.code}-3", "one-more"}


def test_copy_leaves_out_pictures_that_all_rooms_together_may_not_have(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(store, guest=False)
    fill(store, room, 1)
    change_room(store, room, {"logo": f"{room.code}-0"}, NOW, "r1")
    monkeypatch.setattr(pictures, "ALL_PICTURES", 1)
    with store.transaction():
        maker = store.add(
            Account(0, "ann@example.org", "ann@example.org", "Ann", "", 0, False, NOW)
        )

    copied = copy_room(
        store,
        find_room(store, room.code),
        {"name": "Next"},
        maker,
        NOW,
        new_room_code,
        new_picture_key,
        int,
    )

    assert copied.logo is None
    assert store.count(Picture) == 1


def test_rooms_have_so_many_pictures_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ALL_PICTURES", 25)
    fill(store, make_room(store, guest=True), GUEST_PICTURES)
    fill(store, room := make_room(store, guest=False), 5)

    with pytest.raises(Invalid) as refused, store.transaction():
        add_picture(store, room, "", "one-more", NOW)

    assert refused.value.faults[0].constraint == 25


def test_uploads_beyond_those_that_may_wait_for_the_thread_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, opened = threading.Event(), threading.Event()

    def shrink(*_: Any, **__: Any) -> bytes:
        begun.set()
        opened.wait(60)
        return b"made"

    monkeypatch.setattr(api.pictures, "shrink", shrink)
    uploads = Pictures()
    crowd = [gevent.spawn(uploads.shrink, b"", "image/png", "u0")]
    while not begun.is_set():
        gevent.sleep(0.001)

    crowd += [gevent.spawn(uploads.shrink, b"", "image/png", f"u{n}") for n in range(WAITING + 2)]
    gevent.wait(crowd, timeout=10, count=2)
    opened.set()
    gevent.joinall(crowd)

    refused = [each.exception for each in crowd if each.exception is not None]
    assert [type(each) for each in refused] == [RateLimited] * 2
