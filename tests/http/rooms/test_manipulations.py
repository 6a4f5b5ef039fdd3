"""What a host could once do to move an outcome: now it is refused, or stands in log and record."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import serve
from tests.http.hall import refusal
from tests.http.rooms.house import House, Room, until
from tests.postgres import of_files
from tests.server import ROOT

YES, NO = 0, 1
DAY = timedelta(hours=25)


@pytest.fixture
def own_house(tmp_path: Path) -> Any:
    """A server of a test's own, which it may stop."""
    yield from serve(House(tmp_path, people=4))


def seat(house: House, room: Room, count: int) -> tuple[list[int], list[str]]:
    """Put people on the roll; return their rows and the tokens of their phones."""
    names = [{"name": f"Voter {number}"} for number in range(len(house.roll(room)), 99)][:count]
    rows = [row["id"] for row in house.enrol(room, *names)]
    return rows, [str(house.claim(room, row)["token"]) for row in rows]


def check_in(house: House, room: Room, rows: list[int], *, present: bool = True) -> None:
    for row in rows:
        path, body = f"{room.path}/roll/{row}", {"checked_in": present}
        assert house.request("PATCH", path, room.host, json=body).status_code == 200


def close(house: House, room: Room, poll: dict[str, Any]) -> dict[str, Any]:
    assert house.move(room, poll["id"], "close").status_code == 200
    return dict(until(lambda: house.results(poll["id"])))


def log_of(house: House, room: Room, kind: str) -> list[dict[str, Any]]:
    entries = house.request("GET", f"{room.path}/log?limit=200", room.host).json()["items"]
    return [each["data"] for each in entries if each["kind"] == kind]


def share(num: int, den: int, of: str, rule: str = "at_least") -> dict[str, Any]:
    return {"threshold": {"num": num, "den": den, "of": of, "rule": rule}}


def test_removing_members_moves_no_base(house: House) -> None:
    room = house.room()
    rows, tokens = seat(house, room, 10)
    half = share(1, 2, "eligible", "more_than")
    poll = house.poll(room, eligibility="roll", results="closed", **half)
    for token, choice in zip(tokens, [YES] * 4 + [NO] * 2, strict=False):
        assert house.vote(token, poll, choice).status_code == 201

    for row in rows[4:]:
        assert house.request("DELETE", f"{room.path}/roll/{row}", room.host).status_code == 204
    turnout = house.request("GET", f"/polls/{poll['id']}/turnout", room.host).json()
    results = close(house, room, poll)

    assert (results["eligible"], results["ballots"], results["winners"]) == (11, 6, [])
    assert results["turnout"] == 0.5455
    changes = log_of(house, room, "roll_changed")
    assert [each["removed"] for each in changes if each["removed"]] == [1] * 6
    removed = {each["id"] for each in turnout["people"] if each["removed"]}
    assert removed == {f"r{row}" for row in rows[4:]}


def test_members_who_are_added_to_an_open_poll_have_no_vote_in_it(house: House) -> None:
    room = house.room()
    _, tokens = seat(house, room, 6)
    poll = house.poll(room, eligibility="roll")
    for token in tokens:
        assert house.vote(token, poll, NO).status_code == 201

    rows, phones = seat(house, room, 8)
    stuffed = [refusal(house.vote(phone, poll, YES)) for phone in phones]
    for row in rows:
        house.request("DELETE", f"{room.path}/roll/{row}", room.host)
    results = close(house, room, poll)

    assert stuffed == [(403, "not_eligible")] * 8
    assert (results["eligible"], results["ballots"], results["turnout"]) == (7, 6, 0.8571)
    assert results["winners"] == [poll["candidates"][NO]["id"]]


def test_members_who_are_admitted_enlarge_the_base_for_all_to_see(house: House) -> None:
    room = house.room()
    _, tokens = seat(house, room, 6)
    poll = house.poll(room, eligibility="roll", **share(1, 2, "eligible", "more_than"))
    for token in tokens:
        house.vote(token, poll, NO)

    rows, phones = seat(house, room, 8)
    for row, phone in zip(rows, phones, strict=True):
        assert house.admit(room, poll, row).status_code == 201
        assert house.vote(phone, poll, YES).status_code == 201
        house.request("DELETE", f"{room.path}/roll/{row}", room.host)
    results = close(house, room, poll)

    assert (results["eligible"], results["ballots"]) == (15, 14)
    shown = house.request("GET", f"/polls/{poll['id']}").json()["electorate"]
    assert (shown["size"], shown["admitted"]) == (7, 8)
    assert [each["row"] for each in log_of(house, room, "admitted")] == rows
    record = house.request("GET", f"/polls/{poll['id']}/record").json()
    assert [each["row"] for each in record["electorate"]["admissions"]] == rows
    (opened,) = log_of(house, room, "poll_opened")
    assert opened["electorate"] == shown["digest"]


@of_files
def test_people_of_yesterday_make_no_quorum_today(own_house: House) -> None:
    house = own_house
    room = house.room(quorum={"count": 6})
    rows, _ = seat(house, room, 6)
    check_in(house, room, rows)
    before = house.poll(room, "closed", eligibility="roll")

    house.stop()
    set_back(house.data, DAY)
    house.start()
    after = house.poll(room, eligibility="roll")

    assert (before["quorum"]["present_at_open"], before["quorum"]["met"]) == (6, True)
    assert (after["quorum"]["present_at_open"], after["quorum"]["met"]) == (0, False)


def set_back(data: Path, by: timedelta) -> None:
    """Let all that a stopped server has kept of meetings be older."""
    stored = json.loads(data.read_text("utf-8"))
    for table in ("attendance", "meetings", "polls"):
        for row in stored.get(table, {}).values():
            times = {name: at for name, at in row.items() if name.endswith("_at") and at}
            row |= {name: str(datetime.fromisoformat(at) - by) for name, at in times.items()}
    data.write_text(json.dumps(stored), "utf-8")


def test_people_who_leave_before_the_close_turn_no_decision_around(house: House) -> None:
    room = house.room()
    rows, tokens = seat(house, room, 9)
    check_in(house, room, rows)
    poll = house.poll(room, eligibility="roll", **share(2, 3, "present"))
    house.vote(tokens[0], poll, YES)

    check_in(house, room, rows, present=False)
    results = close(house, room, poll)

    assert results["winners"] == []
    quorum = house.request("GET", f"/polls/{poll['id']}").json()["quorum"]
    bases = [quorum[name] for name in ("present_at_open", "present_at_close", "present")]
    assert bases == [9, 0, 9]
    assert len(log_of(house, room, "checked_out")) == 9


def test_new_member_of_the_same_name_inherits_no_vote(house: House) -> None:
    room = house.room()
    (old,), (phone,) = seat(house, room, 1)
    name = house.roll(room)[-1]["name"]
    house.request("DELETE", f"{room.path}/roll/{old}", room.host)

    (new,) = house.enrol(room, {"name": name})
    poll = house.poll(room, eligibility="roll")

    assert new["claimed"] is False
    assert house.vote(phone, poll, YES).status_code in (401, 403)
    assert house.results(poll["id"])["ballots"] == 0


def test_swapped_names_of_a_named_record_are_found(house: House, tmp_path: Path) -> None:
    room = house.room()
    _, tokens = seat(house, room, 3)
    poll = house.poll(room, eligibility="roll", secrecy="named")
    for token, choice in zip(tokens, (YES, NO, NO), strict=True):
        house.vote(token, poll, choice)
    close(house, room, poll)
    record = house.request("GET", f"/polls/{poll['id']}/record", room.host).json()

    swapped = json.loads(json.dumps(record))
    one, other = [*swapped["names"]][:2]
    swapped["names"][one], swapped["names"][other] = record["names"][other], record["names"][one]

    assert verify(record, tmp_path) == 0
    assert verify(swapped, tmp_path) == 1


def verify(record: dict[str, Any], folder: Path) -> int:
    """Check a record as anybody can; return the exit code."""
    file = folder / "record.json"
    file.write_text(json.dumps(record), "utf-8")
    command = [sys.executable, "-m", "voting.verify", str(file)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode


@pytest.mark.parametrize("policy", ["live", "closed"])
def test_results_that_were_shown_are_hidden_no_more(house: House, policy: str) -> None:
    room = house.room()
    _, tokens = seat(house, room, 2)
    poll = house.poll(room, eligibility="roll", results=policy)
    receipt = house.vote(tokens[0], poll, YES).json()["receipt"]
    shown = close(house, room, poll)

    hidden = house.request("PATCH", f"/polls/{poll['id']}", room.host, json={"results": "host"})

    assert refusal(hidden) == (409, "poll_frozen")
    assert house.results(poll["id"])["tally"] == shown["tally"]
    record = house.request("GET", f"/polls/{poll['id']}/record").json()
    assert [ballot["receipt"] for ballot in record["ballots"]] == [receipt]
