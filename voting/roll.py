"""The rows of a roll one by one: who may vote in a room, changed, removed and claimed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from voting.acts import log_roll, ranges_of
from voting.faults import Fault, Invalid
from voting.log import append
from voting.model.accounts import Account
from voting.model.rooms import ROLL_COLUMNS, RemovedRow, Role, Room, Row
from voting.people import count_rows, find_room
from voting.refusals import NotFound, WrongState
from voting.store import Duplicate, Store
from voting.text import hash_code


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Return the names of a roll's free columns, in the order of its rows."""
    return list(dict.fromkeys(chain.from_iterable(row.columns for row in rows)))


def check_columns(rows: Iterable[Row]) -> None:
    """Raises `Invalid` for more free columns than a roll may have."""
    if len(columns_of(rows)) > ROLL_COLUMNS:
        raise Invalid(Fault("columns", "too_long", ROLL_COLUMNS))


def change_row(  # noqa: PLR0917 (who and when, as every act has them)
    store: Store, room: Room, row_id: int, fields: Mapping[str, Any], now: datetime, actor: str
) -> Row:
    """Change a row. Raises `NotFound`, `Invalid` for a taken email or ref, or `WrongState`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        new = replace(row, **fields)
        if "columns" in fields:
            others = (each for each in store.group(Row, room.code) if each.id != row_id)
            check_columns([*others, new])
        _keep_another_host(store, room, row, new.role)
        new = save_row(store, new)
        log_roll(store, room, now, actor, changed=[(row, new)] if new != row else ())
        return new


def save_row(store: Store, row: Row) -> Row:
    """Store a row; return it. Raises `Invalid` if another row has its email or ref."""
    try:
        return store.save(row)
    except Duplicate as error:
        raise Invalid(Fault(error.field.removesuffix("_key"), "duplicate")) from error


def remove_row(store: Store, room: Room, row_id: int, now: datetime, actor: str) -> None:
    """Remove a row: it bars later ballots, and keeps those cast. Raises as `change_row`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        _keep_another_host(store, room, row, None)
        store.remove(row)
        store.save(as_removed(row, now))
        log_roll(store, room, now, actor, removed=[row])


def find_row(store: Store, room: Room, row_id: int) -> Row:
    """Return a row of the room. Raises `NotFound`."""
    row = store.get(Row, row_id)
    if row is None or row.room != room.code:
        raise NotFound
    return row


def make_codes(  # noqa: PLR0917 (the same)
    store: Store,
    room: Room,
    ids: Sequence[int] | None,
    now: datetime,
    actor: str,
    new_code: Callable[[], str],
) -> list[tuple[Row, str]]:
    """Make a one-time claim code for each row, or each of `ids`; return rows with their codes.

    A new code ends the old one, and the row's room sessions. A host who has no account, and so
    acts by such a session, gets a code only if `ids` asks for it. Raises `NotFound`.
    """
    with store.transaction():
        rows = (
            [row for row in store.group(Row, room.code) if row.person != actor]
            if ids is None
            else [find_row(store, room, row_id) for row_id in dict.fromkeys(ids)]
        )
        made = []
        for row in rows:
            code = new_code()
            new = replace(row, code=hash_code(code), generation=row.generation + 1)
            made.append((store.save(new), code))
        data = {"count": len(rows), "rows": ranges_of(row.id for row in rows)}
        append(store, room.code, "codes_made", actor, data, now)
        return made


def claim_row(store: Store, room: Room, code: str, account: Account | None, now: datetime) -> Row:
    """Bind the row of a one-time code to an account, or to the device that asks.

    A row that another account has goes over: its host has made a new code for it.

    Raises `NotFound` for a wrong code, `WrongState` for an account that has another row here.
    """
    with store.transaction():
        row = find_claimable(store, room, code)
        if account is not None:
            return bind_row(store, row, account, now)
        append(store, room.code, "row_claimed", row.person, {"row": row.id}, now)
        return store.save(replace(row, code=None, claimed=True))


def bind_row(store: Store, row: Row, account: Account, now: datetime) -> Row:
    """Bind a row to an account, in a transaction of the caller's. A guest host's room that gets an
    account as its host is kept. Raises `WrongState` for an account that has another row here.
    """
    append(store, row.room, "row_claimed", account.person, {"row": row.id}, now)
    room = find_room(store, row.room)
    if row.role == "host" and room.expires_at is not None:
        store.save(replace(room, expires_at=None))
    try:
        return store.save(replace(row, code=None, claimed=True, account=account.id))
    except Duplicate as error:
        raise WrongState(state="claimed") from error


def find_claimable(store: Store, room: Room, code: str) -> Row:
    """Return the row of a one-time code that is still good. Raises `NotFound`."""
    row = store.find(Row, "code", hash_code(code))
    if row is None or row.room != room.code:
        raise NotFound
    return row


def _keep_another_host(store: Store, room: Room, row: Row, role: Role | None) -> None:
    """Raises `WrongState` if a row is the last host's and would get another role."""
    if row.role == "host" and role != "host" and count_rows(store, room.code, "host") == 1:
        raise WrongState(state="last_host")


def as_removed(row: Row, now: datetime) -> RemovedRow:
    """Return what is remembered of a removed row: a member who comes back must not vote twice."""
    return RemovedRow(row.id, row.room, {**vars(row)}, now)
