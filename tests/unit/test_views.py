"""What all who join a room are shown alike is kept, and never older than what is on the disk."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.live import snapshot
from api.live.snapshot import Views
from db.journal import files
from tests.http.rooms.house import until
from tests.unit.disks import WITHIN_SECONDS, SlowDisk
from tests.unit.lobby import NOW, add_poll
from voting.model.rooms import Message, Room
from voting.people import Standing
from voting.store import Store

HOST = Standing(None, None, "host")


def test_view_has_what_came_while_it_waited_for_the_disk(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction():
        room = store.add(Room(0, "lobby", "Lobby", "public"))
    views, read, made = Views(store), snapshot.head, threading.Event()
    disk, threads = SlowDisk(files.fsync), list[threading.Thread]()

    def note(*given: Any) -> Any:
        made.set()  # the log's head is the last that is read
        return read(*given)

    def start(call: Callable[[], object]) -> None:
        threads.append(threading.Thread(target=call))
        threads[-1].start()

    def write(text: str) -> None:
        with store.transaction():
            store.add(Message(0, room.code, "u1", "Ann", text, NOW))

    monkeypatch.setattr(files, "fsync", disk)
    monkeypatch.setattr(snapshot, "head", note)
    disk.waits = True
    for number, text in enumerate(("one", "two"), 1):
        start(lambda text=text: write(text))  # type: ignore[misc]
        until(lambda number=number: store.count(Message) == number)
        assert disk.asked.wait(WITHIN_SECONDS)  # the second waits for the batch after the first's
    start(lambda: views.of(room, HOST))
    assert made.wait(WITHIN_SECONDS)
    start(lambda: write("three"))  # and goes with it
    until(lambda: store.count(Message) == 3)
    disk.free.set()
    for thread in threads:
        thread.join(WITHIN_SECONDS)

    shown = views.of(room, HOST)["messages"]

    assert [message["text"] for message in shown] == ["one", "two", "three"]


def test_view_shows_what_changes_alone(store: Store) -> None:
    poll = add_poll(store)
    (room,), views = store.each(Room), Views(store)
    before = views.of(room, HOST)

    with store.transaction():
        store.save(replace(poll, state="paused"))
    paused = views.of(room, HOST)
    with store.transaction():
        renamed = store.save(replace(room, name="Hall"))

    states = [view["polls"][0]["state"] for view in (before, paused)]
    assert states == ["open", "paused"]
    assert views.of(renamed, HOST)["room"]["name"] == "Hall"
