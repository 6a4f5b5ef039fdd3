"""Whose sessions are looked at again when something of theirs has changed, and nobody else's."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from api.live.sessions import Sessions
from api.tokens import Tokens
from tests.unit.lobby import NOW, add_account
from voting.accounts import set_password
from voting.model.rooms import Guest, Room, Row
from voting.people import Holder
from voting.rooms import end_screens
from voting.store import Store

KEY = "a key of nothing but these tests, long enough"


@pytest.fixture
def holders(store: Store) -> dict[str, Holder]:
    """Return one of each who may have a token."""
    account = add_account(store, "ann")
    with store.transaction():
        room = store.add(Room(0, "K7M2QX", "Club", "public"))
        row = store.add(Row(0, room.code, "Ben"))
        guest = store.add(Guest(0, room.code, "Kim", NOW))
    return {"account": account, "row": row, "guest": guest, "screen": room}


def renew(store: Store, row: Any) -> None:
    with store.transaction():
        store.save(replace(row, generation=row.generation + 1))


def remove(store: Store, kept: Any) -> None:
    with store.transaction():
        store.remove(kept)


ENDS: dict[str, Callable[[Store, Any], object]] = {
    "account": lambda store, account: set_password(store, account, "another"),
    "row": renew,
    "guest": remove,
    "screen": end_screens,
}


@pytest.mark.parametrize("ended", ENDS)
def test_socket_ends_with_its_own_session_alone(
    store: Store, holders: dict[str, Holder], ended: str
) -> None:
    tokens, notified = Tokens(KEY, 24), list[tuple[str, str]]()
    signed_in = []
    for name, holder in holders.items():
        token, _ = tokens.issue(holder, NOW)
        session, _ = tokens.authenticate(store, token, NOW)
        signed_in.append((SimpleNamespace(token=token, name=name), session))
    connections: Any = SimpleNamespace(signed_in=lambda: signed_in)
    sessions = Sessions(
        connections,
        store,
        tokens,
        lambda: NOW,
        lambda connection, code: notified.append((connection.name, code)),  # type: ignore[attr-defined]
    )

    ENDS[ended](store, holders[ended])
    sessions.sweep()
    sessions.sweep()

    assert notified == [(ended, "token_invalid")]
