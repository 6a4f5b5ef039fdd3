"""The same tests where gevent has patched the standard library, as the server runs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PATCHED = """
import sys
from gevent import monkey
monkey.patch_all()
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


@pytest.mark.again
@pytest.mark.parametrize("name", ["test_engine.py", "test_faults.py"])
def test_everything_holds_under_gevent(name: str) -> None:
    command = [sys.executable, "-c", PATCHED, str(Path(__file__).with_name(name))]

    ran = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=150
    )

    assert ran.returncode == 0, ran.stdout[-8_000:] + ran.stderr[-2_000:]


SLOW = """
import sys
from gevent import monkey
monkey.patch_all()
import time
import gevent
from db.journal import JournaledTinyDB, files

def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.001)

def slow(descriptor):
    deadline, seen = time.monotonic() + 10, len(ticks)
    while len(ticks) < seen + 3 and time.monotonic() < deadline:
        monkey.get_original("time", "sleep")(0.001)
    went_on.append(len(ticks) >= seen + 3)

ticks, went_on = [], []
db = JournaledTinyDB(sys.argv[1])
files.fsync = slow
ticking = gevent.spawn(tick)
db.table("log").insert({})
db.compact()
print(len(went_on), all(went_on))
"""


def test_greenlets_go_on_while_the_disk_syncs(folder: Path) -> None:
    """Neither a commit's fsync nor those of a compaction hold up the hub."""
    command = [sys.executable, "-c", SLOW, str(folder / "store.json")]

    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=100)

    assert ran.stdout == "5 True\n"
