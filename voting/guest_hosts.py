"""Guest hosts: people who host a room by a name alone, on one device.

Such a host is a row of the room's roll that a device has claimed. The room is removed `KEPT` after
it was made, unless an account has become its host by then.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from voting.acts import log_hosts
from voting.model.accounts import Account
from voting.model.rooms import Room, Row
from voting.people import Holder, find_room
from voting.refusals import Forbidden, WrongState
from voting.rest import Rest, no_rest, rested
from voting.roll import bind_row
from voting.rooms import add_room, delete_room
from voting.store import Store
from voting.text import normalise_email

KEPT = timedelta(days=30)
"""For how long a guest host's room and their token are good."""


def start_room(
    store: Store, fields: Mapping[str, Any], name: str, now: datetime, new_code: Callable[[], str]
) -> tuple[Room, Row]:
    """Make a room whose host has a name and no account; return both once they are on disk.

    name: what the host is called
    """
    with store.transaction():
        expires_at = (now + KEPT).replace(microsecond=0)
        room = add_room(store, {**fields, "expires_at": expires_at}, new_code)
        host = store.add(Row(0, room.code, name, role="host", claimed=True))
        log_hosts(store, room, now, host.person, added=[host.person])
        return room, host


def keep_room(store: Store, room: Room, host: Holder, account: Account, now: datetime) -> Row:
    """Bind a guest host's row to an account, and keep the room; return once that is on disk.

    host: whose token the account has shown; that token and others like it end

    Raises `Forbidden` for anybody but a host of the room without an account, `WrongState` for an
    account that has another row here.
    """
    with store.transaction():
        row = store.get(Row, host.id) if isinstance(host, Row) else None
        if row is None or row.room != room.code or row.role != "host" or row.account is not None:
            raise Forbidden
        return bind_row(store, replace(row, generation=row.generation + 1), account, now)


def remove_expired(store: Store, now: datetime, rest: Rest = no_rest) -> list[str]:
    """Remove the rooms of guest hosts whose time is over; return their codes. Call it outside a
    transaction.

    A room in which a poll is open stays until that ends. A room that an account hosts is kept.

    rest: called between parts of the work, so that others can be served
    """
    removed = list[str]()
    for each in rested(store.group(Room, True, "expires"), rest):
        if each.expires_at is None or each.expires_at > now:
            continue
        try:
            with store.transaction():
                room = find_room(store, each.code)
                if _has_account(store, room):
                    store.save(replace(room, expires_at=None))
                    continue
                delete_room(store, room, rest)
        except WrongState:
            continue
        removed.append(each.code)
    return removed


def _has_account(store: Store, room: Room) -> bool:
    """Return whether an account hosts a room."""
    if store.size(Row, (room.code, "host", True), "seat"):
        return True
    hosts = store.group(Row, (room.code, "host", False), "seat") if room.trust_email else []
    return any(
        row.email and store.find(Account, "email_key", normalise_email(row.email)) for row in hosts
    )
