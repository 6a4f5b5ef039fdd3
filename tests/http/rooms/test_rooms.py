"""Rooms: making, finding, changing and deleting them, and who may not know of them."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House


def test_room_has_its_maker_as_host_and_the_defaults(house: House) -> None:
    maker = house.newcomer()

    answer = house.request("POST", "/rooms", maker, json={"name": "  Chess club "})

    room = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/rooms/{room['code']}"
    assert len(room["code"]) == 6
    assert room == {
        "code": room["code"],
        "name": "Chess club",
        "visibility": "public",
        "current_poll": None,
        "quorum": None,
        "quorum_rule": "record",
        "meeting": None,
        "expires_at": None,
        "trust_email": False,
        "hold_minutes": 30,
        "timezone": "Asia/Seoul",
        "guests": True,
        "mute_minutes": None,
        "embed_origins": [],
        "colour": None,
        "logo": None,
    }
    roll = house.request("GET", f"/rooms/{room['code']}/roll", maker).json()["items"]
    assert [(row["role"], row["claimed"]) for row in roll] == [("host", True)]
    assert roll[0].keys() == {
        "id",
        "name",
        "email",
        "ref",
        "role",
        "claimed",
        "checked_in",
        "columns",
    }


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"name": " "}, {"name": "empty"}),
        ({"name": "x" * 81}, {"name": "too_long"}),
        ({"name": None}, {"name": "wrong_type"}),
        ({"visibility": "secret"}, {"visibility": "not_allowed"}),
        ({"visibility": None}, {"visibility": "wrong_type"}),
        ({"quorum": 5}, {"quorum": "wrong_type"}),
        ({"quorum": {}}, {"quorum": "format"}),
        ({"quorum": {"count": 0}}, {"quorum.count": "too_small"}),
        ({"quorum": {"count": True}}, {"quorum.count": "wrong_type"}),
        ({"quorum": {"count": 3, "num": 1, "den": 2}}, {"quorum": "format"}),
        ({"quorum": {"num": 1}}, {"quorum": "format"}),
        ({"quorum": {"num": 3, "den": 2}}, {"quorum": "format"}),
        ({"quorum": {"num": "a", "den": 2}}, {"quorum.num": "wrong_type"}),
        ({"quorum": {"num": 1, "den": None}}, {"quorum.den": "wrong_type"}),
        ({"trust_email": 1}, {"trust_email": "wrong_type"}),
        ({"hold_minutes": -1}, {"hold_minutes": "too_small"}),
        ({"hold_minutes": 1441}, {"hold_minutes": "too_large"}),
        ({"hold_minutes": 1.5}, {"hold_minutes": "wrong_type"}),
        ({"timezone": "Mars/Olympus"}, {"timezone": "not_allowed"}),
        ({"timezone": 9}, {"timezone": "wrong_type"}),
        ({"timezone": "localtime"}, {"timezone": "not_allowed"}),
        ({"timezone": "right/Asia/Seoul"}, {"timezone": "not_allowed"}),
        *(
            ({"colour": colour}, {"colour": "format"})
            for colour in ("red", "#FFF", "#12345", "#12345G")
        ),
        ({"colour": 5}, {"colour": "wrong_type"}),
        ({"embed_origins": "https://a.example"}, {"embed_origins": "wrong_type"}),
        ({"embed_origins": ["https://a.example"] * 9}, {"embed_origins": "too_long"}),
        *(
            ({"embed_origins": [origin]}, {"embed_origins.0": "format"})
            for origin in (
                *("*", "a.example", "https://", "https://a.example/", "https://a.example\n"),
                *("https://a.example; script-src *", "https://a.example https://b.example"),
                *("'self'", "data:", "https://*", "javascript://a"),
            )
        ),
        ({"code": "AAAAAA"}, {"code": "unknown_field"}),
        (
            {"name": "", "hold_minutes": "x", "smell": "red"},
            {"name": "empty", "hold_minutes": "wrong_type", "smell": "unknown_field"},
        ),
    ],
)
def test_room_names_every_bad_setting(house: House, fields: Any, found: Any) -> None:
    room = house.room()

    made = house.request("POST", "/rooms", room.host, json={"name": "Club", **fields})
    changed = house.request("PATCH", room.path, room.host, json=fields)

    assert faults(made) == found
    whole = {key: code for key, code in found.items() if key != "quorum.den"}
    assert faults(changed).keys() >= whole.keys()


def test_room_is_changed_by_its_host(house: House) -> None:
    room = house.room()
    settings = {
        "name": "총회",
        "visibility": "members",
        "quorum": {"num": 1, "den": 2},
        "trust_email": True,
        "hold_minutes": 0,
        "timezone": "Europe/Berlin",
        "guests": False,
        "mute_minutes": 10,
        "embed_origins": ["https://club.example", "http://*.club.example:8080"],
        "colour": "#7a1fa2",
    }

    changed = house.request("PATCH", room.path, room.host, json=settings)
    cleared = house.request("PATCH", room.path, room.host, json={"quorum": None})

    assert changed.json() == {
        "code": room.code,
        "current_poll": None,
        "expires_at": None,
        "quorum_rule": "record",
        "meeting": None,
        "logo": None,
        "mute_minutes": None,
        **settings,
    }
    assert cleared.json() == {**changed.json(), "quorum": None}
    assert house.request("GET", room.path, room.host).json() == cleared.json()


def test_room_is_changed_by_people_who_may(house: House) -> None:
    public, closed = house.room(), house.room(visibility="members")
    change: dict[str, Any] = {"json": {"name": "Mine"}}

    for room, status in ((public, 403), (closed, 404)):
        assert house.request("PATCH", room.path, house.newcomer(), **change).status_code == status
        assert house.request("PATCH", room.path, **change).status_code == 401
        assert house.request("PATCH", room.path, house.member(room), **change).status_code == 403
        assert house.request("PATCH", room.path, house.administrator, **change).status_code == 200


def test_room_answers_304_and_412_by_its_etag(house: House) -> None:
    room = house.room()
    first = house.request("GET", room.path, room.host)
    etag = first.headers["ETag"]

    again = house.request("GET", room.path, headers={"If-None-Match": etag})
    right = house.request(
        "PATCH", room.path, room.host, json={"name": "B"}, headers={"If-Match": etag}
    )
    stale = house.request(
        "PATCH", room.path, room.host, json={"name": "C"}, headers={"If-Match": etag}
    )

    assert "Authorization" in first.headers["Vary"]
    assert again.status_code == 304
    assert right.status_code == 200
    assert right.headers["ETag"] != etag
    assert refusal(stale) == (412, "stale")
    assert house.request("GET", room.path).json()["name"] == "B"


def test_members_room_is_not_found_by_others_on_every_route(house: House) -> None:
    room = house.room()
    former = house.guest(room)
    house.request("PATCH", room.path, room.host, json={"visibility": "members"})
    poll = house.poll(room, eligibility="anyone")
    other = house.room()
    strangers = [None, house.newcomer(), other.host, house.tablet(other), house.guest(other)]
    strangers.append(former)
    reads = [
        *(room.path + rest for rest in ("", "/polls", "/presence", "/messages", "/qr.svg")),
        *(f"/polls/{poll['id']}{rest}" for rest in ("", "/results", "/results.csv", "/record")),
    ]
    writes: list[tuple[str, str, Any]] = [
        ("PATCH", room.path, {"name": "x"}),
        ("DELETE", room.path, None),
        ("GET", f"{room.path}/roll", None),
        ("GET", f"{room.path}/attendance", None),
        ("POST", f"{room.path}/roll", {"rows": []}),
        ("POST", f"{room.path}/roll/codes", {}),
        ("POST", f"{room.path}/polls", {"title": "x", "candidates": [{"name": "x"}]}),
        ("PATCH", f"/polls/{poll['id']}", {}),
        ("POST", f"/polls/{poll['id']}/close", None),
        ("PUT", f"/polls/{poll['id']}/ballot", {"choices": []}),
        ("GET", f"/polls/{poll['id']}/ballot", None),
        ("GET", f"/polls/{poll['id']}/turnout", None),
    ]

    for stranger in strangers:
        for path in reads:
            assert refusal(house.request("GET", path, stranger)) == (404, "not_found"), path
        for method, path, body in writes:
            expected = 401 if stranger is None else 404
            answer = house.request(method, path, stranger, json=body)
            assert answer.status_code == expected, (method, path)
    assert house.request("POST", f"{room.path}/guests", json={"nickname": "x"}).status_code == 404
    assert house.request("GET", room.path, house.member(room)).status_code == 200


def test_rooms_are_listed_in_pages_of_mine_and_public_ones(house: House) -> None:
    mine, theirs = house.room(visibility="members"), house.room(visibility="members")
    public = house.room()

    seen: list[str] = []
    cursor: Any = 0
    while cursor is not None:
        page = house.request("GET", f"/rooms?limit=2&cursor={cursor}", mine.host).json()
        assert len(page["items"]) <= 2
        seen, cursor = seen + [room["code"] for room in page["items"]], page["next"]

    assert {"lobby", mine.code, public.code} <= set(seen)
    assert theirs.code not in seen
    assert len(seen) == len(set(seen))


def test_list_holds_only_rooms_whose_roll_has_me_when_asked_for_mine(house: House) -> None:
    mine, theirs = house.room(), house.room()
    member = house.member(mine)

    listed = house.request("GET", "/rooms?mine=1", member).json()["items"]

    assert [room["code"] for room in listed] == [mine.code]
    assert theirs.code not in {room["code"] for room in listed}


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=-1"])
def test_list_names_a_bad_limit_or_cursor(house: House, query: str) -> None:
    room = house.room()

    for path in ("/rooms", f"{room.path}/polls", f"{room.path}/roll"):
        answer = house.request("GET", f"{path}?{query}", room.host)
        assert faults(answer).keys() == {query.partition("=")[0]}


def test_rooms_hosts_are_several_but_never_none(house: House) -> None:
    room = house.room()
    own = house.roll(room)[0]["id"]
    second = house.member(room, "host")

    demoted = house.request("PATCH", f"{room.path}/roll/{own}", second, json={"role": "voter"})
    other = house.roll(replace(room, host=second))[1]["id"]
    last = f"{room.path}/roll/{other}"

    assert demoted.json()["role"] == "voter"
    assert house.request("PATCH", room.path, room.host, json={"name": "x"}).status_code == 403
    for answer in (
        house.request("PATCH", last, second, json={"role": "observer"}),
        house.request("DELETE", last, second),
    ):
        assert refusal(answer) == (409, "wrong_state")
        assert answer.json()["state"] == "last_host"
    assert house.request("PATCH", room.path, second, json={"name": "y"}).status_code == 200


def test_room_shows_the_poll_opened_last_unless_its_host_chooses(house: House) -> None:
    room = house.room()
    first, second, draft = house.poll(room), house.poll(room), house.draft(room)
    foreign = house.poll(house.room())

    def shown() -> Any:
        return house.request("GET", room.path).json()["current_poll"]

    def choose(poll: Any) -> Any:
        return house.request("PATCH", room.path, room.host, json={"current_poll": poll})

    assert shown() == second["id"]
    assert choose(first["id"]).json()["current_poll"] == first["id"]
    for wrong in (draft["id"], foreign["id"], 10**12):
        assert faults(choose(wrong)) == {"current_poll": "unknown_poll"}
    assert choose(None).json()["current_poll"] is None
    house.move(room, draft["id"], "open")
    assert shown() == draft["id"]


def test_room_goes_with_all_in_it_when_deleted(house: House) -> None:
    room = house.room()
    poll = house.poll(room, secrecy="named")
    tablet, guest = house.tablet(room), house.guest(room)
    house.vote(house.newcomer(), poll, 0)

    early = house.request("DELETE", room.path, room.host)
    house.move(room, poll["id"], "close")
    gone = house.request("DELETE", room.path, room.host)

    assert refusal(early) == (409, "wrong_state")
    assert (gone.status_code, gone.content) == (204, b"")
    for path in (room.path, f"/polls/{poll['id']}", f"/polls/{poll['id']}/results"):
        assert refusal(house.request("GET", path, room.host)) == (404, "not_found")
    for token in (tablet, guest):
        assert refusal(house.request("GET", "/rooms", token)) == (401, "token_invalid")


def test_lobby_stays(house: House) -> None:
    answer = house.request("DELETE", "/rooms/lobby", house.administrator)

    assert refusal(answer) == (409, "wrong_state")


@pytest.mark.parametrize("fold", [str.lower, lambda code: f"{code[:3]}-{code[3:]}"])
def test_room_is_found_however_its_code_is_typed(house: House, fold: Any) -> None:
    room = house.room()

    assert house.request("GET", f"/rooms/{fold(room.code)}").json()["code"] == room.code


def test_qr_code_is_an_image_that_stands_alone(house: House) -> None:
    room = house.room()

    answer = house.request("GET", f"{room.path}/qr.svg")

    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    image = ElementTree.fromstring(answer.content)
    assert image.tag == "{http://www.w3.org/2000/svg}svg"
    assert image.findtext("{http://www.w3.org/2000/svg}title") == f"{house.url}/r/{room.code}"
