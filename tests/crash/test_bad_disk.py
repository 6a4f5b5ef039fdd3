"""A server whose disk is full or stuck when polls end: who is told what, and who waits for whom."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.http.hall import refusal
from tests.http.rooms.house import House, Room, soon, until
from tests.keys import read_keys

CLOSES = 30
WRITINGS = 3
"""The one that is under way, one for all who came meanwhile, one for those of the clock."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    running = House(tmp_path, people=80)
    running.command = [sys.executable, "-m", "tests.crash.bad_disk"]
    running.start()
    yield running
    running.kill()


def state(house: House, poll: dict[str, Any], token: str) -> str:
    return str(house.request("GET", f"/polls/{poll['id']}", token).json()["state"])


@pytest.mark.parametrize("how", ["close", "void", "clock"])
def test_ending_on_a_full_disk_is_507_and_finished_by_the_next_start(
    house: House, how: str
) -> None:
    room = house.room()
    poll = house.poll(room, closes_at=soon(3) if how == "clock" else None)
    house.vote(house.newcomer(), poll, 0)
    (house.folder / "full").write_text("rollcall.json.keys")

    if how != "clock":
        assert refusal(house.move(room, poll["id"], how)) == (507, "storage_full")
    until(lambda: house.request("GET", "/readyz").status_code == 503)
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
    other, by_clock = house.poll(rooms[1]), house.poll(rooms[2])
    before = key_writings(house)

    with (
        stuck(house, "rollcall.json.keys.tmp") as release,
        ThreadPoolExecutor(CLOSES + 1) as beside,
    ):
        first = beside.submit(house.move, rooms[0], many[0]["id"], "close")
        until((house.folder / "rollcall.json.keys.tmp").exists)
        plan(house, rooms[2], by_clock, "closes_at")
        rest = [beside.submit(house.move, rooms[0], poll["id"], "close") for poll in many[1:]]
        rest.append(beside.submit(house.move, rooms[1], other["id"], "close"))
        for room, poll, end in [
            *((rooms[0], poll, "closed") for poll in many),
            (rooms[1], other, "closed"),
            (rooms[2], by_clock, "closed"),
        ]:
            until(lambda room=room, poll=poll, end=end: state(house, poll, room.host) == end)
        assert not any(waiting.done() for waiting in [first, *rest])
        release()
        answers = [waiting.result() for waiting in [first, *rest]]
    until(lambda: str(by_clock["id"]) not in read_keys(house.data))

    assert {answer.status_code for answer in answers} == {200}
    assert 0 < key_writings(house) - before <= WRITINGS


def test_event_loop_goes_on_while_the_key_of_a_poll_that_opens_is_written(house: House) -> None:
    room = house.room()
    draft = house.draft(room)

    with stuck(house, "rollcall.json.keys.tmp") as release, ThreadPoolExecutor(1) as beside:
        opening = beside.submit(house.move, room, draft["id"], "open")
        until((house.folder / "rollcall.json.keys.tmp").exists)
        answered = house.request("GET", "/healthz").status_code
        waited = not opening.done()
        release()

    assert (answered, waited) == (200, True)
    assert opening.result().status_code == 200


@contextmanager
def stuck(house: House, name: str) -> Iterator[Callable[[], None]]:
    """Let a file's writes wait until what this yields is called, or the end."""
    flag = house.folder / "stuck"
    flag.write_text(name)
    try:
        yield flag.unlink
    finally:
        flag.unlink(missing_ok=True)


def key_writings(house: House) -> int:
    """Return how often the keys' file was written."""
    path = house.folder / "rewritten"
    return path.read_text().split().count("rollcall.json.keys") if path.exists() else 0


def plan(house: House, room: Room, poll: dict[str, Any], field: str) -> None:
    """Let a poll open or close by the clock in a moment."""
    body = {field: soon(1)}
    answer = house.request("PATCH", f"/polls/{poll['id']}", room.host, json=body)
    assert answer.status_code == 200, answer.text
