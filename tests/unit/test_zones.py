"""Time zones: the names that every browser knows, whatever files the server's machine has."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from db.tinydb_store import TinyDBStore
from schemas.rooms import ROOM, ROOM_CHANGE, ZONES
from tests.unit.lobby import NOW
from voting.faults import Invalid
from voting.log import CLOCK
from voting.model.rooms import Room
from voting.rooms import change_room

NOWHERE = (
    *("localtime", "posixrules", "Factory", "posix/Asia/Seoul", "right/Asia/Seoul", "Mars/Olympus"),
    *("asia/seoul", "Asia", "../Asia/Seoul", "/usr/share/zoneinfo/Asia/Seoul", "UTC+9", "", " UTC"),
)
FILES = Path("/usr/share/zoneinfo")
READS = "JSON.parse(require('fs').readFileSync(0)).filter((zone) => { try { \
  new Intl.DateTimeFormat('en', { timeZone: zone }); return false } catch { return true } })"


@pytest.mark.parametrize("zone", NOWHERE)
def test_room_is_refused_when_its_zone_is_in_no_place(zone: str) -> None:
    for schema, document in ((ROOM, {"name": "Club"}), (ROOM_CHANGE, {})):
        with pytest.raises(Invalid) as refused:
            schema.parse({**document, "timezone": zone})

        assert [fault.field for fault in refused.value.faults] == ["timezone"]


def test_room_takes_no_zone_that_the_machine_alone_knows() -> None:
    own = {str(path.relative_to(FILES)) for path in FILES.rglob("*")} | available_timezones()

    assert {zone for zone in own if not zone[:1].isupper() or "posix" in zone} & ZONES == set()


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin", "UTC", "Etc/GMT+9", "US/Pacific"])
def test_room_takes_the_names_of_iana(zone: str) -> None:
    assert ROOM.parse({"name": "Club", "timezone": zone})["timezone"] == zone


def test_every_zone_that_a_room_takes_is_known_to_python() -> None:
    assert len(ZONES) > 400
    assert all(ZoneInfo(zone) for zone in ZONES)


def test_zones_that_a_room_takes_are_known_to_a_javascript_engine(node: str) -> None:
    """A new zone comes to engines later: pages show its times in UTC until then."""
    command = [node, "-p", f"JSON.stringify({READS})"]
    done = subprocess.run(
        command, input=json.dumps(sorted(ZONES)), capture_output=True, text=True, check=True
    )

    assert len(json.loads(done.stdout)) < len(ZONES) / 100


def test_room_keeps_working_when_an_earlier_version_kept_another_zone(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", datetime.now(UTC))
    with store.transaction():
        room = store.add(Room(0, "K7M2QX", "Club", "public", timezone="localtime"))

    changed = change_room(store, room, ROOM_CHANGE.parse({"name": "Board"}), NOW, CLOCK)
    store.close()

    assert (changed.name, changed.timezone) == ("Board", "localtime")
