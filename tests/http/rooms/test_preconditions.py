"""Preconditions hold on every route that has an ETag, down both ways (RFC 9110, 13.2.2)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import conformance
from tests.http.conftest import WAYS, serve
from tests.http.rooms.house import House, Room
from tests.keys import read_keys
from tests.postgres import of_files
from tests.server import ROOT

STALE = {
    "type": "urn:rollcall:problem:stale",
    "title": "Precondition Failed",
    "status": 412,
    "code": "stale",
    "detail": "There is a newer version already. This request came too late.",
}
PAST, FUTURE = "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"
READING: tuple[tuple[dict[str, str], int], ...] = (
    ({"If-Match": "*"}, 200),
    ({"If-Match": "{}"}, 200),
    ({"If-Match": '"x", {}'}, 200),
    ({"If-Match": '"x"'}, 412),
    ({"If-Match": ""}, 412),
    ({"If-Match": ", ,"}, 412),
    ({"If-Match": "W/{}"}, 412),
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": "{}"}, 304),
    ({"If-None-Match": 'W/"x", W/{}'}, 304),
    ({"If-None-Match": '"x"'}, 200),
    ({"If-Match": "{}", "If-None-Match": "{}"}, 304),
    ({"If-Match": '"x"', "If-None-Match": "{}"}, 412),
    ({"If-None-Match": '"x"', "If-Modified-Since": FUTURE}, 200),
    ({"If-Match": "{}", "If-Unmodified-Since": PAST}, 200),
    ({"If-Modified-Since": "x", "If-Unmodified-Since": "x"}, 200),
)
DATED = (
    ({"If-Modified-Since": FUTURE}, 304),
    ({"If-Modified-Since": PAST}, 200),
    ({"If-Unmodified-Since": PAST}, 412),
    ({"If-Unmodified-Since": FUTURE}, 200),
)
"""Where there is a Last-Modified; elsewhere a time decides nothing."""


class Stage:
    """A room with a poll in each state that a route may need."""

    def __init__(self, house: House) -> None:
        self.house, self.room = house, house.room()
        self.polls = [house.poll(self.room, state)["id"] for state in ("open", "closed")]

    def paths(self, template: str) -> list[str]:
        """Return the addresses of a route's path, one for each poll."""
        asset = next((ROOT / "api" / "static" / "assets").glob("*.js")).name
        name = "reference.js" if template.startswith("/docs") else asset
        ids = {"code": self.room.code, "name": name}
        polls = self.polls if "{poll_id}" in template else self.polls[:1]
        return [conformance.address(template, poll_id=poll, **ids) for poll in polls]


@pytest.fixture(scope="module", params=WAYS)
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    house = House(tmp_path_factory.mktemp("house"), people=20, RATE_LIMITS="off")
    for served in serve(house, request.param):
        yield Stage(served)


def routes(method: str, parameter: str) -> Iterator[tuple[str, Any]]:
    for path, methods in conformance.openapi()["paths"].items():
        operation = methods.get(method, {"parameters": ()})
        if any(each["name"] == parameter for each in operation["parameters"]):
            yield path, operation


def test_reading_has_one_answer_to_each_precondition(stage: Stage) -> None:
    house, asked = stage.house, 0
    for template, _ in routes("get", "If-None-Match"):
        for path in stage.paths(template):
            plain = {"Accept-Encoding": "identity"}
            first = house.request("GET", path, stage.room.host, headers=plain)
            if first.status_code == 403:  # the record of a poll that is open
                continue
            dated = DATED if "Last-Modified" in first.headers else [(f, 200) for f, _ in DATED]
            for fields, expected in (*READING, *dated):
                filled = {k: v.replace("{}", first.headers["ETag"]) for k, v in fields.items()}
                for method in ("GET", "HEAD"):
                    answer = house.request(
                        method, path, stage.room.host, headers={**plain, **filled}
                    )

                    assert answer.status_code == expected, (method, path, filled)
                    if expected == 412 and method == "GET":
                        assert answer.json() == STALE
                        assert answer.headers["Content-Type"] == "application/problem+json"
                    else:
                        assert (answer.content == b"") is (expected != 200 or method == "HEAD")
                asked += 1
    assert asked > 200


@pytest.mark.parametrize(
    "fields", [{"If-Match": '"x"'}, {"If-Match": ""}, {"If-None-Match": "*"}], ids=str
)
def test_change_of_another_version_is_refused_and_changes_nothing(
    stage: Stage, fields: dict[str, str]
) -> None:
    house, room = stage.house, stage.room
    bodies: dict[str, Any] = {"void": {"reason": "x"}, "electorate": {"row": 1}}
    for method in ("post", "patch", "delete"):
        for template, operation in routes(method, "If-Match"):
            path = conformance.address(template, code=room.code, poll_id=house.draft(room)["id"])
            shown = path if method != "post" else path.rpartition("/")[0]
            before = house.request("GET", shown, room.host).headers["ETag"]
            body = bodies.get(path.rpartition("/")[2], {}) if "requestBody" in operation else None

            answer = house.request(method.upper(), path, room.host, json=body, headers=fields)

            assert (answer.status_code, answer.json()) == (412, STALE), (method, path)
            assert house.request("GET", shown, room.host).headers["ETag"] == before


def test_part_of_a_file_is_sent_of_the_version_that_is_asked_for(stage: Stage) -> None:
    path, part = "/docs/reference.js", {"Range": "bytes=0-3"}
    etag = stage.house.request("GET", path).headers["ETag"]

    def status(**fields: str) -> int:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        answer = stage.house.request("GET", path, headers={**part, **headers})
        return int(answer.status_code)

    assert status() == status(If_Match=etag) == status(If_Range=etag) == 206
    assert status(If_Range='"x"') == 200
    assert status(If_None_Match=etag) == 304
    assert status(If_Match='"x"') == 412


@of_files
def test_opening_of_another_version_makes_no_key(stage: Stage) -> None:
    house, room = stage.house, stage.room
    path = f"/polls/{house.draft(room)['id']}/open"
    before = read_keys(house.data)

    answer = house.request("POST", path, room.host, headers={"If-Match": '"x"'})

    assert answer.status_code == 412
    assert read_keys(house.data) == before


def test_room_is_kept_when_another_version_of_it_is_deleted(stage: Stage) -> None:
    room: Room = stage.house.room()
    first = stage.house.request("GET", room.path, room.host).headers["ETag"]
    stage.house.request("PATCH", room.path, room.host, json={"name": "B"})

    def delete(etag: str) -> int:
        headers = {"If-Match": etag}
        answer = stage.house.request("DELETE", room.path, room.host, headers=headers)
        return int(answer.status_code)

    assert delete(first) == 412
    assert delete(stage.house.request("GET", room.path, room.host).headers["ETag"]) == 204
