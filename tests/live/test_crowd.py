"""Five hundred connections that come and go at random: the counts find the truth again."""

import asyncio
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.http.rooms.house import House, Room, until
from tests.live.crowd import People, Phone

CONNECTIONS = 500
STEPS = 1_500
AT_ONCE = 25
SETTLED_SECONDS = 120


class Crowd:
    """Phones of some people in one room, and how many each person has there in truth."""

    def __init__(self, house: House, room: Room, people: dict[str, str | None]) -> None:
        self._house, self._room, self._people = house, room, people
        self._open: list[tuple[str, Phone]] = []
        self.here: Counter[str] = Counter()

    async def step(self, chance: random.Random) -> None:
        """Do one of the things that phones do."""
        if len(self._open) < CONNECTIONS and chance.random() < 0.6:
            await self.come(chance.choice(list(self._people)))
        elif self._open:
            person, phone = self._open.pop(chance.randrange(len(self._open)))
            await self._go(person, phone, how=chance.choice(("abort", "leave", "reload")))

    async def come(self, person: str) -> None:
        phone = await Phone.connect(self._house.port, self._people[person])
        screen = {"as": "screen"} if person.startswith("screen") else {}
        snapshot = await phone.join(self._room.code, **screen)
        who = snapshot["you"]["person"]
        self._open.append((person, phone))
        if who is not None:
            self.here[who] += 1

    async def _go(self, person: str, phone: Phone, how: str) -> None:
        if how == "leave":
            await phone.call("room:leave", {"room": self._room.code})
        phone.abort()
        who = person if person[0] in "ug" and person[1:].isdigit() else None
        if who is not None:
            self.here[who] -= 1
            self.here += Counter()  # without those who have no phone left
        if how == "reload":
            await self.come(person)

    async def go_home(self) -> None:
        while self._open:
            await self._go(*self._open.pop(), how="abort")


def test_counts_find_the_truth_when_five_hundred_come_and_go(house: House) -> None:
    room = house.room()
    accounts = [house.account() for _ in range(60)]
    people: dict[str, str | None] = {
        account.person: house.token_of(account) for account in accounts
    }
    for number in range(20):
        made = house.request("POST", f"{room.path}/guests", json={"nickname": f"G{number}"}).json()
        people[f"g{made['guest']['id']}"] = made["token"]
    people |= {"stranger": None, "screen": house.newcomer()}
    files = count_files(house)

    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of a browser's
        shown, truth = pool.submit(asyncio.run, come_and_go(house, room, people)).result()

    assert shown == (truth, len(truth))
    deadline = time.monotonic() + SETTLED_SECONDS
    while count_files(house) > files and time.monotonic() < deadline:
        time.sleep(0.1)
    assert count_files(house) <= files

    def presence() -> tuple[int, list[Any]]:
        found = house.request("GET", f"{room.path}/presence", room.host).json()
        return found["online"], found["people"]

    assert until(lambda: presence() == (0, []))


async def come_and_go(
    house: House, room: Room, people: dict[str, str | None]
) -> tuple[tuple[set[str], int], set[str]]:
    """Return who is here by what a watcher was sent, and who is in truth; then all go."""
    chance, crowd = random.Random(26), Crowd(house, room, people)
    watcher = await Phone.connect(house.port, room.host)
    known = People(watcher, await watcher.join(room.code))
    await asyncio.gather(*(fill(crowd, chance) for _ in range(AT_ONCE)))
    host = (await watcher.join(room.code))["presence"]["people"][0]["id"]
    truth = {host, *crowd.here}
    deadline = time.monotonic() + SETTLED_SECONDS
    while known.merge() != (truth, len(truth)) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    shown = known.merge()
    over_http: Any = await asyncio.to_thread(
        house.request, "GET", f"{room.path}/presence", room.host
    )
    assert {person["id"]: person["connections"] for person in over_http.json()["people"]} == {
        host: 1,
        **crowd.here,
    }
    await crowd.go_home()
    watcher.abort()
    return shown, truth


async def fill(crowd: Crowd, chance: random.Random) -> None:
    for _ in range(STEPS // AT_ONCE):
        await crowd.step(chance)


def count_files(house: House) -> int:
    return len(os.listdir(f"/proc/{house.pid}/fd"))
