"""Between a close and its being on the disk: nothing that a crash could take back is told."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.services import NAME, Services
from api.settings import read_settings
from db.journal import files
from tests.unit.lobby import NOW, add_account, add_poll, fresh
from voting.casting import Vote, cast_ballot
from voting.ending import close_poll

WITHIN_SECONDS = 10


class SlowDisk:
    """A disk whose next fsync waits until it is let go."""

    def __init__(self, fsync: Callable[[int], None]) -> None:
        self._fsync = fsync
        self.waits = False
        self.asked, self.free = threading.Event(), threading.Event()

    def __call__(self, descriptor: int) -> None:
        if self.waits:
            self.asked.set()
            assert self.free.wait(WITHIN_SECONDS)
        self._fsync(descriptor)


@pytest.mark.parametrize("page", ["results.csv", "record", "results?rule=schulze"])
def test_close_is_told_when_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    rollcall = create_app(
        read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"})
    )
    parts: Services = rollcall.app.extensions[NAME]
    poll = add_poll(rollcall.store, method="ranked", secrecy="named", results="closed")
    vote = Vote((poll.candidates[0].id,))
    cast_ballot(parts.store, poll.id, add_account(parts.store, "ann"), vote, fresh())
    disk = SlowDisk(files.fsync)
    monkeypatch.setattr(files, "fsync", disk)
    client = rollcall.app.test_client()

    def ask() -> tuple[int, Any]:
        answer = client.get(f"/polls/{poll.id}/{page}")
        return answer.status_code, (answer.get_json(silent=True) or {}).get("code")

    disk.waits = True
    closing = threading.Thread(target=close_poll, args=(parts.store, poll.id, NOW))
    closing.start()
    assert disk.asked.wait(WITHIN_SECONDS)
    before = ask()
    disk.free.set()
    closing.join(WITHIN_SECONDS)
    after = ask()

    assert before == (403, "results_hidden")
    assert after[0] == 200
    rollcall.store.close()
