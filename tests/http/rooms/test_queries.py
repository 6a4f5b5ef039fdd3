"""What a query may say: no key that a route doesn't know; and lists, searched and sorted."""

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from api.app import BLUEPRINTS
from api.flasks import App
from api.operations import Operation
from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room
from voting.text import normalise

PLACES = {"code": "lobby", "name": "reference.css"}


def routes() -> Iterator[tuple[str, str, Operation]]:
    """Yield method, path and description of every route that describes itself."""
    app = App(__name__, static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        operation = getattr(app.view_functions[rule.endpoint], "operation", None)
        path = re.sub(r"<(?:int:)?(\w+)>", lambda place: PLACES.get(place[1], "1"), rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if operation is not None:
                yield method, path, operation


ROUTES = list(routes())
STRICT = [each for each in ROUTES if not each[2].any_query]
TOLERANT = [each for each in ROUTES if each[2].any_query]


def names(routes: list[tuple[str, str, Operation]]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in routes]


@pytest.mark.parametrize(("method", "path", "operation"), STRICT, ids=names(STRICT))
def test_route_refuses_keys_that_are_unknown_or_sent_twice(
    house: House, method: str, path: str, operation: Operation
) -> None:
    asked = [each for each in operation.takes if each.place == "query"]
    for each in asked:
        twice = house.request(method, f"{path}?{each.name}=1&{each.name}=1", house.administrator)
        assert faults(twice) == {each.name: "duplicate"}
        if "enum" in each.schema:
            other = house.request(method, f"{path}?{each.name}=%20", house.administrator)
            assert faults(other) == {each.name: "not_allowed"}

    unknown = house.request(method, f"{path}?colour=red&_=1", house.administrator)

    assert faults(unknown) == {"colour": "unknown_field", "_": "unknown_field"}


def test_files_and_what_old_frontends_ask_for_take_any_query(house: House) -> None:
    asked = set(names(TOLERANT))

    assert {"GET /vote", "GET /candidates", "POST /auth/login", "POST /auth/signup"} <= asked
    assert not any(path.startswith(("/rooms", "/polls", "/admin/")) for _, path, _ in TOLERANT)
    for method, path, _ in TOLERANT:
        plain, more = (house.request(method, f"{path}{query}") for query in ("", "?_=123"))
        assert (plain.status_code, path) == (more.status_code, path)


def test_refusal_of_a_query_names_no_more_than_fits_an_answer(house: House) -> None:
    query = "&".join(f"key{n}" for n in range(1_000))

    answer = house.request("GET", f"/rooms?{query}", house.administrator)

    assert refusal(answer) == (400, "invalid_request")
    assert len(answer.content) < 64 << 10


# -- lists that are searched and sorted ------------------------------------------------------


@pytest.fixture(scope="module")
def crowded(house: House) -> Room:
    """A room whose roll has names, some alike, of several scripts."""
    room, dice = house.room(), random.Random(3)
    rows = [
        {
            "name": dice.choice(("Kim", "김하늘", "\uff4b\uff49\uff4d", "Émile", "zoé", "Ada"))
            + f" {n % 5}",
            "ref": f"M{n:03}",
            "role": dice.choice(("voter", "observer")),
        }
        for n in range(90)
    ]
    house.enrol(room, *rows)
    return room


def walk(house: House, room: Room, query: str, limit: int = 7) -> Iterator[dict[str, Any]]:
    """Yield a list's items, asked for by the page."""
    cursor = ""
    while cursor is not None:
        answer = house.request("GET", f"{room.path}/{query}&limit={limit}{cursor}", room.host)
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        following = answer.json()["next"]
        cursor = None if following is None else f"&cursor={quote(str(following))}"


@pytest.mark.parametrize("column", ["name", "ref", "email"])
def test_roll_is_sorted_by_the_page(house: House, crowded: Room, column: str) -> None:
    rows = house.roll(crowded)

    rising = list(walk(house, crowded, f"roll?sort={column}"))
    falling = list(walk(house, crowded, f"roll?sort=-{column}"))

    expected = sorted(rows, key=lambda row: (normalise(row[column] or ""), row["id"]))
    assert [row["id"] for row in rising] == [row["id"] for row in expected]
    assert falling == rising[::-1]


def test_roll_is_searched_and_filtered_together(house: House, crowded: Room) -> None:
    query = f"roll?q={quote('KIM')}&role=voter&sort=-name"

    found = list(walk(house, crowded, query))

    wanted = [
        row["id"]
        for row in house.roll(crowded)
        if "kim" in normalise(row["name"]) and row["role"] == "voter"
    ]
    assert sorted(row["id"] for row in found) == wanted
    assert 5 < len(found) < 90
    by_age = [row["id"] for row in walk(house, crowded, f"roll?q={quote('하늘')}")]
    assert by_age == sorted(by_age)
    assert len(by_age) > 5
    assert [row["ref"] for row in walk(house, crowded, "roll?q=m042")] == ["M042"]
    assert list(walk(house, crowded, "roll?q=nobody")) == []


def test_sorted_list_goes_on_where_it_was_when_rows_change_and_go(house: House) -> None:
    room = house.room()
    rows = house.enrol(room, *({"name": f"Voter {n:02}"} for n in range(30)))
    seen = []

    for row in walk(house, room, "roll?sort=name&q=voter", limit=3):
        seen.append(row["name"])
        if row["id"] == rows[2]["id"]:  # the cursor's own, which then goes
            house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)
        if row["id"] == rows[5]["id"]:
            change = {"name": "Voter 99"}
            house.request("PATCH", f"{room.path}/roll/{row['id']}", room.host, json=change)

    assert seen == [*(f"Voter {n:02}" for n in range(30)), "Voter 99"]


@pytest.mark.parametrize(
    "query", ["sort=name&cursor=7", "sort=name&cursor=WzFd", "sort=name&cursor=%F0", "cursor=abc"]
)
def test_cursor_of_another_list_is_refused(house: House, crowded: Room, query: str) -> None:
    answer = house.request("GET", f"{crowded.path}/roll?{query}", crowded.host)

    assert set(faults(answer)) == {"cursor"}


def test_search_for_too_much_is_refused(house: House, crowded: Room) -> None:
    answer = house.request("GET", f"{crowded.path}/roll?q={'x' * 101}", crowded.host)

    assert faults(answer) == {"q": "too_long"}


def test_polls_rooms_and_attendance_are_searched_and_sorted(house: House) -> None:
    room = house.room(name="Beekeepers 7")
    for title in ("Budget", "Chair", "budget again"):
        house.draft(room, title=title)
    house.poll(room, title="Open budget")
    member = house.member(room)

    drafts = list(walk(house, room, "polls?q=BUDGET&state=draft&sort=-title"))
    seen = house.request("GET", f"{room.path}/polls?sort=title", member).json()["items"]
    mine = house.request("GET", "/rooms?mine=1&q=beekeepers&sort=name", room.host).json()
    none = house.request("GET", "/rooms?mine=1&q=beekeepers&visibility=members", room.host).json()
    there = house.request("GET", f"{room.path}/attendance?sort=-last&connected=1", room.host)

    assert [poll["title"] for poll in drafts] == ["budget again", "Budget"]
    assert [poll["title"] for poll in seen] == ["Open budget"]
    assert [each["code"] for each in mine["items"]] == [room.code]
    assert none == {"items": [], "next": None}
    assert there.json() == {"items": [], "next": None}


def test_polls_are_listed_newest_first_by_the_page(house: House) -> None:
    room = house.room()
    made = [house.poll(room, state)["id"] for state in ("draft", "open", "closed", "draft", "open")]
    member = house.member(room)

    host_sees = [poll["id"] for poll in walk(house, room, "polls?sort=-id", limit=2)]
    drafts = [poll["id"] for poll in walk(house, room, "polls?sort=-id&state=draft", limit=1)]
    sought = [poll["id"] for poll in walk(house, room, "polls?sort=-id&q=t", limit=2)]
    path = f"{room.path}/polls?sort=-id&cursor={made[2]}"
    shown = house.request("GET", path, member).json()

    assert host_sees == sought == made[::-1]
    assert drafts == [made[3], made[0]]
    assert ([poll["id"] for poll in shown["items"]], shown["next"]) == ([made[1]], None)


def test_list_of_polls_brings_results_and_rights_on_request(house: House) -> None:
    room = house.room()
    opened, closed = (house.poll(room, state) for state in ("open", "closed"))
    draft, member = house.draft(room), house.member(room)
    house.vote(member, opened, 0)
    path = f"{room.path}/polls?results=1"

    hosts, members = (house.request("GET", path, token).json() for token in (room.host, member))
    plain = house.request("GET", f"{room.path}/polls?results=0", member).json()

    numbers = {str(opened["id"]), str(closed["id"])}
    assert numbers == members["results"].keys() == members["you"]["polls"].keys()
    assert str(draft["id"]) not in hosts["results"].keys() | hosts["you"]["polls"].keys()
    assert members["you"]["polls"][str(opened["id"])]["voted"]
    assert members["results"][str(opened["id"])]["ballots"] == 1
    assert (hosts["you"]["role"], members["you"]["role"]) == ("host", "voter")
    assert plain.keys() == {"items", "next"}


def test_page_of_rooms_has_ones_own_and_the_public_ones_by_age(house: House) -> None:
    host = house.newcomer()
    made = [
        house.request("POST", "/rooms", host, json={"name": f"R{n}", "visibility": kind}).json()
        for n, kind in enumerate(("public", "members", "public", "members"))
    ]
    codes, other = [], []
    cursor: int | None = 0
    while cursor is not None:
        part = house.request("GET", f"/rooms?limit=3&cursor={cursor}", host).json()
        codes += [room["code"] for room in part["items"]]
        cursor = part["next"]
    cursor = 0
    while cursor is not None:
        part = house.request("GET", f"/rooms?limit=3&cursor={cursor}", house.newcomer()).json()
        other += [room["code"] for room in part["items"]]
        cursor = part["next"]

    assert codes[-4:] == [room["code"] for room in made]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if code not in other] == [made[1]["code"], made[3]["code"]]
    assert all(code in codes for _, code in pairwise(other))
