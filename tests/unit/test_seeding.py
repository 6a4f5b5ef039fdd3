"""What an empty store begins with."""

import json
from pathlib import Path
from typing import Any

import pytest

import db
from api.seeding import seed_store
from tests.unit.lobby import NOW
from voting.faults import Invalid
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.store import Store

SEED = {
    "rooms": [
        {
            "code": "lobby",
            "name": "Lobby",
            "visibility": "public",
            "polls": [
                {"title": "First", "candidates": [{"name": "김하늘"}, {"name": "Ada"}]},
                {
                    "title": "Second",
                    "closes_at": "2026-11-20T18:00:00+09:00",
                    "candidates": [{"name": "Yes", "description": "예"}],
                },
            ],
        }
    ]
}


def test_store_begins_with_the_seed_when_it_is_empty(store: Store) -> None:
    seed_store(store, SEED, NOW)

    room = store.find(Room, "code", "lobby")
    first, second = store.group(Poll, "lobby")
    assert room is not None
    assert (room.name, room.visibility) == ("Lobby", "public")
    assert room.current_poll in (first.id, second.id)
    assert [candidate.name for candidate in first.candidates] == ["김하늘", "Ada"]
    assert (first.state, first.opened_at) == ("open", NOW)
    assert second.closes_at == NOW
    assert second.candidates[0].description == "예"


def test_store_stays_as_it_is_when_it_has_a_room(store: Store) -> None:
    seed_store(store, SEED, NOW)
    before = (store.each(Room), store.group(Poll, "lobby"))

    seed_store(store, {"rooms": [{**SEED["rooms"][0], "code": "K7M2QX"}]}, NOW)

    assert (store.each(Room), store.group(Poll, "lobby")) == before


@pytest.mark.parametrize(
    "poll",
    [
        {},
        {"title": "T"},
        {"title": "T", "candidates": [{}]},
        {"title": "T", "candidates": [{"name": "Yes", "id": 7}]},
        {"title": "T", "candidates": [], "colour": "red"},
        {"title": "T", "candidates": [], "state": "closed"},
        {"title": "T", "candidates": [], "closes_at": "soon"},
        {"title": "T", "candidates": [], "closes_at": "2026-11-20T18:00:00"},
        {"title": "T", "candidates": [], "closes_at": 1},
    ],
)
def test_nothing_is_made_when_the_seed_is_of_another_shape(store: Store, poll: Any) -> None:
    good = SEED["rooms"][0]
    bad = {**good, "code": "K7M2QX", "polls": [poll]}

    with pytest.raises((Invalid, LookupError, TypeError, ValueError)):
        seed_store(store, {"rooms": [good, bad]}, NOW)

    assert store.each(Room) == []
    assert store.group(Poll, "lobby") == []


def test_seed_that_comes_with_the_server_is_the_contracts(store: Store) -> None:
    seed = json.loads((Path(db.__file__).parent / "seed.json").read_text("utf-8"))

    seed_store(store, seed, NOW)

    (room,), (poll,) = store.each(Room), store.group(Poll, "lobby")
    assert (room.code, room.visibility, room.current_poll) == ("lobby", "public", poll.id)
    assert [candidate.id for candidate in poll.candidates] == list(range(1, 11))
    assert (poll.method, poll.eligibility, poll.secrecy) == ("plurality", "accounts", "secret")
    assert (poll.results, poll.allow_change, poll.state) == ("live", True, "open")
