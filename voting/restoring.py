"""Members who were removed from a roll, and bringing one back as the same voter.

A person without ref and email is known by nothing: a new member of the same name is another voter.
So only a host, who names the entry, brings such a member back.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from voting.acts import log_hosts, log_restored
from voting.attendance import find_attendance
from voting.model.accounts import Account
from voting.model.rooms import RemovedRow, Role, Room, Row
from voting.refusals import NotFound
from voting.roll import check_columns, save_row
from voting.store import Store, Within


@dataclass(frozen=True)
class RemovedMember:
    """Somebody who was removed from a roll, as its hosts see them."""

    id: int
    name: str
    email: str | None
    ref: str | None
    role: Role
    removed_at: datetime | None


def list_removed(store: Store, room: Room, within: Within) -> list[RemovedMember]:
    """Return those who were removed from a roll, in the order in which they came to it."""
    removed = store.group(RemovedRow, room.code, within=within)
    rows = [(Row(**each.kept), each.removed_at) for each in removed]
    return [RemovedMember(r.id, r.name, r.email, r.ref, r.role, at) for r, at in rows]


def restore_row(store: Store, room: Room, row_id: int, now: datetime, actor: str) -> Row:
    """Put a removed row on the roll again, as it was: the same voter, with its claim. One that is
    there stays as it is.

    Raises `NotFound`, or `Invalid` where another row has its email or ref by now.
    """
    with store.transaction():
        there, removed = store.get(Row, row_id), store.get(RemovedRow, row_id)
        if there is not None and there.room == room.code:
            return there
        if removed is None or removed.room != room.code:
            raise NotFound
        row = come_back(store, room, Row(**removed.kept))
        check_columns([*store.group(Row, room.code), row])
        store.remove(removed)
        row = save_row(store, row)
        log_restored(store, room, [row], now, actor)
        log_hosts(store, room, now, actor, added=[row.person] if row.role == "host" else ())
        return row


def come_back(store: Store, room: Room, row: Row, bound: Collection[int] = ()) -> Row:
    """Return a removed row as it is restored: checked in if it still is, and without its account if
    that was deleted or has another row.

    bound: accounts that other rows are about to have
    """
    attendance = find_attendance(store, room, row.person)
    there = attendance is not None and attendance.meeting == room.meeting
    row = replace(row, checked_in=there and attendance is not None and attendance.checked_in)
    account = row.account
    if account is not None and (
        store.get(Account, account) is None
        or store.find(Row, "account_key", f"{row.room}/{account}") is not None
        or account in bound
    ):
        return replace(row, account=None, claimed=False)
    return row
