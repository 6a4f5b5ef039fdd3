"""A server whose disk is full or slow when polls end: who is told what, and who waits for whom."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.at_once import at_once
from tests.http.hall import refusal
from tests.http.rooms.house import House, Room, soon, until
from tests.keys import read_keys
from tests.live.clients import Client

CLOSES = 30
REWRITES = 3
"""How long one may wait for others, in times that one rewriting of the files takes: the one that is
under way, one's own, and as much again for a machine that does other things."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    running = House(tmp_path, people=80)
    running.command[1] = str(Path(__file__).with_name("bad_disk.py"))
    running.start()
    yield running
    running.kill()


def state(house: House, poll: dict[str, Any], token: str) -> str:
    return str(house.request("GET", f"/polls/{poll['id']}", token).json()["state"])


@pytest.mark.parametrize("how", ["close", "void", "clock"])
@pytest.mark.parametrize(
    "full", ["rollcall.json.keys", "rollcall.json.tmp", "rollcall.json.journal.tmp"]
)
def test_ending_on_a_full_disk_is_507_and_finished_by_the_next_start(
    house: House, full: str, how: str
) -> None:
    room = house.room()
    poll = house.poll(room, closes_at=soon(3) if how == "clock" else None)
    house.vote(house.newcomer(), poll, 0)
    (house.folder / "full").write_text(full)

    if how != "clock":
        assert refusal(house.move(room, poll["id"], how)) == (507, "storage_full")
    until(10, lambda: house.request("GET", "/readyz").status_code == 503)
    late = house.vote(house.newcomer(), house.request("GET", f"/polls/{poll['id']}").json(), 0)
    late_poll = house.request(
        "POST",
        f"{room.path}/polls",
        room.host,
        json={
            "title": "T",
            "candidates": [{"name": "A"}],
        },
    )
    kept = str(poll["id"]) in read_keys(house.data)
    house.kill()
    (house.folder / "full").unlink()
    house.start()

    assert late.status_code in (409, 507)
    assert refusal(late_poll) == (507, "storage_full")
    assert kept
    assert state(house, poll, room.host) == ("void" if how == "void" else "closed")
    assert str(poll["id"]) not in read_keys(house.data)
    assert house.results(poll["id"])["ballots"] == 1
    assert house.request("GET", "/readyz").status_code == 200


def test_nobody_waits_for_the_many_endings_of_another_room(house: House) -> None:
    rooms = [house.room() for _ in range(3)]
    many = [house.poll(rooms[0]) for _ in range(CLOSES)]
    (house.folder / "slow").write_text("0.3")
    alone = seconds(house, rooms[1], house.poll(rooms[1]))
    other, by_clock = house.poll(rooms[1]), house.poll(rooms[2], closes_at=soon(alone))
    opening = house.draft(rooms[2], opens_at=soon(alone))
    watcher = Client(house.url, {"token": rooms[2].host})
    watcher.join(rooms[2].code)

    with ThreadPoolExecutor(1) as beside:
        attack = beside.submit(close_all, house, rooms[0], many)
        until(20, (house.folder / "rollcall.json.tmp").exists)
        waited = seconds(house, rooms[1], other)
        opened = watcher.wait("poll:changed", lambda told: told["state"] == "open")
        closed = watcher.wait("poll:changed", lambda told: told["state"] == "closed")
        took = attack.result()
    until(20, lambda: str(by_clock["id"]) not in read_keys(house.data))
    watcher.close()

    assert waited < REWRITES * alone
    assert took < (REWRITES + 1) * alone
    assert opened["id"] == opening["id"]
    assert closed["id"] == by_clock["id"]
    late = datetime.fromisoformat(opened["opened_at"]) - datetime.fromisoformat(opened["opens_at"])
    assert late.total_seconds() < alone


def test_event_loop_goes_on_while_the_key_of_a_poll_that_opens_is_written(house: House) -> None:
    room = house.room()
    draft = house.draft(room)
    (house.folder / "slow").write_text("1")

    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(house.move, room, draft["id"], "open")
        until(20, (house.folder / "rollcall.json.keys.tmp").exists)
        answered = 0
        while not opening.done():
            answered += house.request("GET", "/healthz").status_code == 200

    assert opening.result().status_code == 200
    assert answered > 3


def close_all(house: House, room: Room, polls: list[dict[str, Any]]) -> float:
    began = monotonic()
    answers = at_once([lambda poll=poll: house.move(room, poll["id"], "close") for poll in polls])
    assert [answer.status_code for answer in answers] == [200] * len(polls)
    return monotonic() - began


def seconds(house: House, room: Room, poll: dict[str, Any]) -> float:
    """Return how long a poll's close takes."""
    began = monotonic()
    assert house.move(room, poll["id"], "close").status_code == 200
    return monotonic() - began
