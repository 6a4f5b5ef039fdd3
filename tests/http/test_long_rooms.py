"""What anybody asks of a room costs the same after a thousand polls as after ten.

The steps of the interpreter are counted, as in `test_costs`: the same on every machine.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import api.app
from api.app import Rollcall, create_app
from api.buckets import Buckets
from api.live.connections import Connection
from api.live.live import Live
from api.services import NAME, Services
from api.settings import read_settings
from db.tinydb_store import TinyDBStore
from tests.http.hall import KEY, make_people
from tests.http.test_costs import count_steps
from tests.long_rooms import FEW, MANY, add_long_room
from voting.people import find_room
from voting.schedule import Schedule
from voting.text import LOBBY

NOW = datetime.now(UTC)
numbers = count(100)
MOST = 1.1
"""How many times the steps may be after a hundred times as many polls."""


@dataclass
class World:
    """An app whose lobby has had so many polls; a host and a voter watch it."""

    rollcall: Rollcall
    live: Live
    parts: Services
    schedule: Schedule
    host: Connection
    voter: Connection

    def ask(self, path: str, status: int = 200) -> None:
        headers = {"Authorization": str(self.voter.token)}
        answer = self.rollcall.app.test_client().get(path, headers=headers)
        assert answer.status_code == status, answer.text

    def join(self, connection: Connection) -> None:
        self.live.events.join(connection, {"room": LOBBY})

    def join_after_a_change(self) -> None:
        """Join when the part of a snapshot that is kept has to be made again."""
        store = self.parts.store
        with store.transaction():
            store.save(replace(find_room(store, LOBBY), name=f"Hall {next(numbers)}"))
        self.join(self.voter)

    def keep_schedule(self) -> None:
        self.schedule.keep(NOW)


def build(folder: Path, polls: int) -> World:
    path = folder / "rollcall.json"
    people = make_people(TinyDBStore(path, NOW), 2)
    store = TinyDBStore(path, NOW)
    add_long_room(store, LOBBY, polls)
    with store.transaction():
        store.save(replace(people[0], administrator=True))
    store.close()
    lives: list[Live] = []

    class Kept(Live):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            lives.append(self)

    settings = {"DATABASE_URL": f"tinydb:///{path}", "SECRET_KEY": KEY, "RATE_LIMITS": "off"}
    with patch.object(api.app, "Live", Kept):
        rollcall = create_app(read_settings({f"ROLLCALL_{k}": v for k, v in settings.items()}))
    parts: Services = rollcall.app.extensions[NAME]
    live = lives[0]
    live.watchers.enter_room = live.watchers.leave_room = lambda *_: None
    connections = []
    for sid, person in zip(("host", "voter"), people, strict=True):
        token = parts.tokens.issue(person, NOW)[0]
        session = parts.tokens.authenticate(parts.store, token, NOW)[0]
        share = partial(Buckets(1, math.inf).take, sid)
        connections.append(Connection(sid, "en", token, session, share))
        live.connections.add(connections[-1])
    return World(rollcall, live, parts, Schedule(parts.store), *connections)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    made = [build(tmp_path_factory.mktemp("world"), polls) for polls in (FEW, MANY)]
    yield made
    for world in made:
        world.rollcall.store.close()


ACTS: dict[str, Callable[[World], None]] = {
    "a join by a voter": lambda world: world.join(world.voter),
    "a join by a host": lambda world: world.join(world.host),
    "a join after a change": lambda world: world.join_after_a_change(),
    "you:changed": lambda world: world.live.notifier.send_crowd(LOBBY),
    "presence": lambda world: world.parts.presence.settle(LOBBY),
    "the schedule's look": lambda world: world.keep_schedule(),
    "GET /rooms/lobby": lambda world: world.ask("/rooms/lobby"),
    "a part of the list": lambda world: world.ask("/rooms/lobby/polls?limit=10"),
    "the list's end": lambda world: world.ask("/rooms/lobby/polls?limit=10&sort=-id&results=1"),
    "GET /candidates": lambda world: world.ask("/candidates"),
    "GET /vote": lambda world: world.ask("/vote?id=1", 409),
}


@pytest.mark.parametrize("act", ACTS)
def test_act_costs_the_same_after_a_thousand_polls(worlds: list[World], act: str) -> None:
    def measure(world: World) -> int:
        ACTS[act](world)  # the first time it is warmed up
        return count_steps(partial(ACTS[act], world))

    few, many = (measure(world) for world in worlds)

    assert many <= MOST * few, f"{few} steps became {many}"
