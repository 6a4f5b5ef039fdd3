"""PostgreSQL on a disk that is full, with workers of its own: what people are told meanwhile, and
what is there afterwards.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import need
from tests.http.rooms.house import until
from tests.postgres import Cluster
from tests.workers.conftest import First, Other

pytestmark = pytest.mark.crash

DISK = "160m"
FULL, AWAY = (507, "storage_full"), (503, "unavailable")


class Disk:
    """A small disk in memory, with a file that fills it."""

    def __init__(self) -> None:
        need(os.geteuid() == 0, "the right to mount a small disk", "run this test as root")
        self.folder = Path(tempfile.mkdtemp(prefix="rollcall-disk-"))
        self.folder.chmod(0o755)
        self._filler = self.folder / "filler"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.folder)]
        subprocess.run(mount, check=True)

    def fill(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        self._filler.unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        self.folder.rmdir()


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    made.remove()


class Hall:
    """A worker, its PostgreSQL on a small disk, and people who vote one after the other."""

    def __init__(self, disk: Disk, folder: Path, *initdb: str) -> None:
        (disk.folder / "postgres").mkdir()
        self.cluster = Cluster(disk.folder / "postgres", *initdb)
        self.worker = First(folder, self.cluster.url, 400)
        self.other = Other(folder, self.cluster.url, "2")
        for each in (self.worker, self.other):
            each.start()
        self.room = self.worker.room(visibility="public")
        self.poll = self.worker.poll(self.room, eligibility="accounts")
        self.accepted = 0

    def vote(self) -> Any:
        """Cast a newcomer's ballot; return how that was answered, and count it."""
        voted = self.worker.vote(self.worker.newcomer(), self.poll, 0)
        if voted.status_code == 201:
            self.accepted += 1
            return 201, None
        return voted.status_code, voted.json()["code"]

    def ready(self) -> int:
        return int(self.worker.request("GET", "/readyz").status_code)

    def await_looks(self, count: int) -> None:
        """Return once both workers have asked PostgreSQL for what is new so often."""
        asked = "SELECT min(query_start) FROM pg_stat_activity WHERE application_name ~ '^rollcall'"
        for _ in range(count):
            before = self.cluster.run(asked)
            until(lambda before=before: self.cluster.run(asked) != before)

    def counts(self) -> list[int]:
        """Return how many ballots each worker has."""
        return [each.results(self.poll["id"])["ballots"] for each in (self.worker, self.other)]

    def end(self) -> None:
        self.worker.kill()
        self.other.kill()
        self.cluster.remove()


@pytest.fixture
def hall(request: pytest.FixtureRequest, disk: Disk, tmp_path: Path) -> Iterator[Hall]:
    made = Hall(disk, tmp_path, *getattr(request, "param", ()))
    yield made
    made.end()


def test_votes_are_refused_while_the_tables_have_no_room_and_none_is_lost(
    hall: Hall, disk: Disk
) -> None:
    assert hall.vote() == (201, None)

    disk.fill()
    refused = until(lambda: (found := hall.vote())[0] != 201 and found)
    ready = hall.ready()
    meanwhile = hall.counts()
    hall.await_looks(3)
    stays = hall.ready()
    disk.free()
    until(lambda: hall.ready() == 200)
    again = hall.vote()

    assert (refused, ready, stays) == (FULL, 503, 503)
    assert again == (201, None)
    assert meanwhile == [hall.accepted - 1] * 2
    assert hall.counts() == [hall.accepted] * 2


@pytest.mark.parametrize("hall", [["--wal-segsize=1"]], indirect=True)
def test_nothing_is_lost_when_the_log_of_postgresql_has_no_room(hall: Hall, disk: Disk) -> None:
    """PostgreSQL ends itself then, and recovers what it had committed."""
    assert hall.vote() == (201, None)

    disk.fill()
    until(lambda: not spend_log(hall.cluster))
    refused = until(lambda: (found := hall.vote())[0] != 201 and found)
    ready = hall.ready()
    disk.free()
    if not hall.cluster.runs:
        hall.cluster.start()
    until(lambda: hall.ready() == 200)
    again = hall.vote()

    assert (refused, ready, again) == (AWAY, 503, (201, None))
    assert hall.counts() == [hall.accepted] * 2


def spend_log(cluster: Cluster) -> bool:
    """Write a megabyte into the write-ahead log; return whether that went."""
    with suppress(psycopg.Error):
        cluster.run("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000))")
        return True
    return False
