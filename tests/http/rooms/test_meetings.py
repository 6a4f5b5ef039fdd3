"""Meetings over HTTP: who sees what of them, two requests at once, and minutes."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from api import limits
from api.app import create_app
from api.settings import read_settings
from api.tokens import Tokens
from tests.http.hall import KEY, faults, refusal
from tests.http.rooms.house import House, Room, until
from tests.unit.lobby import add_account
from voting.log import CLOCK
from voting.meetings import begin_meeting
from voting.model.rooms import Attendance
from voting.moving import AT_ONCE, IN_ONE
from voting.people import find_room
from voting.rooms import create_room


def ask(house: House, room: Room, method: str, path: str, body: Any = None) -> Any:
    """Ask as the host; return the answer's document."""
    answer = house.request(method, f"{room.path}{path}", room.host, json=body)
    assert answer.ok, answer.text
    return answer.json()


def test_meeting_is_begun_named_and_ended_by_its_host(house: House) -> None:
    room = house.room()
    begun = house.request(
        "POST", f"{room.path}/meetings", room.host, json={"title": " 정기  총회 "}
    )
    meeting = begun.json()
    path = f"/meetings/{meeting['id']}"

    during = ask(house, room, "GET", "")["meeting"]
    named = ask(house, room, "PATCH", path, {"title": "임시 총회"})
    ended = ask(house, room, "POST", f"{path}/end")

    assert begun.headers["Location"] == f"{room.path}{path}"
    assert meeting.keys() == {"id", "room", "number", "title", "starts_at", "ended_at"}
    assert (meeting["title"], meeting["number"], meeting["ended_at"]) == ("정기 총회", 1, None)
    assert (during, ask(house, room, "GET", "")["meeting"]) == (meeting["id"], None)
    assert (named["title"], ended["title"]) == ("임시 총회", "임시 총회")
    assert ended["ended_at"] >= ended["starts_at"]
    assert ask(house, room, "GET", path) == ended
    assert ask(house, room, "GET", "/meetings") == {"items": [ended], "next": None}


@pytest.mark.parametrize(
    ("title", "code"),
    [("", "empty"), ("x" * 201, "too_long"), (7, "wrong_type"), (None, "wrong_type")],
)
def test_title_is_refused(house: House, title: Any, code: str) -> None:
    room = house.room()

    answer = house.request("POST", f"{room.path}/meetings", room.host, json={"title": title})

    assert faults(answer) == {"title": code}


def test_second_meeting_is_refused(house: House) -> None:
    room = house.room()
    house.begin(room)

    again = house.request("POST", f"{room.path}/meetings", room.host, json={})

    assert refusal(again) == (409, "wrong_state")
    assert again.json()["state"] == "begun"


def test_one_meeting_begins_when_many_begin_it_at_once(house: House) -> None:
    room = house.room()
    rows = house.enrol(room, *({"name": f"Row {n}"} for n in range(4)))
    draft = house.draft(room)
    requests: list[tuple[str, str, Any]] = [
        *(("POST", f"{room.path}/meetings", {}) for _ in range(4)),
        *(("PATCH", f"{room.path}/roll/{row['id']}", {"checked_in": True}) for row in rows),
        ("POST", f"/polls/{draft['id']}/open", None),
    ]

    def send(request: tuple[str, str, Any]) -> int:
        method, path, body = request
        return int(house.request(method, path, room.host, json=body).status_code)

    with ThreadPoolExecutor(len(requests)) as pool:
        statuses = list(pool.map(send, requests))

    assert sorted(statuses[:4])[1:] == [409] * 3
    assert statuses[4:] == [200] * 5
    (meeting,) = ask(house, room, "GET", "/meetings")["items"]
    assert ask(house, room, "GET", "/presence")["present"] == 4
    assert house.request("GET", f"/polls/{draft['id']}").json()["meeting"] == meeting["id"]


def test_meeting_ends_once_when_two_end_it_and_one_begins_the_next(house: House) -> None:
    room = house.room()
    first = house.begin(room)
    paths = [f"{room.path}/meetings/{first}/end"] * 4 + [f"{room.path}/meetings"] * 4

    with ThreadPoolExecutor(len(paths)) as pool:
        answers = list(
            pool.map(lambda path: house.request("POST", path, room.host, json={}), paths)
        )

    ended = {answer.json()["ended_at"] for answer in answers[:4]}
    begun = [answer.json()["number"] for answer in answers[4:] if answer.status_code == 201]
    assert len(ended) == 1
    assert begun in ([], [2])
    assert len(ask(house, room, "GET", "/meetings")["items"]) == 1 + len(begun)


def test_end_is_refused_while_a_poll_that_requires_presence_is_open(house: House) -> None:
    room = house.room()
    poll = house.poll(room, require_presence=True)
    path = f"{room.path}/meetings/{poll['meeting']}/end"

    refused = house.request("POST", path, room.host)
    house.move(room, poll["id"], "close")

    assert refusal(refused) == (409, "wrong_state")
    assert refused.json()["state"] == "open"
    assert house.request("POST", path, room.host).status_code == 200


def test_meeting_of_another_room_is_not_found(house: House) -> None:
    room, other = house.room(), house.room()
    meeting = house.begin(other)

    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/end"), ("GET", "/minutes")):
        answer = house.request(method, f"{room.path}/meetings/{meeting}{path}", room.host, json={})

        assert refusal(answer) == (404, "not_found")


# -- attendance -----------------------------------------------------------------------


def test_attendance_is_that_of_a_meeting_and_by_default_of_the_latest(house: House) -> None:
    room = house.room()
    ann, ben = house.enrol(room, {"name": "=Ann"}, {"name": "Ben"})
    meetings = []
    for row in (ann, ben):
        ask(house, room, "PATCH", f"/roll/{row['id']}", {"checked_in": True})
        meetings.append(ask(house, room, "GET", "")["meeting"])
        house.end(room, meetings[-1])

    path = f"/meetings/{meetings[0]}/attendance"
    first = ask(house, room, "GET", path)["items"]
    latest = ask(house, room, "GET", "/attendance")["items"]
    table = house.request("GET", f"{room.path}{path}.csv", room.host).content.decode("utf-8-sig")
    book = house.request("GET", f"{room.path}{path}.xlsx", room.host).content

    assert [each["name"] for each in first] == ["=Ann"]
    assert [each["name"] for each in latest] == ["Ben"]
    assert [line[1] for line in csv.reader(io.StringIO(table))] == ["name", "'=Ann"]
    sheet = load_workbook(io.BytesIO(book)).active
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == ["name", "=Ann"]


def test_attendance_is_empty_before_the_first_meeting(house: House) -> None:
    room = house.room()

    assert ask(house, room, "GET", "/attendance") == {"items": [], "next": None}
    for table in ("csv", "xlsx"):
        assert house.request("GET", f"{room.path}/attendance.{table}", room.host).ok


def test_minutes_come_as_a_workbook_without_names_for_strangers(house: House) -> None:
    room = house.room(name="=1+1")
    meeting = house.begin(room)
    (row,) = house.enrol(room, {"name": "=Ann"})
    ask(house, room, "PATCH", f"/roll/{row['id']}", {"checked_in": True})
    poll = house.poll(room, title="=Budget", eligibility="anyone", results="live")
    house.vote(room.host, poll, 0)
    house.move(room, poll["id"], "close")

    path = f"{room.path}/meetings/{meeting}/minutes.xlsx"
    books = [
        load_workbook(io.BytesIO(house.request("GET", path, token).content))
        for token in (room.host, None)
    ]

    assert [book.sheetnames for book in books] == [
        ["meeting", "polls", "results", "quorum", "attendance"],
        ["meeting", "polls", "results", "quorum"],
    ]
    rows = {name: [*books[0][name].iter_rows(values_only=True)] for name in books[0].sheetnames}
    assert rows["meeting"][1][:2] == (room.code, "=1+1")
    assert rows["polls"][1][:4] == (poll["id"], "=Budget", "plurality", "closed")
    assert rows["polls"][1][10] == "elected"
    assert rows["results"][1] == (poll["id"], "=Budget", "A", 1, 1, 1)
    moments = [row[1:3] for row in rows["quorum"][1:]]
    assert moments == [(poll["id"], "opened"), (poll["id"], "closed")]
    assert "=Ann" in [row[1] for row in rows["attendance"]]
    assert {cell.data_type for row in books[0]["polls"] for cell in row} <= {"s", "n"}


# -- minutes --------------------------------------------------------------------------


def minutes(house: House, room: Room, meeting: int, token: str | None) -> Any:
    answer = house.request("GET", f"{room.path}/meetings/{meeting}/minutes", token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_minutes_show_attendance_quorum_and_polls_in_order(house: House) -> None:
    room = house.room(quorum={"count": 2})
    voters = [house.member(room) for _ in range(3)]
    rows = house.roll(room)
    ask(house, room, "PATCH", f"/roll/{rows[1]['id']}", {"checked_in": True})
    meeting = ask(house, room, "GET", "")["meeting"]
    first = house.poll(room, title="First", eligibility="roll")
    ask(house, room, "PATCH", f"/roll/{rows[2]['id']}", {"checked_in": True})
    second = house.poll(room, title="Second", eligibility="roll")
    house.vote(voters[0], second, 0)
    for poll in (second, first):
        house.move(room, poll["id"], "close")
    ask(house, room, "PATCH", f"/roll/{rows[2]['id']}", {"checked_in": False})
    house.end(room, meeting)

    document = minutes(house, room, meeting, room.host)

    assert document["attendance"]["attended"] == 2
    assert {each["name"] for each in document["attendance"]["people"]} == {
        rows[1]["name"],
        rows[2]["name"],
    }
    moments = [
        (each["poll"], each["moment"], each["present"], each["met"]) for each in document["quorum"]
    ]
    assert moments == [
        (first["id"], "opened", 1, False),
        (second["id"], "opened", 2, True),
        (second["id"], "closed", 2, True),
        (first["id"], "closed", 2, True),
    ]
    assert [each["poll"]["title"] for each in document["polls"]] == ["First", "Second"]
    record = house.request("GET", f"/polls/{second['id']}/record", room.host).json()
    assert document["polls"][1]["results"]["digest"] == record["digest"]
    assert document["polls"][1]["results"]["ballots"] == 1
    assert document["log"] == ask(house, room, "GET", "/log")["head"]
    assert document["meeting"]["ended_at"] is not None


def test_minutes_show_how_the_quorum_was_set_during_the_meeting(house: House) -> None:
    room = house.room(quorum={"count": 2})
    house.request("PATCH", room.path, room.host, json={"quorum": {"count": 3}})  # before it
    meeting = house.begin(room)
    half = {"num": 1, "den": 2, "rule": "more_than"}
    for change in ({"quorum_rule": "require"}, {"quorum": half}, {"name": "Renamed"}):
        assert house.request("PATCH", room.path, room.host, json=change).ok
    house.end(room, meeting)
    house.request("PATCH", room.path, room.host, json={"quorum": None})  # after it

    changes = minutes(house, room, meeting, None)["quorum_changes"]

    assert [(each["quorum"], each["quorum_rule"]) for each in changes] == [
        ({"count": 3}, "require"),
        (half, "require"),
    ]


def test_minutes_show_no_more_than_one_may_see_elsewhere(house: House) -> None:
    room = house.room()
    voter, guest = house.member(room), house.guest(room)
    rows = house.roll(room)
    ask(house, room, "PATCH", f"/roll/{rows[1]['id']}", {"checked_in": True})
    meeting = ask(house, room, "GET", "")["meeting"]
    shown = house.poll(room, eligibility="roll", secrecy="secret")
    hidden = house.poll(room, eligibility="roll", secrecy="named", results="host")
    house.draft(room, title="Not yet")
    for poll in (shown, hidden):
        house.vote(voter, poll, 0)
        house.move(room, poll["id"], "close")

    for token in (None, guest, voter, room.host):
        document = minutes(house, room, meeting, token)
        tallies = [each["results"]["tally"] is not None for each in document["polls"]]

        assert (document["attendance"]["people"] is not None) == (token == room.host)
        assert document["attendance"]["attended"] == 1
        assert tallies == [True, token == room.host]
        assert document["polls"][1]["results"] == {
            **house.request("GET", f"/polls/{hidden['id']}/results", token).json(),
            "server_time": document["polls"][1]["results"]["server_time"],
        }
        assert "Not yet" not in str(document)
        if token != room.host:
            assert "Member" not in str(document)


def test_attendance_of_a_removed_member_stays_in_the_minutes(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann"})
    house.enrol(room, {"name": "Ben"})
    ask(house, room, "PATCH", f"/roll/{row['id']}", {"checked_in": True})
    meeting = ask(house, room, "GET", "")["meeting"]
    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)

    document = minutes(house, room, meeting, room.host)

    assert document["attendance"]["attended"] == 1
    assert [each["name"] for each in document["attendance"]["people"]] == ["Ann"]


def test_host_who_ends_large_meetings_again_and_again_is_refused(tmp_path: Path) -> None:
    """Each end is a transaction in which nobody else is served, as a roll's change is."""
    place = {"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}
    with patch.object(limits, "ROWS_CHANGED", (0.001, 5)):
        rollcall = create_app(read_settings({**place, "ROLLCALL_SECRET_KEY": KEY}))
    store, now, answers = rollcall.store, datetime.now(UTC), []
    host = add_account(store, "host")
    room = create_room(store, {"name": "Club"}, host, now, lambda: "C1UB00")
    token = Tokens(KEY, hours=12).issue(host, now)[0]
    for _ in range(2):
        meeting = begin_meeting(store, find_room(store, room.code), now, actor=CLOCK)
        with store.transaction():
            for person in ("g1", "g2", "g3"):
                store.add(Attendance(0, room.code, person, "", now, now, meeting=meeting.id))
        path = f"/rooms/{room.code}/meetings/{meeting.id}/end"
        for _ in range(2):
            headers = {"Authorization": f"Bearer {token}"}
            answers.append(rollcall.app.test_client().post(path, headers=headers).status_code)
    store.close()

    assert answers == [200, 200, 429, 429]


def test_meeting_that_has_just_begun_ends_after_everybody_was_moved_in_parts(
    tmp_path: Path,
) -> None:
    place = {"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}
    rollcall = create_app(read_settings({**place, "ROLLCALL_SECRET_KEY": KEY}))
    store, now = rollcall.store, datetime.now(UTC)
    host = add_account(store, "host")
    room = create_room(store, {"name": "Club"}, host, now, lambda: "C1UB00")
    token = Tokens(KEY, hours=12).issue(host, now)[0]
    people = 2 * AT_ONCE
    with store.transaction():
        for person in range(people):
            store.add(Attendance(0, room.code, f"g{person}", f"{person}", now, now, since_at=now))
    sizes: list[int] = []
    begun = begin_meeting(store, find_room(store, room.code), now, actor=CLOCK)
    store.subscribe(lambda steps: sizes.append(len(steps)), past=False)

    path = f"/rooms/{room.code}/meetings/{begun.id}/end"
    answer = rollcall.app.test_client().post(path, headers={"Authorization": f"Bearer {token}"})
    there = store.size(Attendance, (room.code, begun.id), "meeting")
    store.close()

    assert answer.status_code == 200
    assert there == people
    assert max(sizes) <= IN_ONE


def test_everybody_in_a_large_room_is_checked_out_after_its_meeting(house: House) -> None:
    room = house.room()
    rows = house.enrol(room, *({"name": f"Member {number}"} for number in range(AT_ONCE + 5)))
    for row in rows:
        ask(house, room, "PATCH", f"/roll/{row['id']}", {"checked_in": True})
    meeting = ask(house, room, "GET", "")["meeting"]

    house.end(room, meeting)

    present = ask(house, room, "GET", "/presence")["present"]
    until(lambda: not any(row["checked_in"] for row in house.roll(room)))
    document = minutes(house, room, meeting, room.host)
    assert present == 0
    assert document["attendance"]["attended"] == len(rows)
    assert {each["last"] for each in document["attendance"]["people"]} == {
        document["meeting"]["ended_at"]
    }
