"""Between a close and its being on the disk: nothing that a crash could take back is told."""

import threading
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.services import NAME, Services
from api.settings import read_settings
from db.journal import files
from tests.unit.disks import WITHIN_SECONDS, SlowDisk
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll
from voting.log import CLOCK


@pytest.mark.parametrize("page", ["results.csv", "record", "results?rule=schulze"])
def test_close_is_announced_when_it_is_on_the_disk(
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
    closing = threading.Thread(target=close_poll, args=(parts.store, poll.id, NOW, CLOCK))
    closing.start()
    assert disk.asked.wait(WITHIN_SECONDS)
    before = ask()
    disk.free.set()
    closing.join(WITHIN_SECONDS)
    after = ask()

    assert before == (403, "results_hidden")
    assert after[0] == 200
    rollcall.store.close()
