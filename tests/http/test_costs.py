"""What anybody may ask costs no more where others keep ten times as much.

Each route and event is asked in a small and in a large world, and the steps of the interpreter
are counted: the same on every machine. What may grow stands in `GROWING`, with the reason.
"""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count, cycle
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import gevent
import pytest
from flask.testing import FlaskClient

import api.app
from api.app import Rollcall, create_app
from api.buckets import Buckets
from api.live.connections import Connection
from api.live.live import Live
from api.services import NAME, Services
from api.settings import read_settings
from db.tinydb_store import TinyDBStore
from tests.http.hall import KEY, make_people
from tests.unit.lobby import cast_ballot
from voting.casting import Casting, NewBallot, Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.meetings import begin_meeting
from voting.model.accounts import Account
from voting.model.meetings import Meeting
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Attendance, Guest, Message, Mute, RemovedRow, Room, Row
from voting.people import find_room
from voting.polls import open_poll
from voting.store import Store

SMALL, LARGE = 30, 300
MOST = 1.3
"""How many times the steps a request may take where there is ten times as much of everything."""
HALL = "HA1100"
NOW = datetime.now(UTC)

numbers = count(1)


def fresh() -> str:
    return f"New {next(numbers)}"


@dataclass
class World:
    """An app over a store with `size` of everything, and who asks."""

    size: int
    rollcall: Rollcall
    live: Live
    ids: dict[str, Iterator[Any]]
    tokens: dict[str, Iterator[str | None]]

    @property
    def parts(self) -> Services:
        parts: Services = self.rollcall.app.extensions[NAME]
        return parts

    @property
    def client(self) -> FlaskClient:
        return self.rollcall.app.test_client()


def fill(store: Store, people: list[Account], size: int) -> dict[str, list[int]]:
    """Put `size` of everything into the store; return the ids of polls by state, and of rows."""
    two = (Candidate(0, "A"), Candidate(0, "B"))
    draft = Poll(0, HALL, "Draft", two, secrecy="named", eligibility="accounts")
    with store.transaction():
        room = store.add(Room(0, HALL, "Hall", "public", trust_email=True))
        store.add(Row(0, HALL, "Host", role="host", account=people[0].id, claimed=True))
        ended = [
            store.add(Meeting(0, HALL, n + 1, f"Meeting {n}", NOW, NOW, NOW)) for n in range(size)
        ]
        meeting = begin_meeting(store, room, NOW, actor=CLOCK)
        for n in range(size):
            store.add(Room(0, f"R{n:05}", f"Room {n}", "public", trust_email=True))
            row = store.add(Row(0, HALL, f"Row {n}", f"row{n}@x.org", f"M{n}"))
            store.add(Row(0, f"R{n:05}", f"Row {n}"))
            for kept in (Row(0, HALL, f"Gone {n}"), Row(0, HALL, "Gone", ref=f"G{n}")):
                gone = store.add(kept)
                store.remove(gone)
                store.save(RemovedRow(gone.id, HALL, {**vars(gone)}))
            guest = store.add(Guest(0, HALL, f"Guest {n}", NOW))
            for who in (f"g{guest.id}", f"r{row.id}", f"u{people[n].id}"):
                there = Attendance(0, HALL, who, f"There {n}", NOW, NOW)
                for each in (ended[0], meeting):
                    store.add(replace(there, meeting=each.id))
            store.add(Message(0, HALL, f"g{guest.id}", f"Guest {n}", "Hello", NOW))
            store.add(Mute(0, HALL, f"key{n}", f"u{n + 10**6}", NOW))
        rows = [row.id for row in store.group(Row, HALL)][1:]
        drafts = [store.add(draft).id for _ in range(size)]
    voted, opened = drafts[0], drafts[1:11]
    for poll_id in (voted, *opened):
        open_poll(store, poll_id, NOW, CLOCK)
        for n in range(size if poll_id in (voted, opened[0]) else 0):
            poll = store.get(Poll, poll_id)
            assert poll is not None
            choice = Vote((poll.candidates[0].id,))
            cast_ballot(
                store,
                poll_id,
                people[n],
                choice,
                NewBallot(NOW, next(numbers), f"{next(numbers):032x}"),
            )
    closed = close_poll(store, voted, NOW, CLOCK)
    with store.transaction():
        for _ in range(size):
            store.add(replace(closed, candidates=two))
        store.save(replace(find_room(store, HALL), current_poll=opened[0]))
    candidate = store.group(Poll, HALL)[2].candidates[0].id
    return {
        "closed": [voted],
        "open": opened[:1],
        "moving": opened[2:],
        "draft": drafts[11:],
        "rows": rows,
        "meetings": [ended[0].id],
        "messages": [each.id for each in store.group(Message, HALL)[:10]],
        "candidate": [candidate],
        "receipt": [store.ballots(voted)[0].receipt],
    }


def build(folder: Path, size: int) -> World:
    path = folder / "rollcall.json"
    people = make_people(TinyDBStore(path, NOW), size + 20)
    store = TinyDBStore(path, NOW)
    with store.transaction():
        people[1] = store.save(replace(people[1], administrator=True))
    kept = fill(store, people, size)
    store.close()
    settings = {"DATABASE_URL": f"tinydb:///{path}", "SECRET_KEY": KEY, "RATE_LIMITS": "off"}
    lives: list[Live] = []

    class Kept(Live):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            lives.append(self)

    with patch.object(api.app, "Live", Kept):
        rollcall = create_app(read_settings({f"ROLLCALL_{k}": v for k, v in settings.items()}))
    parts: Services = rollcall.app.extensions[NAME]

    def tokens_of(*people: Any) -> Iterator[str]:
        return cycle([parts.tokens.issue(each, NOW)[0] for each in people])

    guests = rollcall.store.group(Guest, HALL)
    tokens = {
        "nobody": cycle([None]),
        "host": tokens_of(people[0]),
        "admin": tokens_of(people[1]),
        "voter": tokens_of(*people[-10:-5]),
        "leaving": tokens_of(*people[-5:]),
        "guest": tokens_of(*guests[-2:]),
    }
    ids = {name: cycle(found) for name, found in kept.items()}
    return World(size, rollcall, lives[0], ids, tokens)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    made = [build(tmp_path_factory.mktemp("world"), size) for size in (SMALL, LARGE)]
    yield made
    for world in made:
        world.rollcall.store.close()


@dataclass(frozen=True)
class Ask:
    """Who asks, with what; `state` is that of the poll in the path."""

    who: str = "nobody"
    body: Callable[[World], Any] | None = None
    state: str = "open"
    query: str = ""
    status: int = 200


ROUTES = {
    "GET /healthz": Ask(),
    "GET /readyz": Ask(),
    "GET /candidates": Ask(status=404),
    "GET /vote": Ask("voter", query="?id={candidate}"),
    "POST /vote": Ask("voter", query="?id={candidate}"),
    "POST /auth/signup": Ask(
        body=lambda _: {"email": f"{next(numbers)}@y.org", "name": "N", "password": "p" * 9},
        status=201,
    ),
    "GET /auth/signup": Ask(),
    "POST /auth/login": Ask(
        body=lambda _: {"email": "person1@example.org", "password": "correct-horse"}
    ),
    "GET /auth/token": Ask(status=400),
    "GET /auth/me": Ask("voter"),
    "PATCH /auth/me": Ask("voter", lambda _: {"name": fresh()}),
    "DELETE /auth/me": Ask("leaving", status=204),
    "POST /auth/reset": Ask(body=lambda _: {"code": "no", "password": "p" * 9}, status=403),
    "POST /auth/logout": Ask("leaving", status=204),
    "POST /auth/admin": Ask("voter", lambda _: {"code": "no"}, status=403),
    "GET /admin/users": Ask("admin", query="?limit=20"),
    "POST /admin/users/<int:user_id>/reset": Ask("admin", status=201),
    "GET /admin/backup": Ask("admin"),
    "GET /admin/status": Ask("admin"),
    "GET /auth/me/export": Ask("voter"),
    "GET /rooms": Ask("voter", query="?limit=20"),
    "POST /rooms": Ask("voter", lambda _: {"name": "R"}, status=201),
    "GET /rooms/<code>": Ask(),
    "PATCH /rooms/<code>": Ask("host", lambda _: {"name": fresh()}),
    "DELETE /rooms/<code>": Ask("host", status=409),
    "GET /rooms/<code>/polls": Ask(query="?limit=20"),
    "POST /rooms/<code>/polls": Ask(
        "host", lambda _: {"title": "T", "candidates": [{"name": "A"}]}, status=201
    ),
    "POST /rooms/<code>/pictures": Ask("host", status=415),
    "GET /pictures/<key>": Ask(status=404),
    "POST /rooms/<code>/guests": Ask(body=lambda _: {"nickname": fresh()}, status=201),
    "POST /rooms/<code>/screen-token": Ask("host", status=201),
    "DELETE /rooms/<code>/screen-token": Ask("host", status=204),
    "GET /rooms/<code>/presence": Ask("guest"),
    "GET /rooms/<code>/messages": Ask("guest", query="?limit=20"),
    "GET /rooms/<code>/meetings": Ask(query="?limit=20"),
    "POST /rooms/<code>/meetings": Ask("host", lambda _: {}, status=409),
    "GET /rooms/<code>/meetings/<int:meeting_id>": Ask(),
    "PATCH /rooms/<code>/meetings/<int:meeting_id>": Ask("host", lambda _: {"title": fresh()}),
    "POST /rooms/<code>/meetings/<int:meeting_id>/end": Ask("host"),
    "GET /rooms/<code>/meetings/<int:meeting_id>/minutes": Ask(),
    "GET /rooms/<code>/meetings/<int:meeting_id>/minutes.xlsx": Ask(),
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance": Ask("host", query="?limit=20"),
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance.csv": Ask("host"),
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance.xlsx": Ask("host"),
    "GET /rooms/<code>/attendance": Ask("host", query="?limit=20"),
    "GET /rooms/<code>/attendance.csv": Ask("host"),
    "GET /rooms/<code>/attendance.xlsx": Ask("host"),
    "GET /rooms/<code>/roll.csv": Ask("host"),
    "GET /rooms/<code>/roll.xlsx": Ask("host"),
    "GET /rooms/<code>/qr.svg": Ask(),
    "GET /rooms/<code>/export": Ask("host"),
    "GET /rooms/<code>/log": Ask("guest", query="?limit=20"),
    "GET /rooms/<code>/log.json": Ask("guest"),
    "GET /rooms/<code>/roll": Ask("host", query="?limit=20"),
    "POST /rooms/<code>/roll": Ask("host", lambda _: {"rows": [{"name": fresh()}]}),
    "PATCH /rooms/<code>/roll/<int:row_id>": Ask("host", lambda _: {"checked_in": True}),
    "DELETE /rooms/<code>/roll/<int:row_id>": Ask("host", status=204),
    "GET /rooms/<code>/roll/removed": Ask("host", query="?limit=20"),
    "POST /rooms/<code>/roll/<int:row_id>/restore": Ask("host"),
    "POST /rooms/<code>/roll/codes": Ask("host", lambda world: {"ids": [next(world.ids["rows"])]}),
    "POST /rooms/<code>/keep": Ask("voter", lambda _: {"token": "wrong"}, status=403),
    "POST /rooms/<code>/claim": Ask("voter", lambda _: {"code": "wrong"}, status=404),
    "GET /polls/<int:poll_id>": Ask(),
    "PATCH /polls/<int:poll_id>": Ask("host", lambda _: {"title": fresh()}, "draft"),
    "POST /polls/<int:poll_id>/move": Ask("host", lambda _: {"before": None}, "draft"),
    "DELETE /polls/<int:poll_id>": Ask("host", state="draft", status=204),
    "POST /polls/<int:poll_id>/open": Ask("host", state="draft"),
    "POST /polls/<int:poll_id>/pause": Ask("host", state="moving"),
    "POST /polls/<int:poll_id>/close": Ask("host", state="moving"),
    "POST /polls/<int:poll_id>/void": Ask("host", lambda _: {"reason": "x"}, "moving"),
    "POST /polls/<int:poll_id>/publish": Ask("host", state="closed"),
    "PUT /polls/<int:poll_id>/ballot": Ask("voter", lambda _: {"choices": []}, status=201),
    "GET /polls/<int:poll_id>/ballot": Ask("guest", status=404),
    "GET /polls/<int:poll_id>/results": Ask(state="closed"),
    "GET /polls/<int:poll_id>/results.csv": Ask(state="closed"),
    "GET /polls/<int:poll_id>/results.xlsx": Ask(state="closed"),
    "GET /polls/<int:poll_id>/record": Ask("guest", state="closed"),
    "GET /polls/<int:poll_id>/electorate": Ask("host", status=404),
    "POST /polls/<int:poll_id>/electorate": Ask("host", lambda _: {"row": 10**9}, status=404),
    "GET /polls/<int:poll_id>/proof": Ask("guest", query="?receipt={receipt}", state="closed"),
    "GET /polls/<int:poll_id>/turnout": Ask("host", state="closed"),
    "GET /polls/<int:poll_id>/newcomers": Ask("host", query="?limit=5"),
    "GET /rooms/<code>/guest-link": Ask("host"),
    "POST /rooms/<code>/guest-link": Ask("host", status=201),
    "DELETE /rooms/<code>/guest-link": Ask("host", status=204),
    "DELETE /rooms/<code>/messages/<int:message_id>": Ask("host", status=204),
    "GET /rooms/<code>/muted": Ask("host", query="?limit=20"),
    "PUT /rooms/<code>/muted/<person>": Ask("host"),
    "DELETE /rooms/<code>/muted/<person>": Ask("host", status=404),
    "GET /rooms/<code>/barred": Ask("host"),
    "PUT /rooms/<code>/barred/<person>": Ask("host"),
    "DELETE /rooms/<code>/barred/<person>": Ask("host", status=404),
    "GET /admin/invitations": Ask("admin"),
    "POST /admin/invitations": Ask("admin", lambda _: {}, status=201),
    "DELETE /admin/invitations/<int:invitation_id>": Ask("admin", status=404),
    "PUT /rooms/<code>/roll": Ask("host", lambda _: {"rows": [{"name": fresh()}]}),
}
SHELL = ("/sw.js", "/manifest.webmanifest", "/icon.svg")
ALIKE = (
    "/docs",
    "/assets/",
    "/openapi",
    "/asyncapi",
    "/metrics",
    "/r/",
    "/reset",
    "/signin",
    *SHELL,
)
"""Routes of files and numbers, which look at nothing that is kept."""
GROWING = {
    "GET /rooms/<code>/meetings/<int:meeting_id>/minutes": "it counts all who were at the meeting",
    "GET /rooms/<code>/meetings/<int:meeting_id>/minutes.xlsx": "as above, made in a thread",
    "GET /rooms/<code>/export": "a host's copy of all that the room holds, in slices",
    "GET /admin/backup": "it is all there is, for an administrator",
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance.csv": "a host's table, made in slices",
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance.xlsx": "as above, made in a thread",
    "GET /rooms/<code>/attendance.csv": "a host's table of all who were there, made in slices",
    "GET /rooms/<code>/attendance.xlsx": "as above, made in a thread",
    "GET /rooms/<code>/log.json": "a member's copy of the room's whole log, in slices",
    "GET /rooms/<code>/roll.csv": "a host's table of the room's own roll, made in slices",
    "GET /rooms/<code>/roll.xlsx": "as above, made in a thread",
    "PUT /rooms/<code>/roll": "a host's import removes what it doesn't have of the room's own roll",
    "POST /polls/<int:poll_id>/move": "a host's; it gives the drafts that it passes other places",
    "POST /polls/<int:poll_id>/open": "a host's; it counts who of the room's people is present",
    "POST /polls/<int:poll_id>/close": "as above, and it counts the ballots",
    "GET /polls/<int:poll_id>/electorate": "a member's list of all who have a vote, in slices",
    "GET /polls/<int:poll_id>/proof": "it hashes the ballots beside one's own, at most 255",
    "GET /polls/<int:poll_id>/turnout": "a host's list of the room's people, made in slices",
    "GET /rooms/<code>/presence": "who is present is counted, at most once a second",
    "room:join": "who is present is counted; `test_long_rooms` has rooms of many polls",
}
"""What may grow with what one room holds, and why."""
EVENTS: dict[str, tuple[str, Callable[[World], Any]]] = {
    "room:join": ("join", lambda _: {"room": HALL}),
    "chat:send": ("chat", lambda _: {"room": HALL, "text": "Hello"}),
    "presence:set": ("set_presence", lambda _: {"room": HALL, "status": "away"}),
    "ballot:cast": ("cast", lambda world: {"poll": next(world.ids["open"]), "choices": ()}),
    "room:leave": ("leave", lambda _: {"room": HALL}),
    "connection:check": ("check", lambda _: {}),
}
ACTING = {"chat:send", "presence:set", "ballot:cast"}
PLACES = (
    ("row_id", "rows"),
    ("user_id", "candidate"),
    ("meeting_id", "meetings"),
    ("message_id", "messages"),
)
"""What stands for an id in a path, and of what it is."""
DIALECT = {"useridInput", "globalChat", "my_event", "my event"}
"""Events of an old client, of whom nothing is kept."""


def count_steps(call: Callable[[], Any]) -> int:
    """Return how many steps the interpreter takes in this greenlet until a call returns."""
    mine, steps = gevent.getcurrent(), 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal steps
        if event == "opcode":
            steps += 1
        elif event == "call" and gevent.getcurrent() is not mine:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return steps


def ask_route(world: World, route: str) -> int:
    """Ask a route as its row says; return the steps of the second time, when all is warm."""
    asked, (method, rule) = ROUTES[route], route.split(" ")

    def once() -> int:
        path = rule.replace("<code>", HALL).replace("<person>", "u9" if method == "PUT" else "u8")
        path = path.replace("<int:invitation_id>", "999")
        for place, kind in (("poll_id", asked.state), *PLACES):
            if f"<int:{place}>" in path:
                number = 3 if place == "user_id" else next(world.ids[kind])
                path = path.replace(f"<int:{place}>", str(number))
        named = {name: next(world.ids[name]) for name in ("candidate", "receipt")}
        query = asked.query.format(**named)
        token = next(world.tokens[asked.who])
        headers = {} if token is None else {"Authorization": token}
        body = None if asked.body is None else asked.body(world)
        answers = []

        def request() -> None:
            answer = world.client.open(path + query, method=method, headers=headers, json=body)
            answers.append((answer.status_code, len(answer.data)))

        steps = count_steps(request)
        assert answers[0][0] == asked.status, (route, answers)
        return steps

    once()
    return once()


def test_every_route_and_event_is_asked(worlds: list[World]) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in worlds[0].rollcall.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in ("/", "/account", "/admin") and not rule.rule.startswith(ALIKE)
    }
    events = set(worlds[0].live.socketio.server.handlers["/"]) - {"connect", "disconnect", "*"}

    assert set(ROUTES) == routes
    assert set(EVENTS) | DIALECT == events
    assert set(GROWING) <= {*ROUTES, *EVENTS}


@pytest.mark.parametrize("route", ROUTES)
def test_route_costs_the_same_where_others_keep_ten_times_as_much(
    worlds: list[World], route: str
) -> None:
    small, large = (ask_route(world, route) for world in worlds)

    most = 2 * LARGE / SMALL if route in GROWING else MOST
    assert large <= most * small, f"{small} steps became {large}"


def test_event_costs_the_same_where_others_keep_ten_times_as_much(worlds: list[World]) -> None:
    steps: dict[str, list[int]] = {event: [] for event in EVENTS}
    for world in worlds:
        live, token = world.live, next(world.tokens["host"])
        live.watchers.enter_room = live.watchers.leave_room = lambda *_: None
        session = world.parts.tokens.authenticate(world.parts.store, str(token), NOW)[0]
        unlimited = partial(Buckets(1, math.inf).take, "sid")
        connection = Connection("sid", "en", token, session, unlimited)
        live.connections.add(connection)
        for event, (handler, fields) in [*EVENTS.items(), *EVENTS.items()]:
            handle, store = getattr(live.events, handler), world.parts.store
            if event == "ballot:cast":
                handle = partial(handle, casting=Casting(store, NOW))
            acts = store.transaction() if event in ACTING else nullcontext()
            connection.checking = False
            with acts:
                steps[event].append(count_steps(partial(handle, connection, fields(world))))

    for event, (_, small, _, large) in steps.items():
        most = 2 * LARGE / SMALL if event in GROWING else MOST
        assert large <= most * small, f"{event}: {small} steps became {large}"
