"""A poll's key is on the disk before the poll opens, and nobody waits for it meanwhile."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.services import NAME, Services
from api.settings import read_settings
from db.journal import files
from db.poll_keys import PollKeys
from db.tinydb_store import TinyDBStore
from tests.keys import keys_path, read_keys
from tests.unit.lobby import CANDIDATES, NOW, add_account
from voting.log import CLOCK
from voting.model.polls import Poll
from voting.model.rooms import Room, Row
from voting.polls import open_poll
from voting.schedule import Schedule
from voting.store import Store


class Watched:
    """The store whose keys' file is written outside transactions alone, and how often."""

    def __init__(self, store: TinyDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.written = store, 0
        replace = files.replace

        def look(path: Path, chunks: Iterable[bytes], *more: Any) -> None:
            store.forget_poll_keys([])  # refused inside a transaction
            self.written += 1
            replace(path, chunks, *more)

        monkeypatch.setattr("db.poll_keys.files.replace", look)


def add_draft(store: Store, **fields: Any) -> Poll:
    with store.transaction():
        if store.find(Room, "code", "R2") is None:
            store.add(Room(0, "R2", "Room", "public"))
        return store.add(Poll(0, "R2", "Who?", CANDIDATES, **fields))


def test_key_is_written_outside_transactions_when_a_host_opens_a_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}
    rollcall = create_app(read_settings(settings))
    parts: Services = rollcall.app.extensions[NAME]
    host, draft = add_account(parts.store, "ann"), add_draft(parts.store)
    with parts.store.transaction():
        parts.store.add(Row(0, "R2", "Ann", role="host", account=host.id, claimed=True))
    token = parts.tokens.issue(host, parts.clock())[0]
    watched = Watched(rollcall.store, monkeypatch)

    answers = [
        rollcall.app.test_client().post(
            f"/polls/{draft.id}/{step}", headers={"Authorization": f"Bearer {token}"}
        )
        for step in ("open", "pause", "open")
    ]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert watched.written == 1
    rollcall.store.close()


def test_key_is_written_outside_transactions_when_the_clock_opens_a_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    draft = add_draft(store, opens_at=NOW)
    watched = Watched(store, monkeypatch)

    Schedule(store).keep(NOW + timedelta(seconds=1))

    opened = store.get(Poll, draft.id)
    assert opened is not None
    assert (opened.state, watched.written) == ("open", 1)
    store.close()


@pytest.mark.parametrize("stopped", [True, False])
def test_key_that_was_prepared_is_the_poll_s_and_never_another(
    tmp_path: Path, stopped: bool
) -> None:
    path = tmp_path / "rollcall.json"
    store = TinyDBStore(path, NOW)
    draft = add_draft(store)
    store.prepare_poll_keys([draft.id])
    if stopped:
        store.close()
        store = TinyDBStore(path, NOW)
    key = read_keys(path)[str(draft.id)]

    store.prepare_poll_keys([draft.id])
    opened = open_poll(store, draft.id, NOW, CLOCK)
    store.prepare_poll_keys([draft.id])  # another host was as quick

    assert read_keys(path)[str(draft.id)] == key
    assert opened.key_fingerprint == PollKeys(keys_path(path)).fingerprint(draft.id)
    store.close()


def test_key_is_prepared_outside_transactions_alone(store: Store) -> None:
    draft = add_draft(store)

    with store.transaction(), pytest.raises(RuntimeError):
        store.prepare_poll_keys([draft.id])
