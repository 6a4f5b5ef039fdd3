"""A server takes backups beside voting, and votes go on if it can't."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from db.__main__ import main
from db.backups import find_backups
from tests.db.journal.calls import wait_until
from tests.server import ROOT, Server


def test_server_takes_a_backup_that_a_drill_proves(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    server = Server(tmp_path, BACKUP_DIR=str(folder), BACKUP_HOURS="0.001").start()
    try:
        server.cast(server.sign_up("ann"), [1])
        wait_until(lambda: len(find_backups(folder, datetime.now(UTC))) >= 2)
    finally:
        server.stop()

    assert [main(["drill", str(each.path)]) for each in find_backups(folder, datetime.now(UTC))][
        -1
    ] == 0


def test_server_votes_on_while_no_backup_can_be_written(tmp_path: Path) -> None:
    server = Server(tmp_path, BACKUP_DIR="/proc/rollcall").start()
    try:
        token = server.sign_up("ann")
        wait_until(lambda: "no backup was written to /proc/rollcall" in "".join(server.output))
        cast = server.cast(token, [1])
    finally:
        server.kill()

    assert cast.status_code == 201
    assert "a greenlet failed" not in "".join(server.output)


HANGING = """
from gevent import monkey
monkey.patch_all()
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import PosixPath
import gevent
from api.backups import BackupRules, Backups
from db.tinydb_store import TinyDBStore

answers, goes_on = os.pipe()
signal.alarm(10)

class Hanging(PosixPath):
    def glob(self, pattern):
        os.read(answers, 1)
        return super().glob(pattern)

now = datetime.now(UTC)
store = TinyDBStore(PosixPath(sys.argv[1]) / "rollcall.json", now)
rules = BackupRules(Hanging(sys.argv[1]) / "backups", timedelta(hours=6), 3, timedelta(days=9))
look = gevent.spawn(Backups(store, rules, lambda: now).look)
gevent.sleep(0)
os.write(goes_on, b"...")
look.get()
print(os.listdir(rules.folder))
"""


def test_disk_of_backups_that_hangs_does_not_stop_the_event_loop(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGING, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "rollcall-" in ended.stdout, ended
