"""A read is answered once what it shows is on the disk, whoever answers it."""

import re
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from api.app import create_app
from api.flasks import FREE
from api.settings import read_settings
from tests.http.rooms.house import WITHIN_SECONDS, House, Room, until
from tests.server import ON_POSTGRES

pytestmark = pytest.mark.skipif(ON_POSTGRES, reason="it holds the journal's disk up")

FEW = 5


class HeldHouse(House):
    """A server whose disk a test holds up."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, people=50)
        self.command = [sys.executable, "-m", "tests.http.held_disk"]

    def hold(self) -> None:
        (self.folder / "held").unlink(missing_ok=True)
        (self.folder / "hold").touch()

    def is_held(self) -> bool:
        return (self.folder / "held").exists()

    def let_go(self) -> None:
        (self.folder / "hold").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldHouse]:
    house = HeldHouse(tmp_path_factory.mktemp("held"))
    house.start()
    yield house
    house.let_go()
    house.stop()


@pytest.fixture(scope="module")
def room(held: HeldHouse) -> Room:
    return held.room()


def routes() -> list[str]:
    """Return the paths of all routes that read the store."""
    with TemporaryDirectory() as folder:
        url = f"tinydb:///{folder}/rollcall.json"
        rollcall = create_app(read_settings({"ROLLCALL_DATABASE_URL": url}))
        rules = list(rollcall.app.url_map.iter_rules())
        rollcall.store.close()
    reads = (each for each in rules if "GET" in (each.methods or ()))
    return sorted({each.rule for each in reads if each.endpoint.split(".")[0] not in FREE})


def ask(house: House, path: str, token: str) -> HTTPConnection:
    """Send a request, and return its connection once the server has surely begun with it."""
    asking = HTTPConnection("127.0.0.1", house.port, timeout=WITHIN_SECONDS)
    asking.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    for _ in range(FEW):  # each takes a turn of the event loop
        assert house.request("GET", "/healthz").status_code == 200
    return asking


def is_answered(asking: HTTPConnection) -> bool:
    return bool(select([asking.sock], [], [], 0)[0])


@pytest.mark.parametrize("route", routes())
def test_nothing_is_told_that_a_crash_could_take_back(
    held: HeldHouse, room: Room, route: str
) -> None:
    path = re.sub("<[^>]*code>", room.code, re.sub("<int:[^>]*>", "1", route))
    held.hold()
    body = {"name": f"Club of {route}"[:60]}
    changing = threading.Thread(
        target=held.request, args=("PATCH", room.path, room.host), kwargs={"json": body}
    )
    changing.start()
    try:
        until(held.is_held)
        asking = ask(held, path, room.host)
        early = is_answered(asking)
    finally:
        held.let_go()
    answer: Any = asking.getresponse()
    told = answer.read()
    changing.join(WITHIN_SECONDS)

    assert not early, (answer.status, told[:200])
    assert answer.status < 500
