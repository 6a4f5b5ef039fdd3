"""A restored backup brings back what was, but no session that had been ended since."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.tokens import Tokens
from db.__main__ import main
from db.tinydb_store import TinyDBStore
from tests.unit.lobby import NOW, add_account
from voting.accounts import delete_account, end_session, set_password
from voting.model.accounts import Account, Revocation
from voting.model.rooms import Room, Row
from voting.people import Holder
from voting.refusals import TokenInvalid
from voting.rooms import end_screens

KEY = "a key of nothing but these tests, long enough"
TOKENS = Tokens(KEY, 24)


def log_out(store: TinyDBStore, holder: Any, token: str) -> None:
    session, _ = TOKENS.authenticate(store, token, NOW)
    end_session(store, session.token_id, session.expires_at, NOW)


def new_code(store: TinyDBStore, row: Any, _token: str) -> None:
    with store.transaction():
        store.save(replace(row, generation=row.generation + 1))


ENDS: dict[str, tuple[str, Callable[[TinyDBStore, Any, str], object]]] = {
    "logout": ("account", log_out),
    "new password": ("account", lambda store, own, _: set_password(store, own, "another")),
    "account deleted": ("account", lambda store, own, _: delete_account(store, own, NOW)),
    "tablet's logout": ("row", log_out),
    "new claim code": ("row", new_code),
    "screens ended": ("room", lambda store, room, _: end_screens(store, room)),
}


@pytest.mark.parametrize(("whose", "end"), ENDS.values(), ids=ENDS)
def test_session_that_was_ended_since_the_backup_stays_ended(
    tmp_path: Path, whose: str, end: Callable[[TinyDBStore, Any, str], object]
) -> None:
    path, copy = tmp_path / "rollcall.json", tmp_path / "backup.json"
    store = TinyDBStore(path, NOW)
    ann, ben = add_account(store, "ann"), add_account(store, "ben")
    with store.transaction():
        room = store.add(Room(0, "R2", "Room", "public"))
        row = store.add(Row(0, "R2", "Kim", claimed=True))
    holders: dict[str, Holder] = {"account": ann, "row": row, "room": room}
    ended, early, other = (TOKENS.issue(each, NOW)[0] for each in (holders[whose], ben, ben))
    log_out(store, ben, early)
    copy.write_bytes(b"".join(store.backup()))
    end(store, holders[whose], ended)
    late, _ = TOKENS.issue(ben, NOW)
    log_out(store, ben, late)
    store.close()

    assert main(["restore", str(copy), "--data", str(path)]) == 0

    store = TinyDBStore(path, NOW)
    for token in (ended, early, late):
        with pytest.raises(TokenInvalid):
            TOKENS.authenticate(store, token, NOW)
    assert TOKENS.authenticate(store, other, NOW)[1] == ben
    assert store.get(Account, ann.id) is not None
    numbers = [each.id for each in store.each(Revocation)]
    log_out(store, ben, other)
    assert store.each(Revocation)[-1].id > max(numbers)
    store.close()


def test_restore_elsewhere_ends_no_session(tmp_path: Path) -> None:
    path, copy = tmp_path / "rollcall.json", tmp_path / "backup.json"
    store = TinyDBStore(path, NOW)
    ann = add_account(store, "ann")
    copy.write_bytes(b"".join(store.backup()))
    store.close()
    elsewhere = tmp_path / "new" / "rollcall.json"
    elsewhere.parent.mkdir()

    assert main(["restore", str(copy), "--data", str(elsewhere)]) == 0

    store = TinyDBStore(elsewhere, NOW)
    assert store.get(Account, ann.id) == ann
    store.close()
