"""Exports while a room changes: they stay JSON, and a part never passes for the whole."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

import api.exports
from api.exports import export_room
from api.slices import LongReads
from tests.unit.lobby import NOW, add_poll
from voting.model.rooms import Room
from voting.people import Standing
from voting.refusals import NotFound
from voting.store import Store

HOST = Standing(None, None, "host")


@pytest.fixture
def room(store: Store) -> Room:
    with store.transaction():
        return store.add(Room(0, "lobby", "Lobby", "public"))


def parts(store: Store, *durable: Any) -> Any:
    """Return the services of an export; only some polls are on the disk."""
    tallies = {poll.id: SimpleNamespace(poll=poll) for poll in durable}
    return SimpleNamespace(
        store=store,
        clock=lambda: NOW,
        long_reads=LongReads(),
        tallies=SimpleNamespace(of=tallies.get),
    )


def test_export_is_json_when_its_first_poll_is_not_on_the_disk_yet(
    store: Store, room: Room
) -> None:
    _, second, third = (add_poll(store, state="draft") for _ in range(3))

    document = json.loads(b"".join(export_room(parts(store, second, third), room, HOST)))

    assert [each["poll"]["id"] for each in document["polls"]] == [second.id, third.id]


def test_export_breaks_off_when_its_room_is_deleted_meanwhile(
    store: Store, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.exports, "CHUNK_BYTES", 1)
    chunks = export_room(parts(store), room, HOST)
    next(chunks)
    with store.transaction():
        store.remove(room)

    with pytest.raises(NotFound):
        list(chunks)
