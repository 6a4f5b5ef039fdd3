"""A right that ends while a body is on its way: refused as if asked afterwards, nothing changed.

Derived from the table of who may what: of every route with a body, each right is taken away in
turn, and what is answered then is what the table has for those who never had it.
"""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from PIL import Image

from db.journal.snapshot import RESERVED
from tests.http.conftest import WAYS, serve
from tests.http.hall import PASSWORD
from tests.http.rooms.everybody import ACCOUNTS, EVERYBODY, HOSTS, VOTERS
from tests.http.rooms.house import House, Room
from tests.http.rooms.routes import routes_of
from tests.http.rooms.test_who_may_what import ADMIN, ELSEWHERE, POLLS, ROOMS, Cells, Stage, fresh

pytestmark = pytest.mark.fuzz

FORM = "application/x-www-form-urlencoded"
TABLE: dict[str, Cells] = ELSEWHERE | ROOMS | POLLS
WITH_BODY = {route: cells for route, cells in TABLE.items() if cells.body is not None}


def make_picture() -> bytes:
    """Return a small JPEG file."""
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    return file.getvalue()


BESIDE: dict[str, tuple[str, str | bytes]] = {
    "POST /rooms/<code>/roll": ("text/csv", "name,role\nNew,voter\n"),
    "PUT /rooms/<code>/roll": ("text/csv", "name,role\nNew,host\n"),
    "POST /vote": (FORM, "id=1"),
    "POST /rooms/<code>/pictures": ("image/jpeg", make_picture()),
}
"""Other bodies than JSON that a route takes."""

NOBODY = "no session"
"""What one is whose session is over."""


class Asker(NamedTuple):
    """Somebody who asks: their token, their row, and the room and poll that are asked about."""

    token: str | None
    row: int | None
    room: Room
    poll: int | None
    meeting: int | None = None


Take = Callable[[House, Asker], Any]


def log_out(house: House, asker: Asker) -> Any:
    return house.request("POST", "/auth/logout", asker.token)


def change_password(house: House, asker: Asker) -> Any:
    body = {"password": f"{PASSWORD} new", "current_password": PASSWORD}
    return house.request("PATCH", "/auth/me", asker.token, json=body)


def delete_account(house: House, asker: Asker) -> Any:
    return house.request("DELETE", "/auth/me", asker.token)


def remove_row(house: House, asker: Asker) -> Any:
    return house.request("DELETE", f"{asker.room.path}/roll/{asker.row}", asker.room.host)


def become(role: str) -> Take:
    def change(house: House, asker: Asker) -> Any:
        path = f"{asker.room.path}/roll/{asker.row}"
        return house.request("PATCH", path, asker.room.host, json={"role": role})

    return change


def make_new_code(house: House, asker: Asker) -> Any:
    body = {"ids": [asker.row]}
    return house.request("POST", f"{asker.room.path}/roll/codes", asker.room.host, json=body)


def delete_room(house: House, asker: Asker) -> Any:
    return house.request("DELETE", asker.room.path, asker.room.host)


ACCOUNT_ENDS: dict[str, tuple[Take, str]] = {
    "logged out": (log_out, NOBODY),
    "password changed": (change_password, NOBODY),
    "account deleted": (delete_account, NOBODY),
}
ROW_ENDS: dict[str, tuple[Take, str]] = {
    "row removed": (remove_row, "visitor"),
    "made observer": (become("observer"), "observer"),
    "made voter": (become("voter"), "voter"),
}
ENDS = {
    "host": ACCOUNT_ENDS | ROW_ENDS | {"room deleted": (delete_room, "no room")},
    "voter": ACCOUNT_ENDS | ROW_ENDS,
    "tablet": {"new claim code": (make_new_code, NOBODY), "row removed": (remove_row, NOBODY)},
    "account": ACCOUNT_ENDS,
    "administrator": ACCOUNT_ENDS,
}
"""How each kind of asker loses their rights, and as whom the table knows them then."""

OPEN_TO_ALL = {
    "POST /auth/signup",
    "POST /auth/login",
    "POST /auth/reset",
    "POST /rooms/<code>/guests",
    "POST /rooms/<code>/claim",
}
"""Their right is in their body, or the room's: each has a test of its own below."""


def askers_of(route: str) -> list[str]:
    """Return the kinds of asker that a route serves and whose rights can end."""
    who = TABLE[route].who
    if who == HOSTS:
        return ["host"]
    if who == VOTERS:
        return ["voter", "tablet"]
    if who == ADMIN:
        return ["administrator"]
    return ["account"] if who == ACCOUNTS else []


CASES = [
    (route, kind, end, media, visibility)
    for route in sorted({*WITH_BODY, *BESIDE})
    for kind in askers_of(route)
    for end, (_, then) in ENDS[kind].items()
    if then not in TABLE[route].who
    for media in (["json"] if route in WITH_BODY else []) + (["other"] if route in BESIDE else [])
    for visibility in (("members",) if route in ELSEWHERE else ("public", "members"))
]


def test_every_route_with_a_body_has_cases(tmp_path: Any) -> None:
    asking = routes_of(tmp_path, lambda _, operation: operation.asks)

    assert asking == WITH_BODY.keys() | BESIDE.keys() - {"POST /vote"}, (
        "a route that asks for a body has one in the table"
    )
    assert {route for route, *_ in CASES} | OPEN_TO_ALL == asking | set(BESIDE)


@pytest.fixture(scope="module", params=WAYS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house by itself, and one on a stock WSGI server: there a body is read by the app alone."""
    yield from serve(House(tmp_path_factory.mktemp("house")), request.param)


@pytest.mark.parametrize(("route", "kind", "end", "media", "visibility"), CASES)
def test_right_that_ends_before_the_body_is_here_is_gone(
    house: House, route: str, kind: str, end: str, media: str, visibility: str
) -> None:
    asker = make_asker(house, route, kind, visibility)
    take, then = ENDS[kind][end]
    method, path = route.split(maxsplit=1)[0], path_of(route, asker)
    content_type, body = BESIDE[route] if media == "other" else ("application/json", None)
    if body is None:
        made = TABLE[route].body
        body = json.dumps(made() if callable(made) else made)

    with held(house, method, path, asker.token, content_type, body) as send:
        taken = take(house, asker)
        assert taken.status_code in (200, 201, 204), taken.text
        before = backup(house)
        status, problem = send()

    assert status == expected(house, route, visibility, then), problem
    assert backup(house) == before, "nothing has changed"


def make_asker(house: House, route: str, kind: str, visibility: str) -> Asker:
    room = house.room(visibility=visibility)
    role = "host" if kind == "host" else "voter"
    (row,) = house.enrol(room, {"name": f"Member {fresh()}", "role": role})
    token = house.newcomer() if kind != "tablet" else None
    if kind == "administrator":
        token = house.token_of(next(house.administrators))
    claimed = house.claim(room, row["id"], token)
    poll = None
    if "<int:poll_id>" in route:
        state = "closed" if kind == "host" else "open"  # with an open one no room is deleted
        poll = house.poll(room, state, eligibility="roll")["id"]
    meeting = house.begin(room) if "<int:meeting_id>" in route else None
    return Asker(token or claimed["token"], row["id"], room, poll, meeting)


def path_of(route: str, asker: Asker) -> str:
    path = route.split()[1].replace("<code>", asker.room.code)
    path = path.replace("<int:meeting_id>", str(asker.meeting))
    return path.replace("<int:poll_id>", str(asker.poll)).replace("<int:row_id>", str(asker.row))


def expected(house: House, route: str, visibility: str, then: str) -> int:
    """Return what the table has for those who ask without the right."""
    if then == NOBODY:
        return 401
    if then == "no room":
        return 404
    room = Room("", "")
    return Stage(house, room, visibility, {}, {}).expected(route, TABLE[route], then)


@contextmanager
def held(
    house: House, method: str, path: str, token: str | None, content_type: str, body: str | bytes
) -> Iterator[Callable[[], tuple[int, Any]]]:
    """Send a request's head, and a first byte of its body once that is asked for; `send` sends
    the rest and returns status and document."""
    sent = body.encode() if isinstance(body, str) else body
    fields = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{house.port}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(sent)}",
        "Expect: 100-continue",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    with socket.create_connection(("127.0.0.1", house.port), timeout=30) as sock:
        sock.sendall("\r\n".join([*fields, "", ""]).encode())
        asked = sock.recv(4_096)
        assert asked.startswith(b"HTTP/1.1 100"), asked
        sock.sendall(sent[:1])

        def send() -> tuple[int, Any]:
            sock.sendall(sent[1:])
            answer = HTTPResponse(sock)
            answer.begin()
            return answer.status, json.loads(answer.read() or "null")

        yield send


def backup(house: House) -> Any:
    """Return all that is kept, without the file's account of itself, and who came and went: that
    is told some seconds later."""
    document = house.request("GET", "/admin/backup", house.administrator).json()
    kept = {key: each for key, each in document.get("messages", {}).items() if not each["move"]}
    return {**document, "messages": kept, "attendance": None, RESERVED: None}


def test_guest_is_refused_when_the_room_closes_its_door(house: House) -> None:
    for change in ({"visibility": "members"}, None):
        room = house.room()
        method, path = "POST", f"{room.path}/guests"

        with held(house, method, path, None, "application/json", '{"nickname": "Ann"}') as send:
            if change is None:
                house.request("DELETE", room.path, room.host)
            else:
                house.request("PATCH", room.path, room.host, json=change)
            before = backup(house)
            status, _ = send()

        assert (status, backup(house)) == (404, before)


@pytest.mark.parametrize("who", ["device", "account"])
def test_claim_is_refused_when_its_code_is_replaced(house: House, who: str) -> None:
    room = house.room(visibility="members")
    (row,) = house.enrol(room, {"name": "Ann"})
    body = json.dumps({"code": house.code_of(room, row["id"])})
    token = house.newcomer() if who == "account" else None

    with held(house, "POST", f"{room.path}/claim", token, "application/json", body) as send:
        house.code_of(room, row["id"])
        before = backup(house)
        status, _ = send()

    assert (status, backup(house)) == (404, before)


@pytest.mark.parametrize("end", ACCOUNT_ENDS)
def test_claim_is_refused_when_its_account_s_session_ends(house: House, end: str) -> None:
    room = house.room(visibility="members")
    (row,) = house.enrol(room, {"name": "Ann"})
    body = json.dumps({"code": house.code_of(room, row["id"])})
    asker = Asker(house.newcomer(), None, room, None)

    with held(house, "POST", f"{room.path}/claim", asker.token, "application/json", body) as send:
        ACCOUNT_ENDS[end][0](house, asker)
        before = backup(house)
        status, _ = send()

    assert (status, backup(house)) == (401, before)


@pytest.mark.parametrize("end", ["password changed", "account deleted"])
def test_sign_in_is_refused_when_its_password_ends(house: House, end: str) -> None:
    account = house.account()
    body = json.dumps({"email": account.email, "password": PASSWORD})
    asker = Asker(house.token_of(account), None, Room("", ""), None)

    with held(house, "POST", "/auth/login", None, "application/json", body) as send:
        ACCOUNT_ENDS[end][0](house, asker)
        status, _ = send()

    assert status == 401


def test_new_password_is_refused_when_its_code_is_replaced(house: House) -> None:
    account = house.account()
    path = f"/admin/users/{account.id}/reset"
    code = house.request("POST", path, house.administrator).json()["code"]
    body = json.dumps({"code": code, "password": "another-horse"})

    with held(house, "POST", "/auth/reset", None, "application/json", body) as send:
        house.request("POST", path, house.administrator)
        before = backup(house)
        status, _ = send()

    assert (status, backup(house)) == (403, before)


def test_body_is_not_asked_for_where_the_right_is_not_there(house: House) -> None:
    """Whoever may not do it isn't made to send it, nor is it kept for them."""
    room = house.room(visibility="members")
    meeting = house.begin(room)
    for route, cells in WITH_BODY.items():
        if cells.who in (HOSTS, VOTERS, ACCOUNTS) and route != "POST /rooms":  # see guest hosts
            asker = Asker(None, 1, room, 1, meeting)
            method, path = route.split()[0], path_of(route, asker)
            hold = held(house, method, path, None, "application/json", "{}")
            with pytest.raises(AssertionError, match="401"):
                hold.__enter__()


def test_everybody_is_who_is_open_to_all() -> None:
    assert {route for route, cells in WITH_BODY.items() if cells.who == EVERYBODY} == OPEN_TO_ALL
