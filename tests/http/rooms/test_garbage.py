"""No route falls over, whatever one member of what it is sent is replaced with."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.rooms.house import House

pytestmark = pytest.mark.fuzz

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e300, 2**63, 10**40, "", " ", "a", "\u0000", "\ud800", "\u200b",
    "e\u0301" * 300, "2030-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", [], {}, [[]], [{}],
    [None], [10**40], {"a": 1}, {"": None},
)  # fmt: skip
POLL = {
    "title": "T",
    "description": "",
    "candidates": [{"name": "A", "description": ""}],
    "method": "score",
    "seats": 1,
    "max_choices": 1,
    "score_max": 5,
    "eligibility": "roll",
    "require_presence": False,
    "secrecy": "named",
    "results": "live",
    "allow_change": True,
    "threshold": {"num": 1, "den": 2, "of": "valid", "rule": "at_least"},
    "opens_at": "2030-01-01T00:00:00Z",
    "closes_at": "2031-01-01T00:00:00Z",
}
ROOM = {
    "name": "Club",
    "visibility": "public",
    "quorum": {"num": 1, "den": 2},
    "trust_email": False,
    "embed_origins": ["https://club.example"],
    "colour": "#7a1fa2",
    "hold_minutes": 5,
    "timezone": "Asia/Seoul",
}
ROW = {"name": "A", "email": "a@example.org", "ref": "1", "role": "voter"}
BODIES: dict[str, Any] = {
    "POST /rooms": ROOM,
    "PATCH /rooms/{code}": {**ROOM, "current_poll": None},
    "POST /rooms/{code}/guests": {"nickname": "A"},
    "POST /rooms/{code}/roll": {"rows": [ROW]},
    "PATCH /rooms/{code}/roll/{row}": {**ROW, "checked_in": True},
    "POST /rooms/{code}/roll/codes": {"ids": [1]},
    "POST /rooms/{code}/claim": {"code": "A"},
    "POST /rooms/{code}/polls": POLL,
    "PATCH /polls/{poll}": POLL,
    "PUT /polls/{score}/ballot": {"scores": {"1": 1}},
    "PUT /polls/{ranked}/ballot": {"choices": [1, 2]},
    "POST /polls/{poll}/void": {"reason": "x"},
}


def replaced(whole: Any) -> Iterator[Any]:
    """Return what comes of a document when each part of it in turn is each of the values."""
    yield from VALUES
    for key in whole if isinstance(whole, dict) else range(len(whole) if whole else 0):
        part = whole[key]
        for value in replaced(part) if isinstance(part, dict | list) else VALUES:
            changed = copy.copy(whole)
            changed[key] = value
            yield changed


@pytest.mark.parametrize("route", BODIES)
def test_route_stands_whatever_a_member_is(house: House, route: str) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Row"})
    ids = {"poll": house.draft(room)["id"], "row": row["id"], "code": room.code}
    for method in ("score", "ranked"):
        ids[method] = house.poll(room, method=method)["id"]
    verb, path = route.format(**ids).split()

    for body in replaced(BODIES[route]):
        raw = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = house.request(verb, path, room.host, data=raw, headers=headers)
        assert answer.status_code < 500, raw
