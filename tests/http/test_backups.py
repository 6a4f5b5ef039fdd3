"""A server takes backups beside voting, and votes go on if it can't."""

from pathlib import Path

from db.__main__ import main
from db.backups import find_backups
from tests.db.journal.calls import wait_until
from tests.server import Server


def test_server_takes_a_backup_that_a_drill_proves(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    server = Server(tmp_path, BACKUP_DIR=str(folder), BACKUP_HOURS="0.001").start()
    try:
        server.cast(server.sign_up("ann"), [1])
        wait_until(lambda: len(find_backups(folder)) >= 2)
    finally:
        server.stop()

    assert [main(["drill", str(each.path)]) for each in find_backups(folder)][-1] == 0


def test_server_votes_on_while_no_backup_can_be_written(tmp_path: Path) -> None:
    server = Server(tmp_path, BACKUP_DIR="/proc/rollcall").start()
    try:
        token = server.sign_up("ann")
        wait_until(lambda: "no backup was written to /proc/rollcall" in "".join(server.output))
        cast = server.cast(token, [1])
    finally:
        server.kill()

    assert cast.status_code == 201
