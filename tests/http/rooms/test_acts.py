"""Each act that can decide an outcome stands in its room's log, whatever way it came.

Two tables: the routes, events and commands that log, and those that can't decide an outcome, with
the reason. A new one that is in neither fails.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.acting import changes
from api.documents.asyncapi import CLIENT_EVENTS
from db.__main__ import COMMANDS
from tests.http.rooms.house import House, Room
from tests.http.rooms.routes import routes_of
from tests.server import Server

Act = Callable[[House, Room], Any]


def later() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def row_of(house: House, room: Room, **fields: Any) -> int:
    (row,) = house.enrol(room, {"name": f"Row {datetime.now(UTC).isoformat()}", **fields})
    return int(row["id"])


def change_row(**fields: Any) -> Act:
    def act(house: House, room: Room) -> Any:
        path = f"{room.path}/roll/{row_of(house, room)}"
        return house.request("PATCH", path, room.host, json=fields)

    return act


def send_roll(method: str, rows: list[dict[str, Any]], **how: Any) -> Act:
    return lambda house, room: house.request(
        method, f"{room.path}/roll", room.host, **(how or {"json": {"rows": rows}})
    )


def change_room(**fields: Any) -> Act:
    return lambda house, room: house.request("PATCH", room.path, room.host, json=fields)


def move(step: str, state: str, **fields: Any) -> Act:
    def act(house: House, room: Room) -> Any:
        return house.move(room, house.poll(room, state, **fields)["id"], step)

    return act


def change_poll(**fields: Any) -> Act:
    def act(house: House, room: Room) -> Any:
        path = f"/polls/{house.poll(room)['id']}"
        return house.request("PATCH", path, room.host, json=fields)

    return act


def bar(method: str) -> Act:
    def act(house: House, room: Room) -> Any:
        path = f"{room.path}/barred/{house.account().person}"
        answer = house.request("PUT", path, room.host)
        return house.request(method, path, room.host) if method != "PUT" else answer

    return act


def link_guests(house: House, room: Room) -> Any:
    return house.request("POST", f"{room.path}/guest-link", room.host)


def unlink_guests(house: House, room: Room) -> Any:
    link_guests(house, room)
    return house.request("DELETE", f"{room.path}/guest-link", room.host)


def restore(house: House, room: Room) -> Any:
    path = f"{room.path}/roll/{row_of(house, room)}"
    assert house.request("DELETE", path, room.host).status_code == 204
    return house.request("POST", f"{path}/restore", room.host)


def make_codes(house: House, room: Room) -> Any:
    body = {"ids": [row_of(house, room)]}
    return house.request("POST", f"{room.path}/roll/codes", room.host, json=body)


def begin(house: House, room: Room) -> Any:
    return house.request("POST", f"{room.path}/meetings", room.host, json={})


def end(house: House, room: Room) -> Any:
    meeting = begin(house, room).json()["id"]
    return house.request("POST", f"{room.path}/meetings/{meeting}/end", room.host)


def admit(house: House, room: Room) -> Any:
    poll = house.poll(room, eligibility="roll")
    return house.admit(room, poll, row_of(house, room))


CSV = {"data": "name\nMina\n", "headers": {"Content-Type": "text/csv"}}
LOGGED: dict[str, dict[str, Act]] = {
    "PATCH /rooms/<code>": {
        "quorum_changed": change_room(quorum={"count": 3}),
        "room_changed": change_room(hold_minutes=5),
    },
    "POST /rooms/<code>/guest-link": {"room_changed": link_guests},
    "DELETE /rooms/<code>/guest-link": {"room_changed": unlink_guests},
    "POST /rooms/<code>/roll": {
        "roll_changed": send_roll("POST", [{"name": "Mina"}]),
        "roll_changed by CSV": send_roll("POST", [], **CSV),
        "hosts_changed": send_roll("POST", [{"name": "Mina", "role": "host"}]),
    },
    "PUT /rooms/<code>/roll": {
        "roll_changed": send_roll("PUT", [{"name": "Mina"}]),
        "roll_changed by CSV": send_roll("PUT", [], **CSV),
    },
    "PATCH /rooms/<code>/roll/<int:row_id>": {
        "roll_changed": change_row(name="Noah"),
        "hosts_changed": change_row(role="host"),
        "checked_in": change_row(checked_in=True),
        "checked_out": change_row(checked_in=False),
    },
    "DELETE /rooms/<code>/roll/<int:row_id>": {
        "roll_changed": lambda house, room: house.request(
            "DELETE", f"{room.path}/roll/{row_of(house, room)}", room.host
        ),
    },
    "POST /rooms/<code>/roll/<int:row_id>/restore": {"member_restored": restore},
    "POST /rooms/<code>/roll/codes": {"codes_made": make_codes},
    "POST /rooms/<code>/meetings": {"meeting_begun": begin},
    "POST /rooms/<code>/meetings/<int:meeting_id>/end": {"meeting_ended": end},
    "POST /polls/<int:poll_id>/electorate": {"admitted": admit},
    "PUT /rooms/<code>/barred/<person>": {"person_barred": bar("PUT")},
    "DELETE /rooms/<code>/barred/<person>": {"bar_ended": bar("DELETE")},
    "PATCH /polls/<int:poll_id>": {
        "poll_changed": change_poll(closes_at=later()),
        "poll_changed to hide": change_poll(results="closed"),
    },
    "POST /polls/<int:poll_id>/open": {
        "poll_opened": move("open", "draft"),
        "poll_continued": move("open", "paused"),
    },
    "POST /polls/<int:poll_id>/pause": {"poll_paused": move("pause", "open")},
    "POST /polls/<int:poll_id>/close": {"poll_closed": move("close", "open")},
    "POST /polls/<int:poll_id>/void": {"poll_voided": move("void", "open")},
    "POST /polls/<int:poll_id>/publish": {
        "results_published": move("publish", "closed", results="host"),
    },
}
"""Acts of a host by their route; the kind of their entry is the first word of their name."""

ELSEWHERE = {
    "POST /rooms": "its maker becomes host: tested below",
    "POST /rooms/<code>/claim": "tested below",
    "POST /rooms/<code>/keep": "a row is claimed: tested with guest hosts",
    "POST /auth/admin": "tested below",
    "DELETE /auth/me": "tested below",
    "POST /admin/users/<int:user_id>/reset": "tested below",
}
"""Acts that somebody else than a host does."""

SILENT = {
    "POST /auth/signup": "nobody gets on a roll by it; rooms without one show who is new",
    "POST /auth/login": "it changes no right",
    "POST /auth/reset": "that its code was made is logged",
    "PATCH /auth/me": "rows and ballots stay their owner's",
    "POST /auth/logout": "it ends the sender's own session",
    "POST /admin/invitations": "it lets people sign up",
    "DELETE /admin/invitations/<int:invitation_id>": "it lets fewer people sign up",
    "POST /vote": "a ballot: the log never tells who voted, or when",
    "PUT /polls/<int:poll_id>/ballot": "a ballot",
    "DELETE /rooms/<code>": "no outcome of the room is left, and its log goes with it",
    "POST /rooms/<code>/guests": "guests join by themselves, and hosts see them",
    "PATCH /rooms/<code>/meetings/<int:meeting_id>": "only the title can be changed",
    "POST /rooms/<code>/screen-token": "a screen counts as nobody",
    "DELETE /rooms/<code>/screen-token": "a screen counts as nobody",
    "POST /rooms/<code>/polls": "a draft decides nothing: its rules are logged as it opens",
    "DELETE /polls/<int:poll_id>": "only a draft can be deleted",
    "POST /polls/<int:poll_id>/move": "the order of drafts decides nothing",
    "DELETE /rooms/<code>/messages/<int:message_id>": "words; the export has who removed a line",
    "PUT /rooms/<code>/muted/<person>": "words: a muted person votes as before",
    "DELETE /rooms/<code>/muted/<person>": "words",
    "POST /rooms/<code>/pictures": "a picture is shown only with a poll that has it",
}
"""Routes that can't decide an outcome, and why."""

SILENT_EVENTS = {
    "connect": "who is connected is presence, which the quorum records",
    "room:join": "presence, which the quorum records",
    "room:leave": "presence",
    "presence:set": "presence, of the sender alone",
    "chat:send": "words",
    "ballot:cast": "a ballot",
    "connection:check": "a measurement",
    "useridInput": "words",
    "my_event": "words",
    "globalChat": "words",
    "my event": "words",
}
LOGGED_COMMANDS = {"restore"}
SILENT_COMMANDS = {
    "check": "it reads",
    "compact": "it keeps what there is",
    "backup": "it reads",
}


def test_every_route_that_changes_something_is_in_a_table(tmp_path: Path) -> None:
    routes = routes_of(tmp_path, lambda method, _: changes([method]))

    tables = [*LOGGED, *ELSEWHERE, *SILENT]
    assert set(tables) == routes
    assert len(tables) == len(set(tables))


def test_every_event_and_command_is_in_a_table() -> None:
    assert {*SILENT_EVENTS} == {*CLIENT_EVENTS}
    assert {*LOGGED_COMMANDS, *SILENT_COMMANDS} == {*COMMANDS}


def log_of(house: House, room: Room) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = house.request("GET", f"{room.path}/log", room.host).json()[
        "items"
    ]
    return entries


ACTS = [(route, name) for route, acts in LOGGED.items() for name in acts]


@pytest.mark.parametrize(("route", "name"), ACTS)
def test_act_of_a_host_stands_in_the_log(house: House, route: str, name: str) -> None:
    room = house.room()
    host = house.request("GET", "/auth/me", room.host).json()["id"]

    answer = LOGGED[route][name](house, room)

    assert answer.status_code < 300, answer.text
    entries = [each for each in log_of(house, room) if each["kind"] == name.split(maxsplit=1)[0]]
    assert entries[-1]["actor"] == f"u{host}"


def test_rooms_maker_is_its_first_host(house: House) -> None:
    room = house.room()
    maker = house.request("GET", "/auth/me", room.host).json()["id"]

    (entry,) = log_of(house, room)

    (row,) = house.roll(room)
    assert (entry["kind"], entry["actor"]) == ("hosts_changed", f"u{maker}")
    assert entry["data"] == {"added": [f"r{row['id']}"], "removed": []}


def test_claim_stands_in_the_log_by_account_and_by_device(house: House) -> None:
    room = house.room()
    token, (row,) = house.newcomer(), house.enrol(room, {"name": "Mina"})
    account = house.request("GET", "/auth/me", token).json()["id"]

    house.claim(room, row["id"])
    house.claim(room, row["id"], token)

    claims = [each for each in log_of(house, room) if each["kind"] == "row_claimed"]
    assert [each["actor"] for each in claims] == [f"r{row['id']}", f"u{account}"]
    assert all(each["data"] == {"row": row["id"]} for each in claims)


def test_password_that_an_administrator_lets_one_set_stands_in_the_log(house: House) -> None:
    room = house.room()
    account = house.request("GET", "/auth/me", room.host).json()["id"]

    house.request("POST", f"/admin/users/{account}/reset", house.administrator)

    entry = log_of(house, room)[-1]
    assert (entry["kind"], entry["data"]) == ("reset_allowed", {"person": f"u{account}"})
    assert entry["actor"] != f"u{account}"


def test_new_administrator_becomes_host_in_every_rooms_log(server: Server) -> None:
    token = server.sign_up("ann")
    person = f"u{server.request('GET', '/auth/me', token).json()['id']}"

    server.request("POST", "/auth/admin", token, json={"code": server.setup_code()})

    entry = server.request("GET", "/rooms/lobby/log", token).json()["items"][-1]
    assert (entry["kind"], entry["actor"]) == ("hosts_changed", person)
    assert entry["data"] == {"added": [person], "removed": []}


def test_administrator_is_a_host_in_every_rooms_log(house: House) -> None:
    room, account = house.room(), next(house.administrators)
    token = house.token_of(account)

    gone = house.request("DELETE", "/auth/me", token)

    assert gone.status_code == 204
    for path in (room.path, "/rooms/lobby"):
        log = house.request("GET", f"{path}/log", house.administrator).json()["items"]
        assert log[-1]["kind"] == "hosts_changed"
        assert log[-1]["data"] == {"added": [], "removed": [account.person]}
