"""A poll whose closing time passes while its host is changing it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.app import create_app
from api.services import NAME
from api.settings import read_settings
from tests.unit.lobby import NOW, add_account
from voting.accounts import make_administrator
from voting.model.polls import Poll

CLOSES = datetime.now(UTC) + timedelta(hours=1)


def clock_that_passes(time: datetime, readings: int) -> Iterator[datetime]:
    """Yield the second before a time so often, then the second after it for ever."""
    for _ in range(readings):
        yield time - timedelta(seconds=1)
    while True:
        yield time + timedelta(seconds=1)


def test_poll_keeps_its_key_when_its_time_passes_in_the_middle_of_a_change(tmp_path: Path) -> None:
    for readings in range(1, 5):
        data = tmp_path / f"{readings}" / "rollcall.json"
        rollcall = create_app(read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{data}"}))
        parts, store = rollcall.app.extensions[NAME], rollcall.store
        host = make_administrator(store, add_account(store, "ann"), NOW)
        with store.transaction():
            poll = store.save(replace(store.each(Poll)[0], closes_at=CLOSES))
        token, before = parts.tokens.issue(host, parts.clock())[0], store.pseudonym(poll.id, "ann")
        clock = clock_that_passes(CLOSES, readings)
        rollcall.app.extensions[NAME] = replace(parts, clock=clock.__next__)

        answer = rollcall.app.test_client().patch(
            f"/polls/{poll.id}",
            json={"closes_at": (CLOSES + timedelta(hours=1)).isoformat()},
            headers={"Authorization": token},
        )

        still_open = store.each(Poll)[0].state == "open"
        assert answer.status_code in (200, 409)
        kept = poll.id in store.keyed_polls() and store.pseudonym(poll.id, "ann") == before
        assert kept == still_open
        store.close()
