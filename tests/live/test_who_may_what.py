"""Who may say what over Socket.IO, as one table, and who is told what: every event, everybody.

A new event without a row fails. A row: who may, what the others get, and what is said.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from api.app import create_app
from api.settings import read_settings
from tests.http.rooms.everybody import (
    EVERYBODY,
    HOSTS,
    MEMBERS,
    NAMES,
    OUTSIDERS,
    VOTERS,
    everybody,
)
from tests.http.rooms.house import House, Room
from tests.live.clients import Client
from tests.live.conftest import Connect

SEEN = ("room", "polls", "results", "messages")


class Cells(NamedTuple):
    """An event's: those in `who` are acked ok, others refused with `code`, strangers may differ."""

    who: tuple[str, ...]
    code: str = ""
    signed_out: str = ""


EVENTS = {
    "room:join": Cells(EVERYBODY),
    "room:leave": Cells(EVERYBODY),
    "presence:set": Cells(("visitor", "other host", *MEMBERS), "forbidden"),
    "chat:send": Cells(MEMBERS, "forbidden"),
    "ballot:cast": Cells(VOTERS, "not_eligible", "unauthenticated"),
    "connection:check": Cells(EVERYBODY),
    "useridInput": Cells(EVERYBODY),
    "my_event": Cells(EVERYBODY),
    "globalChat": Cells(EVERYBODY),
    "my event": Cells(EVERYBODY),
}
DIALECT = ("useridInput", "my_event", "globalChat", "my event")
OF_NO_ROOM = ("room:leave", "connection:check", *DIALECT)


def test_every_event_has_a_row(tmp_path: Path) -> None:
    settings = read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"})
    rollcall = create_app(settings)
    handled = rollcall.app.extensions["socketio"].server.handlers["/"]
    rollcall.store.close()

    assert EVENTS.keys() == handled.keys() - {"connect", "disconnect", "*"}


@dataclass
class Stage:
    """A room with somebody of each kind, each with a connection."""

    house: House
    room: Room
    visibility: str
    poll: dict[str, Any]
    clients: dict[str, Client]

    def sent(self, event: str) -> Any:
        """Return what somebody says."""
        room = {"room": self.room.code}
        return {
            "presence:set": {**room, "status": "online"},
            "chat:send": {**room, "text": "hello"},
            "ballot:cast": {"poll": self.poll["id"], "choices": []},
            "connection:check": {},
            "useridInput": uuid4().hex,
            "my_event": "hello",
            "globalChat": "hello",
            "my event": {"message": "hello"},
        }.get(event, room)

    def expected(self, event: str, who: str) -> str:
        """Return the refusal's code, empty for none: `not_found` for what one may not see."""
        cells = EVENTS[event]
        if who == "stranger" and cells.signed_out:
            return cells.signed_out
        if self.visibility == "members" and who in OUTSIDERS and event not in OF_NO_ROOM:
            return "not_found"
        return "" if who in cells.who else cells.code


@pytest.fixture(scope="module", params=["public", "members"])
def stage(house: House, request: pytest.FixtureRequest) -> Iterator[Stage]:
    room = house.room(visibility=request.param)
    tokens = everybody(house, room, house.room(), request.param)
    poll = house.poll(room, eligibility="roll")
    clients = {
        who: Client(house.url, None if token is None else {"token": token})
        for who, token in tokens.items()
    }
    yield Stage(house, room, request.param, poll, clients)
    for client in clients.values():
        client.close()


@pytest.mark.parametrize("event", EVENTS)
def test_event_is_acked_to_people_who_may_send_it(stage: Stage, event: str) -> None:
    for who, client in stage.clients.items():
        client.call("room:join", {"room": stage.room.code})
        client.call("useridInput", uuid4().hex)

        answer = client.call(event, stage.sent(event))

        expected = stage.expected(event, who)
        assert answer["ok"] is (expected == ""), (who, answer)
        assert answer.get("error", {}).get("code", "") == expected, who


def test_snapshot_shows_names_and_drafts_only_to_people_who_may_see_them(stage: Stage) -> None:
    draft = stage.house.draft(stage.room)["id"]
    stage.clients["voter"].call("room:join", {"room": stage.room.code})
    stage.clients["voter"].call("chat:send", {"room": stage.room.code, "text": "hello"})
    shown: dict[str, Any] = {}

    for who, client in stage.clients.items():
        seen = stage.visibility == "public" or who not in OUTSIDERS
        if seen:
            shown[who] = client.join(stage.room.code)
            shown[f"{who}'s screen"] = client.join(stage.room.code, **{"as": "screen"})

    for who, snapshot in shown.items():
        text = json.dumps(snapshot)
        named = any(name in text for name in NAMES)
        assert named == (who in MEMBERS), who
        assert (snapshot["presence"]["people"] is not None) == (who in MEMBERS), who
        assert (draft in {poll["id"] for poll in snapshot["polls"]}) == (who in HOSTS), who
        if who not in MEMBERS:
            assert without_times(snapshot) == without_times(shown["screen"]), who


def without_times(snapshot: dict[str, Any]) -> str:
    """Return what a snapshot tells of its room, whenever it was made."""
    results = {key: {**each, "server_time": ""} for key, each in snapshot["results"].items()}
    return json.dumps({**{key: snapshot[key] for key in SEEN}, "results": results})


@pytest.mark.parametrize("visibility", ["public", "members"])
def test_news_shows_names_and_drafts_only_to_people_who_may_see_them(
    house: House, connect: Connect, visibility: str
) -> None:
    room = house.room(visibility=visibility)
    tokens = everybody(house, room, house.room(), visibility)
    watchers: dict[str, Client] = {}
    for who, token in tokens.items():
        if visibility == "public" or who not in OUTSIDERS:
            watchers[who] = connect(house, token)
            watchers[who].join(room.code)
        if who in MEMBERS:
            watchers[f"{who}'s screen"] = connect(house, token)
            watchers[f"{who}'s screen"].join(room.code, **{"as": "screen"})

    draft = house.draft(room, title="In the drawer")
    live(house, room, tokens)
    change(house, room, "The end")

    for who, client in watchers.items():
        client.wait("room:changed", lambda changed: changed["name"] == "The end")
        everything = json.dumps(client.everything())
        assert any(name in everything for name in NAMES) == (who in MEMBERS), who
        assert (draft["title"] in everything) == (who in HOSTS), who
        assert bool(client.received("chat:message")) == (who in MEMBERS), who
        assert client.received("tally:update"), who


def test_nothing_of_a_room_is_sent_to_those_in_another(house: House, connect: Connect) -> None:
    """Also not to those who belong to both, and joined only one."""
    here, there = house.room(), house.room()
    there_tokens = everybody(house, there, here, "public")
    tokens = everybody(house, here, there, "public")
    (row,) = house.enrol(there, {"name": "Member of both"})
    house.claim(there, row["id"], tokens["voter"])
    watchers = {who: connect(house, token) for who, token in tokens.items()}
    for who, client in watchers.items():
        client.join(here.code, **({"as": "screen"} if who == "observer" else {}))
    change(house, here, "Before")
    for client in watchers.values():
        client.wait("room:changed")
    received = {who: len(client.everything()) for who, client in watchers.items()}

    witness = connect(house, there.host)
    witness.join(there.code)
    live(house, there, there_tokens)
    witness.wait("presence:diff")
    change(house, there, "There")
    witness.wait("room:changed")
    change(house, here, "After")

    for who, client in watchers.items():
        client.wait("room:changed", lambda changed: changed["name"] == "After")
        news = [event for event, _ in client.everything()[received[who] :]]
        assert there.code not in json.dumps(client.everything()), who
        of_here = {"room:changed", "presence:diff", "chat:message"}  # they still arrive
        assert set(news) <= of_here, who


def live(house: House, room: Room, tokens: dict[str, str | None]) -> None:
    """Let everything happen in a room that there are events of."""
    poll = house.poll(room, eligibility="roll", secrecy="named")
    visitor = Client(house.url, {"token": tokens["voter"]})
    visitor.join(room.code)
    newcomer = Client(house.url, {"token": house.member(room)})
    who = newcomer.join(room.code)["you"]["person"]
    visitor.wait("presence:diff", lambda diff: who in [person["id"] for person in diff["joins"]])
    visitor.call("chat:send", {"room": room.code, "text": "hello"})
    visitor.call("ballot:cast", {"poll": poll["id"], "choices": []})
    visitor.wait("tally:update", lambda tally: tally["ballots"] == 1)
    visitor.wait("chat:message", lambda message: message["text"] == "hello")
    house.move(room, poll["id"], "close")
    visitor.wait("tally:update", lambda tally: tally["state"] == "closed")
    visitor.close()
    newcomer.close()


def change(house: House, room: Room, name: str) -> None:
    """Change a room: whoever is told of it has been told all that came before."""
    answer = house.request("PATCH", room.path, room.host, json={"name": name})
    assert answer.status_code == 200, answer.text
