"""Who may what, as one table: every route of rooms, roll and polls, asked by everybody.

A new route without a row fails. A row: what those get who may, who may, and what is sent.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from api.polls import polls
from api.roll import roll
from api.rooms import rooms
from tests.http.hall import refusal
from tests.http.rooms.house import House, Room

EVERYBODY = ("stranger", "guest", "visitor", "other host", "observer", "voter", "host", "admin")
SIGNED_IN = EVERYBODY[1:]
ACCOUNTS = ("visitor", "other host", "observer", "voter", "host", "admin")
MEMBERS = ("guest", "observer", "voter", "host", "admin")
HOSTS = ("host", "admin")

TABLE: dict[str, tuple[int, tuple[str, ...], dict[str, Any] | None]] = {
    "GET /rooms": (200, ACCOUNTS, None),
    "POST /rooms": (201, ACCOUNTS, {"name": "New"}),
    "GET /rooms/<code>": (200, EVERYBODY, None),
    "PATCH /rooms/<code>": (200, HOSTS, {"name": "Changed"}),
    "DELETE /rooms/<code>": (204, HOSTS, None),
    "GET /rooms/<code>/polls": (200, EVERYBODY, None),
    "POST /rooms/<code>/polls": (201, HOSTS, {"title": "T", "candidates": [{"name": "A"}]}),
    "POST /rooms/<code>/guests": (201, EVERYBODY, {"nickname": "unique"}),
    "GET /rooms/<code>/presence": (200, EVERYBODY, None),
    "GET /rooms/<code>/messages": (200, MEMBERS, None),
    "GET /rooms/<code>/attendance": (200, HOSTS, None),
    "GET /rooms/<code>/attendance.csv": (200, HOSTS, None),
    "GET /rooms/<code>/qr.svg": (200, EVERYBODY, None),
    "GET /rooms/<code>/roll": (200, HOSTS, None),
    "POST /rooms/<code>/roll": (200, HOSTS, {"rows": []}),
    "PUT /rooms/<code>/roll": (200, HOSTS, {"rows": [{"name": "Chair", "role": "host"}]}),
    "PATCH /rooms/<code>/roll/<int:row_id>": (200, HOSTS, {}),
    "DELETE /rooms/<code>/roll/<int:row_id>": (204, HOSTS, None),
    "POST /rooms/<code>/roll/codes": (200, HOSTS, {"ids": []}),
    "POST /rooms/<code>/claim": (404, EVERYBODY, {"code": "wrong"}),
    "GET /polls/<int:poll_id>": (200, EVERYBODY, None),
    "PATCH /polls/<int:poll_id>": (200, HOSTS, {}),
    "DELETE /polls/<int:poll_id>": (409, HOSTS, None),
    "POST /polls/<int:poll_id>/open": (200, HOSTS, None),
    "POST /polls/<int:poll_id>/pause": (200, HOSTS, None),
    "POST /polls/<int:poll_id>/close": (200, HOSTS, None),
    "POST /polls/<int:poll_id>/void": (200, HOSTS, {"reason": "x"}),
    "POST /polls/<int:poll_id>/publish": (409, HOSTS, None),
    "PUT /polls/<int:poll_id>/ballot": (201, ("voter", "host"), {"choices": []}),
    "GET /polls/<int:poll_id>/ballot": (404, SIGNED_IN, None),
    "GET /polls/<int:poll_id>/results": (200, EVERYBODY, None),
    "GET /polls/<int:poll_id>/results.csv": (200, EVERYBODY, None),
    "GET /polls/<int:poll_id>/turnout": (200, HOSTS, None),
    "GET /polls/<int:poll_id>/record": (403, EVERYBODY, None),
}
SIGNED_OUT_MAY_ASK = ("GET /rooms/<code>/messages",)
OUTSIDERS = ("stranger", "visitor", "other host")


def routes() -> set[str]:
    app = Flask(__name__)
    for blueprint in (rooms, roll, polls):
        app.register_blueprint(blueprint)
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row() -> None:
    assert routes() == TABLE.keys()


@dataclass
class Stage:
    """A room with somebody of each kind, and who is who."""

    house: House
    room: Room
    visibility: str
    tokens: dict[str, str | None]

    def expected(self, route: str, who: str) -> int:
        """Return the status: 404 for what one may not see, 401 signed out, else 403."""
        status, who_may, _ = TABLE[route]
        if who == "stranger" and who not in who_may and route not in SIGNED_OUT_MAY_ASK:
            return 401
        outside = who in OUTSIDERS or route.endswith("/guests")
        if self.visibility == "members" and outside and "<" in route:
            return 404
        return status if who in who_may else 403

    def path(self, rule: str) -> str:
        """Return a path to something new, so that one asker leaves no trace to others."""
        if "<int:poll_id>" in rule:
            poll = self.house.poll(self.room, eligibility="roll")["id"]
            rule = rule.replace("<int:poll_id>", str(poll))
        if "<int:row_id>" in rule:
            (row,) = self.house.enrol(self.room, {"name": "Row", "ref": fresh()})
            rule = rule.replace("<int:row_id>", str(row["id"]))
        return rule.replace("<code>", self.room.code)


@pytest.fixture(scope="module", params=["public", "members"])
def stage(house: House, request: pytest.FixtureRequest) -> Stage:
    room = house.room(visibility=request.param)
    tokens: dict[str, str | None] = {
        "stranger": None,
        "visitor": house.newcomer(),
        "other host": house.room().host,
        "observer": house.member(room, "observer"),
        "voter": house.member(room),
        "host": room.host,
        "admin": house.administrator,
    }
    if request.param == "public":
        tokens["guest"] = house.guest(room)
    return Stage(house, room, request.param, tokens)


@pytest.mark.parametrize("route", TABLE)
def test_route_answers_who_may(stage: Stage, route: str) -> None:
    status, _, body = TABLE[route]
    method, rule = route.split()
    for who, own in stage.tokens.items():
        token, expected = own, stage.expected(route, who)
        path = stage.path(rule)
        if route == "PUT /rooms/<code>/roll":
            path += "?dry_run=1"
        if route == "DELETE /rooms/<code>" and expected == status:
            spare = stage.house.room(visibility=stage.visibility)
            path, token = spare.path, own if who == "admin" else spare.host
        if rule.endswith("/guests"):
            body = {"nickname": fresh()}

        answer = stage.house.request(method, path, token, json=body)

        assert answer.status_code == expected, (who, answer.text[:300])
        if answer.status_code >= 400:
            refusal(answer)


def fresh() -> str:
    return uuid4().hex
