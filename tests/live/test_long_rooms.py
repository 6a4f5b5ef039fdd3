"""Joining a room that has had a thousand polls: few of them are sent, and the list goes on."""

import asyncio
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.http.rooms.house import House
from tests.live.conftest import Connect
from tests.live.crowd import Phone
from tests.long_rooms import FEW, MANY, add_long_room
from voting.recent_polls import ENDED_SENT

SHORT, LONG = "SH0RT0", "10NG00"
MOST = 1.3
"""How many times the bytes may be after a hundred times as many polls."""
MOST_TIME = 2.0
"""The same for the processor's time, which other work disturbs. It was 28 times as long."""
PHONES, ROUNDS = 60, 2


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with a room of few polls, and one of many."""
    running = House(tmp_path_factory.mktemp("long"), people=PHONES + 20)
    store = running.open_store()
    add_long_room(store, SHORT, FEW)
    add_long_room(store, LONG, MANY)
    store.close()
    running.start()
    yield running
    running.kill()


def numbers(snapshot: dict[str, Any]) -> list[int]:
    return [poll["id"] for poll in snapshot["polls"]]


@pytest.mark.parametrize("who", ["stranger", "voter", "host"])
def test_snapshot_is_no_larger_after_a_thousand_polls(
    house: House, connect: Connect, who: str
) -> None:
    token = {"stranger": None, "voter": house.newcomer(), "host": house.administrator}[who]

    short, long = (connect(house, token).join(code) for code in (SHORT, LONG))

    assert len(short["polls"]) == len(long["polls"]) == ENDED_SENT
    assert len(json.dumps(long)) <= MOST * len(json.dumps(short))
    assert (short["polls_next"], long["polls_next"]) == (None, numbers(long)[0])
    for snapshot in (short, long):
        shown = {str(number) for number in numbers(snapshot)}
        assert shown == snapshot["results"].keys() == snapshot["you"]["polls"].keys()


@pytest.mark.skipif(sys.platform != "linux", reason="processor time to the microsecond")
def test_crowd_comes_back_in_the_same_time_after_a_thousand_polls(house: House) -> None:
    tokens = [house.newcomer() for _ in range(PHONES)]
    taken: dict[str, list[float]] = {SHORT: [], LONG: []}

    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of a browser's
        for _ in range(ROUNDS):
            for code, times in taken.items():
                before = processor_seconds(house)
                pool.submit(asyncio.run, come_back(house, code, tokens)).result()
                times.append(processor_seconds(house) - before)

    assert min(taken[LONG]) <= MOST_TIME * min(taken[SHORT]), taken


async def come_back(house: House, code: str, tokens: list[str]) -> None:
    """Let everybody join at once; return when all have their snapshot."""
    phones = await asyncio.gather(*(Phone.connect(house.port, token) for token in tokens))
    await asyncio.gather(*(phone.join(code) for phone in phones))
    for phone in phones:
        phone.abort()


def processor_seconds(house: House) -> float:
    """Return how long a server's threads have run."""
    tasks = Path(f"/proc/{house.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def test_list_goes_on_from_the_snapshot_to_the_first_poll(house: House, connect: Connect) -> None:
    snapshot = connect(house).join(LONG)
    found, cursor = numbers(snapshot)[::-1], snapshot["polls_next"]

    while cursor is not None:
        query = f"sort=-id&limit=200&cursor={cursor}"
        part = house.request("GET", f"/rooms/{LONG}/polls?{query}").json()
        found, cursor = found + [poll["id"] for poll in part["items"]], part["next"]

    assert len(found) == MANY
    assert found == sorted(set(found), reverse=True)


def test_earlier_poll_is_sent_to_everybody_when_it_becomes_current(
    house: House, connect: Connect
) -> None:
    phone = connect(house, house.newcomer())
    phone.join(LONG)
    first = house.request("GET", f"/rooms/{LONG}/polls?limit=1").json()["items"][0]

    body = {"current_poll": first["id"]}
    house.request("PATCH", f"/rooms/{LONG}", house.administrator, json=body)

    assert phone.wait("poll:changed", lambda poll: poll["id"] == first["id"]) == first
    phone.wait("tally:update", lambda results: results["poll"] == first["id"])
    you = phone.wait("you:changed", lambda you: str(first["id"]) in you["polls"])
    assert len(you["polls"]) == ENDED_SENT + 1
