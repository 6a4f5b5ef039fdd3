"""A process that writes and compacts is killed again and again: nothing acknowledged is lost."""

import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from db.journal import JournaledTinyDB
from db.journal.filed import Filing

OPTIONS: Any = {
    "unique": {"ballots": ("key",)},
    "parts": {"ballots": lambda ballot: ballot["by"] % 3 or None},
    "filed": {
        "filed": Filing(
            lambda row: (row["box"], row["n"]),
            lambda _row: {},
            lambda place, _documents: place == 2,
        )
    },
}
"""Those of `worker`, which is run and not imported: it patches what it imports."""
ROOT = Path(__file__).parents[3]
ROUNDS = 15

pytestmark = pytest.mark.crash


def write_until_killed(path: Path, mode: str, acknowledged: int) -> list[tuple[str, int]]:
    """Run a worker, kill it after so many records, return all it told as (key, id)."""
    command = [sys.executable, "-m", "tests.db.journal.worker", mode, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "open\n"
        lines = [worker.stdout.readline() for _ in range(acknowledged)]
        worker.send_signal(signal.SIGKILL)
        lines += worker.stdout.readlines()
    assert worker.returncode == -signal.SIGKILL
    printed = [line.split() for line in lines if line.endswith("\n")]
    return [(f"{writer}-{number}", int(ballot_id)) for writer, number, ballot_id in printed]


@pytest.mark.parametrize("mode", ["threads", "gevent"])
def test_nothing_acknowledged_is_missing_or_twice_when_killed_at_random(
    folder: Path, tmp_path: Path, mode: str
) -> None:
    copy = tmp_path / "copy"
    path = folder / "store.json"
    chance = random.Random(mode)
    acknowledged: dict[str, int] = {}
    for _ in range(ROUNDS):
        printed = write_until_killed(path, mode, chance.choice([0, 1, 2, chance.randrange(3, 400)]))

        shutil.copytree(folder, copy, dirs_exist_ok=True)  # the next worker recovers by itself
        with JournaledTinyDB(copy / path.name, **OPTIONS) as db:
            keys = Counter(ballot["key"] for ballot in db.table("ballots"))
            ids = {ballot["key"]: ballot.doc_id for ballot in db.table("ballots")}
            filed = {row["key"] for row in db.storage.documents("filed").values()}
            logged = {row["ballot"] for row in db.table("log")}

        shutil.rmtree(copy)
        assert not acknowledged.keys() & dict(printed).keys()
        acknowledged.update(printed)
        assert {key: ids.get(key) for key in acknowledged} == acknowledged
        assert set(keys.values()) <= {1}
        assert filed == set(ids)
        assert logged == set(ids.values()), "a transaction was torn"
    assert len(acknowledged) > 100
