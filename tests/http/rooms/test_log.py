"""A room's log over HTTP: by the page, whole, with names for those who may see them, restored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.__main__ import main
from tests.http.hall import faults
from tests.http.rooms.house import House, Room
from tests.postgres import of_files
from voting.chain import check_chain, start_of


def log_of(house: House, room: Room, token: str | None = None, query: str = "") -> dict[str, Any]:
    answer = house.request("GET", f"{room.path}/log{query}", token or room.host)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_log_is_read_by_the_page_and_chains_from_end_to_end(house: House) -> None:
    room = house.room()
    for number in range(6):
        house.enrol(room, {"name": f"Row {number}"})
    entries, after, pages = [], 0, 0

    while after is not None:
        page = log_of(house, room, query=f"?limit=3&after={after}")
        entries, after, pages = entries + page["items"], page["next"], pages + 1

    assert pages == 3
    assert check_chain(entries, start_of(room.code)) is None
    assert page["head"] == {"n": 7, "hash": entries[-1]["hash"]}


def test_page_after_the_end_is_empty_and_has_the_head(house: House) -> None:
    room = house.room()

    page = log_of(house, room, query="?after=99")

    assert (page["items"], page["next"], page["head"]["n"]) == ([], None, 1)


def test_log_of_the_lobby_begins_with_the_polls_that_the_seed_opens(house: House) -> None:
    whole = house.request("GET", "/rooms/lobby/log.json", house.administrator).json()

    first = whole["entries"][0]
    assert (first["kind"], first["actor"]) == ("poll_opened", "operator")


def test_page_is_not_sent_again_while_nothing_has_changed(house: House) -> None:
    room = house.room()
    first = house.request("GET", f"{room.path}/log", room.host)

    held = {"If-None-Match": first.headers["ETag"]}
    same = house.request("GET", f"{room.path}/log", room.host, headers=held)
    house.enrol(room, {"name": "Mina"})
    other = house.request("GET", f"{room.path}/log", room.host, headers=held)

    assert (same.status_code, other.status_code) == (304, 200)


@pytest.mark.parametrize("query", ["?after=x", "?limit=0", "?limit=201", "?cursor=1"])
def test_page_refuses_what_it_does_not_know(house: House, query: str) -> None:
    room = house.room()

    answer = house.request("GET", f"{room.path}/log{query}", room.host)

    assert answer.status_code == 400
    assert faults(answer)


def test_whole_log_is_what_its_pages_are(house: House) -> None:
    room = house.room()
    house.enrol(room, {"name": "Mina"})
    page = log_of(house, room)

    answer = house.request("GET", f"{room.path}/log.json", room.host)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.json() == {
        "room": room.code,
        "entries": page["items"],
        "head": page["head"],
    }


def test_names_of_the_roll_are_shown_to_hosts_and_to_nobody_else(house: House) -> None:
    room = house.room()
    member = house.member(room)
    (row,) = house.enrol(room, {"name": "Secret Kim", "email": "kim@secret.example", "ref": "S1"})
    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)

    for_host, for_member = log_of(house, room), log_of(house, room, member)

    assert for_host["names"][f"r{row['id']}"] == "Secret Kim", "also after the removal"
    assert f"r{row['id']}" not in for_member["names"]
    assert for_member["items"] == for_host["items"]
    maker = for_host["items"][0]["actor"]
    assert for_member["names"][maker] == for_host["names"][maker]
    assert "secret" not in f"{for_member}".lower()


def test_name_of_a_deleted_person_is_gone_and_the_chain_is_whole(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Second", "role": "host"})
    second = house.newcomer()
    house.claim(room, row["id"], second)
    house.request("PATCH", room.path, second, json={"hold_minutes": 5})
    person = log_of(house, room)["items"][-1]["actor"]
    before = log_of(house, room)["items"]

    house.request("DELETE", "/auth/me", second)

    page = log_of(house, room)
    assert person not in page["names"]
    assert page["items"][: len(before)] == before
    assert check_chain(page["items"], start_of(room.code)) is None


def test_vote_leaves_no_trace_in_the_log(house: House) -> None:
    room = house.room()
    voter = house.member(room)
    poll = house.poll(room, eligibility="roll")
    before = log_of(house, room)

    assert house.vote(voter, poll, 0).status_code == 201

    assert log_of(house, room) == before


def test_close_shows_its_records_digest_and_no_verdict_before_the_results_are_shown(
    house: House,
) -> None:
    room = house.room()
    shown, hidden = (
        house.poll(room, eligibility="roll", results=results)["id"] for results in ("live", "host")
    )
    for poll in (shown, hidden):
        house.move(room, poll, "close")
    record = house.request("GET", f"/polls/{shown}/record").json()

    first, second = log_of(house, room)["items"][-2:]
    house.move(room, hidden, "publish")
    published = log_of(house, room)["items"][-1]

    assert first["data"] == {
        "poll": shown,
        "digest": record["digest"],
        "verdict": record["result"].get("verdict", "none_passed"),
    }
    assert (second["data"]["poll"], second["data"]["verdict"]) == (hidden, None)
    assert published["data"] == {"poll": hidden, "verdict": "none_passed"}


def test_log_goes_with_its_room(house: House) -> None:
    room = house.room()

    assert house.request("DELETE", room.path, room.host).status_code == 204

    answer = house.request("GET", f"{room.path}/log", house.administrator)
    assert answer.status_code == 404


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A house of a test's own, to be restored."""
    house = House(tmp_path, people=6)
    house.start()
    yield house
    house.kill()


@of_files
def test_restore_stands_in_the_log_of_every_room(own_house: House, tmp_path: Path) -> None:
    house = own_house
    room, other = house.room(), house.room()
    backup = tmp_path / "backup.json"
    backup.write_bytes(house.request("GET", "/admin/backup", house.administrator).content)
    house.enrol(room, {"name": "Mina"})
    lost = log_of(house, room)["items"]
    house.stop()

    assert main(["restore", str(backup), "--data", str(house.data)]) == 0
    house.start()
    house.stop()
    house.start()

    entries = log_of(house, room)["items"]
    assert [each["kind"] for each in entries] == ["hosts_changed", "backup_restored"]
    assert entries[1]["actor"] == "operator"
    assert entries[1]["data"] == {
        "epoch": 2,
        "replaced": {"n": lost[-1]["n"], "hash": lost[-1]["hash"]},
    }
    assert entries[1]["hash"] != lost[1]["hash"], "a phone that kept this head sees it"
    assert check_chain(entries, start_of(room.code)) is None
    assert log_of(house, other)["items"][-1]["data"] == {"epoch": 2, "replaced": None}
