"""Who may what, as one table: every route of the server, asked by everybody.

A new route without a row fails. A row: what those get who may, who may, and what is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.http.hall import PASSWORD, refusal
from tests.http.rooms.everybody import (
    ACCOUNTS,
    EVERYBODY,
    HOSTS,
    MEMBERS,
    NAMELESS,
    NAMES,
    OUTSIDERS,
    SIGNED_IN,
    VOTERS,
    everybody,
)
from tests.http.rooms.house import House, Room
from tests.http.rooms.routes import routes_of
from tests.server import ROOT

ADMIN = ("admin",)


def fresh() -> str:
    return uuid4().hex


def someone() -> dict[str, str]:
    return {"email": f"{fresh()}@example.org", "name": "New", "password": PASSWORD}


class Cells(NamedTuple):
    """A route's: those in `who` get `status`; `body` is sent, or made for each."""

    status: int
    who: tuple[str, ...]
    body: dict[str, Any] | Callable[[], dict[str, Any]] | None = None


ELSEWHERE = {
    "GET /": Cells(200, EVERYBODY),
    "GET /signin": Cells(200, EVERYBODY),
    "GET /account": Cells(200, EVERYBODY),
    "GET /admin": Cells(200, EVERYBODY),
    "GET /reset": Cells(200, EVERYBODY),
    "GET /r/<code>": Cells(200, EVERYBODY),
    "GET /r/<code>/developer": Cells(200, EVERYBODY),
    "GET /r/<code>/log": Cells(200, EVERYBODY),
    "GET /r/<code>/meetings": Cells(200, EVERYBODY),
    "GET /r/<code>/screen": Cells(200, EVERYBODY),
    "GET /r/<code>/embed": Cells(200, EVERYBODY),
    "GET /pictures/<key>": Cells(404, EVERYBODY),
    "GET /assets/<path:name>": Cells(200, EVERYBODY),
    "GET /sw.js": Cells(200, EVERYBODY),
    "GET /manifest.webmanifest": Cells(200, EVERYBODY),
    "GET /icon.svg": Cells(200, EVERYBODY),
    "GET /healthz": Cells(200, EVERYBODY),
    "GET /readyz": Cells(200, EVERYBODY),
    "GET /metrics": Cells(200, ADMIN),
    "GET /openapi.json": Cells(200, EVERYBODY),
    "GET /asyncapi.json": Cells(200, EVERYBODY),
    "GET /docs": Cells(200, EVERYBODY),
    "GET /docs/<name>": Cells(200, EVERYBODY),
    "POST /auth/signup": Cells(201, EVERYBODY, someone),
    "GET /auth/signup": Cells(200, EVERYBODY),
    "POST /auth/login": Cells(
        200, EVERYBODY, {"email": "person0@example.org", "password": PASSWORD}
    ),
    "GET /auth/token": Cells(400, EVERYBODY),
    "POST /auth/reset": Cells(403, EVERYBODY, {"code": "wrong", "password": PASSWORD}),
    "GET /auth/me": Cells(200, ACCOUNTS),
    "PATCH /auth/me": Cells(200, ACCOUNTS, {"name": "Changed"}),
    "DELETE /auth/me": Cells(204, ACCOUNTS),
    "POST /auth/logout": Cells(204, SIGNED_IN),
    "GET /auth/me/export": Cells(200, tuple(who for who in SIGNED_IN if who != "screen")),
    "POST /auth/admin": Cells(403, ACCOUNTS, {"code": "wrong"}),
    "GET /admin/users": Cells(200, ADMIN),
    "POST /admin/users/<int:user_id>/reset": Cells(201, ADMIN),
    "GET /admin/invitations": Cells(200, ADMIN),
    "POST /admin/invitations": Cells(201, ADMIN, {}),
    "DELETE /admin/invitations/<int:invitation_id>": Cells(404, ADMIN),
    "GET /admin/backup": Cells(200, ADMIN),
    "GET /admin/status": Cells(200, ADMIN),
    "GET /candidates": Cells(200, EVERYBODY),
    "GET /vote": Cells(200, ACCOUNTS),
    "POST /vote": Cells(200, ACCOUNTS),
    "GET /rooms": Cells(200, ACCOUNTS),
    "POST /rooms": Cells(201, ACCOUNTS, {"name": "New"}),
}
ROOMS = {
    "GET /rooms/<code>": Cells(200, EVERYBODY),
    "PATCH /rooms/<code>": Cells(200, HOSTS, {"name": "Changed"}),
    "DELETE /rooms/<code>": Cells(204, HOSTS),
    "GET /rooms/<code>/export": Cells(200, HOSTS),
    "GET /rooms/<code>/polls": Cells(200, EVERYBODY),
    "POST /rooms/<code>/polls": Cells(201, HOSTS, {"title": "T", "candidates": [{"name": "A"}]}),
    "POST /rooms/<code>/pictures": Cells(415, HOSTS),
    "POST /rooms/<code>/guests": Cells(201, EVERYBODY, lambda: {"nickname": fresh()}),
    "GET /rooms/<code>/guest-link": Cells(200, HOSTS),
    "POST /rooms/<code>/guest-link": Cells(201, HOSTS),
    "DELETE /rooms/<code>/guest-link": Cells(204, HOSTS),
    "POST /rooms/<code>/screen-token": Cells(201, HOSTS),
    "DELETE /rooms/<code>/screen-token": Cells(204, HOSTS),
    "GET /rooms/<code>/presence": Cells(200, EVERYBODY),
    "GET /rooms/<code>/messages": Cells(200, MEMBERS),
    "DELETE /rooms/<code>/messages/<int:message_id>": Cells(404, HOSTS),
    "GET /rooms/<code>/muted": Cells(200, HOSTS),
    "PUT /rooms/<code>/muted/<person>": Cells(404, HOSTS),
    "DELETE /rooms/<code>/muted/<person>": Cells(404, HOSTS),
    "GET /rooms/<code>/log": Cells(200, MEMBERS),
    "GET /rooms/<code>/log.json": Cells(200, MEMBERS),
    "GET /rooms/<code>/meetings": Cells(200, EVERYBODY),
    "POST /rooms/<code>/meetings": Cells(409, HOSTS, {}),
    "GET /rooms/<code>/meetings/<int:meeting_id>": Cells(200, EVERYBODY),
    "PATCH /rooms/<code>/meetings/<int:meeting_id>": Cells(200, HOSTS, {"title": "Changed"}),
    "POST /rooms/<code>/meetings/<int:meeting_id>/end": Cells(200, HOSTS),
    "GET /rooms/<code>/meetings/<int:meeting_id>/minutes": Cells(200, EVERYBODY),
    "GET /rooms/<code>/meetings/<int:meeting_id>/minutes.xlsx": Cells(200, EVERYBODY),
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance": Cells(200, HOSTS),
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance.csv": Cells(200, HOSTS),
    "GET /rooms/<code>/meetings/<int:meeting_id>/attendance.xlsx": Cells(200, HOSTS),
    "GET /rooms/<code>/attendance": Cells(200, HOSTS),
    "GET /rooms/<code>/attendance.csv": Cells(200, HOSTS),
    "GET /rooms/<code>/attendance.xlsx": Cells(200, HOSTS),
    "GET /rooms/<code>/roll.csv": Cells(200, HOSTS),
    "GET /rooms/<code>/roll.xlsx": Cells(200, HOSTS),
    "GET /rooms/<code>/qr.svg": Cells(200, EVERYBODY),
    "GET /rooms/<code>/roll": Cells(200, HOSTS),
    "POST /rooms/<code>/roll": Cells(200, HOSTS, {"rows": []}),
    "PUT /rooms/<code>/roll": Cells(200, HOSTS, {"rows": [{"name": "Chair", "role": "host"}]}),
    "PATCH /rooms/<code>/roll/<int:row_id>": Cells(200, HOSTS, {}),
    "DELETE /rooms/<code>/roll/<int:row_id>": Cells(204, HOSTS),
    "GET /rooms/<code>/roll/removed": Cells(200, HOSTS),
    "POST /rooms/<code>/roll/<int:row_id>/restore": Cells(200, HOSTS),
    "POST /rooms/<code>/roll/codes": Cells(200, HOSTS, {"ids": []}),
    "GET /rooms/<code>/barred": Cells(200, HOSTS),
    "PUT /rooms/<code>/barred/<person>": Cells(404, HOSTS),
    "DELETE /rooms/<code>/barred/<person>": Cells(404, HOSTS),
    "POST /rooms/<code>/keep": Cells(403, ACCOUNTS, {"token": "wrong"}),
    "POST /rooms/<code>/claim": Cells(404, EVERYBODY, {"code": "wrong"}),
}
POLLS = {
    "GET /polls/<int:poll_id>": Cells(200, EVERYBODY),
    "PATCH /polls/<int:poll_id>": Cells(200, HOSTS, {}),
    "POST /polls/<int:poll_id>/move": Cells(409, HOSTS, {"before": None}),
    "DELETE /polls/<int:poll_id>": Cells(409, HOSTS),
    "POST /polls/<int:poll_id>/open": Cells(200, HOSTS),
    "POST /polls/<int:poll_id>/pause": Cells(200, HOSTS),
    "POST /polls/<int:poll_id>/close": Cells(200, HOSTS),
    "POST /polls/<int:poll_id>/void": Cells(200, HOSTS, {"reason": "x"}),
    "POST /polls/<int:poll_id>/publish": Cells(409, HOSTS),
    "PUT /polls/<int:poll_id>/ballot": Cells(201, VOTERS, {"choices": []}),
    "GET /polls/<int:poll_id>/ballot": Cells(404, SIGNED_IN),
    "GET /polls/<int:poll_id>/results": Cells(200, EVERYBODY),
    "GET /polls/<int:poll_id>/results.csv": Cells(200, EVERYBODY),
    "GET /polls/<int:poll_id>/results.xlsx": Cells(200, EVERYBODY),
    "GET /polls/<int:poll_id>/electorate": Cells(200, MEMBERS),
    "POST /polls/<int:poll_id>/electorate": Cells(404, HOSTS, {"row": 10**9}),
    "GET /polls/<int:poll_id>/turnout": Cells(200, HOSTS),
    "GET /polls/<int:poll_id>/newcomers": Cells(200, HOSTS),
    "GET /polls/<int:poll_id>/record": Cells(403, EVERYBODY),
    "GET /polls/<int:poll_id>/proof": Cells(400, EVERYBODY),
}
SIGNED_OUT_MAY_ASK = (
    "GET /rooms/<code>/messages",
    "GET /rooms/<code>/log",
    "GET /rooms/<code>/log.json",
    "GET /polls/<int:poll_id>/electorate",
)
OWN_SESSION = ("PATCH /auth/me", "DELETE /auth/me", "POST /auth/logout")
"""Routes after which one's token may be over."""


def test_every_route_has_a_row(tmp_path: Path) -> None:
    assert {*ELSEWHERE, *ROOMS, *POLLS} == routes_of(tmp_path)


@dataclass
class Stage:
    """A room with somebody of each kind, and who is who."""

    house: House
    room: Room
    visibility: str
    tokens: dict[str, str | None]
    shown: dict[str, Any]

    def expected(self, route: str, cells: Cells, who: str) -> int:
        """Return the status: 401 signed out, 404 for what one may not see, else 403."""
        if who == "stranger" and who not in cells.who and route not in SIGNED_OUT_MAY_ASK:
            return 401
        outside = who in OUTSIDERS or route.endswith("/guests")
        if self.visibility == "members" and outside and route not in ELSEWHERE:
            return 404
        return cells.status if who in cells.who else 403

    def path(self, rule: str, *, spare: bool) -> str:
        """Return a path, to something new where its asker would leave a trace to others."""
        if "<int:poll_id>" in rule:
            poll = self.house.poll(self.room, eligibility="roll") if spare else self.shown["poll"]
            rule = rule.replace("<int:poll_id>", str(poll["id"]))
        if "<int:row_id>" in rule:
            row = self.shown["row"]
            if spare:
                (row,) = self.house.enrol(self.room, {"name": "Row", "ref": fresh()})
            rule = rule.replace("<int:row_id>", str(row["id"]))
        if "<int:meeting_id>" in rule:
            rule = rule.replace("<int:meeting_id>", str(self.shown["meeting"]))
        rule = rule.replace("<person>", "u999999999")
        rule = rule.replace("<int:invitation_id>", str(10**9))
        rule = rule.replace("<int:message_id>", str(10**9))
        if "<int:user_id>" in rule:
            rule = rule.replace("<int:user_id>", str(self.house.account().id))
        asset = next((ROOT / "api" / "static" / "assets").glob("*.js")).name
        rule = rule.replace("<path:name>", asset).replace("<name>", "reference.css")
        return rule.replace("<code>", self.room.code).replace("/vote", "/vote?id=1")

    def spare(self, who: str) -> str:
        """Return a token like somebody's, to be spent."""
        made: dict[str, Callable[[], str]] = {
            "guest": lambda: self.house.guest(self.room),
            "tablet": lambda: self.house.tablet(self.room),
            "screen": lambda: self.house.screen(self.room),
        }
        return made.get(who, self.house.newcomer)()

    def ask(self, route: str, cells: Cells, who: str) -> Any:
        """Send a route's request as somebody; return the answer, which must be as expected."""
        method, rule = route.split()
        token, expected = self.tokens[who], self.expected(route, cells, who)
        path = self.path(rule, spare=expected == cells.status and method != "GET")
        if route == "PUT /rooms/<code>/roll":
            path += "?dry_run=1"
        if expected == cells.status and route in OWN_SESSION:
            token = self.spare(who)
        if route == "DELETE /rooms/<code>" and expected == cells.status:
            spare = self.house.room(visibility=self.visibility)
            path, token = spare.path, token if who == "admin" else spare.host
        if route == "DELETE /rooms/<code>/screen-token" and expected == cells.status:
            self.tokens["screen"] = None  # made anew below
        body = cells.body() if callable(cells.body) else cells.body

        answer = self.house.request(method, path, token, json=body)

        if self.tokens["screen"] is None:
            self.tokens["screen"] = self.house.screen(self.room)
        assert answer.status_code == expected, (who, answer.text[:300])
        if answer.status_code >= 400:
            refusal(answer)
        return answer


@pytest.fixture(scope="module", params=["public", "members"])
def stage(house: House, request: pytest.FixtureRequest) -> Stage:
    room, other = house.room(visibility=request.param), house.room()
    tokens = everybody(house, room, other, request.param)
    (row,) = house.enrol(room, {"name": "Member Kim"})
    meeting = house.begin(room)
    house.end(room, meeting)
    shown = {
        "row": row,
        "meeting": meeting,
        "poll": house.poll(room, eligibility="roll"),
        "draft": house.draft(room),
    }
    return Stage(house, room, request.param, tokens, shown)


@pytest.mark.parametrize("route", [*ROOMS, *POLLS])
def test_route_answers_people_who_may(stage: Stage, route: str) -> None:
    cells = (ROOMS | POLLS)[route]

    for who in stage.tokens:
        answer = stage.ask(route, cells, who)

        if who in NAMELESS and "guests" not in route:
            assert not {name for name in NAMES if name in answer.text}


@pytest.mark.parametrize("stage", ["public"], indirect=True)
@pytest.mark.parametrize("route", ELSEWHERE)
def test_route_outside_rooms_answers_people_who_may(stage: Stage, route: str) -> None:
    for who in stage.tokens:
        stage.ask(route, ELSEWHERE[route], who)


@pytest.mark.parametrize("route", POLLS)
def test_draft_is_found_by_hosts_alone(stage: Stage, route: str) -> None:
    method, rule = route.split()
    path = rule.replace("<int:poll_id>", str(stage.shown["draft"]["id"]))
    body = POLLS[route].body

    for who, token in stage.tokens.items():
        if who not in HOSTS:
            answer = stage.house.request(method, path, token, json=body)

            asks_in_vain = who not in POLLS[route].who and route not in SIGNED_OUT_MAY_ASK
            signed_out = who == "stranger" and asks_in_vain
            assert refusal(answer)[0] == (401 if signed_out else 404), who


def test_record_shows_names_to_members_alone(stage: Stage) -> None:
    poll = stage.house.poll(stage.room, eligibility="roll", secrecy="named")
    stage.house.vote(stage.tokens["voter"], poll, 0)
    stage.house.move(stage.room, poll["id"], "close")

    for who, token in stage.tokens.items():
        answer = stage.house.request("GET", f"/polls/{poll['id']}/record", token)

        seen = stage.visibility == "public" or who not in OUTSIDERS
        assert answer.status_code == (200 if seen else 404), who
        names = answer.json().get("names")
        assert (names is not None) == (who in MEMBERS), who
        assert all(name.startswith("Member") for name in (names or {}).values())  # as in the room
