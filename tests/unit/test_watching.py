"""Whoever looks again at a connection that has gone finds that it watches nothing."""

from functools import partial
from types import SimpleNamespace
from typing import Any

from api.buckets import Buckets
from api.live.connections import Connection, Connections
from api.live.notifier import Notifier
from api.live.signals import Signal, Signals
from api.live.watching import Watchers
from api.presence import Presence
from tests.unit.lobby import NOW, add_account
from voting.model.rooms import Room, Row
from voting.store import Store


def test_one_who_went_does_not_come_back_when_a_crowd_is_looked_at_again(store: Store) -> None:
    ann, connections, emitted = add_account(store, "ann"), Connections(), list[Any]()
    with store.transaction():
        store.add(Room(0, "lobby", "Lobby", "public"))
    presence = Presence(store, lambda: NOW, lambda *_: None)
    tokens = SimpleNamespace(authenticate=lambda *_: (None, ann))
    parts: Any = SimpleNamespace(store=store, presence=presence, clock=lambda: NOW, tokens=tokens)
    nothing: Any = lambda *_: None  # noqa: E731
    watchers = Watchers(connections, parts, nothing, nothing)
    emits: Any = SimpleNamespace(
        emit=lambda *arguments, **_: emitted.append(arguments), emit_latest=nothing
    )
    notifier = Notifier(connections, emits, parts, watchers, Signals(Signal(), Signal(), Signal()))
    connection = Connection("s1", "en", "token", None, partial(Buckets(1, 1).take, "s1"))
    connections.add(connection)
    watchers.join(connection, "lobby", screen=False)

    connections.remove("s1")
    watchers.leave_all(connection)
    with store.transaction():  # she is another person of the room now
        store.add(Row(0, "lobby", "Ann", "voter", account=ann.id))
    notifier.send_rights([(connection, "lobby")])  # noted before she went

    assert emitted == []
    assert [each["connections"] for each in presence.people("lobby")] == [0]  # within her grace
