"""The roll: who may vote in a room, merged or replaced whole, and claimed row by row."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from db import Duplicate, Store
from schemas.accounts import Account
from schemas.refusals import NotFound, WrongState
from schemas.rooms import Room, Row
from schemas.text import fold
from schemas.validation import Fault, Invalid
from voting.people import Standing


@dataclass(frozen=True)
class Change:
    """What a new roll changes: rows to add, rows to change, rows to remove."""

    added: list[Row]
    changed: list[Row]
    removed: list[Row]


def plan_roll(
    store: Store, room: Room, rows: Sequence[Mapping[str, Any]], host: Standing, *, replacing: bool
) -> Change:
    """Return what the given rows change. A row is known again by its ref, else its email.

    replacing: rows that aren't given are removed, but never the caller's own

    Raises `Invalid` naming every refused row, `WrongState` where no host would be left.
    """
    there = store.group(Row, room.code)
    known = {key: row for row in there for key in _keys(row.ref, row.email)}
    added, changed, faults = [], [], []
    seen: dict[tuple[str, str], int] = {}
    matched: set[int] = set()
    for position, fields in enumerate(rows):
        keys = _keys(fields.get("ref"), fields.get("email"))
        faults += [
            Fault(f"rows.{position}.{kind}", "duplicate", seen[kind, value])
            for kind, value in keys
            if (kind, value) in seen
        ]
        seen.update(dict.fromkeys(keys, position))
        matches = {known[key].id: known[key] for key in keys if key in known}
        if len(matches) > 1:
            faults.append(Fault(f"rows.{position}", "two_rows"))
        elif matches:
            row = next(iter(matches.values()))
            if row.id in matched:
                faults.append(Fault(f"rows.{position}", "duplicate"))
            matched.add(row.id)
            new = replace(row, **{key: value for key, value in fields.items() if value is not None})
            changed += [new] if new != row else []
        else:
            added.append(Row(0, room.code, **fields))
    if faults:
        raise Invalid(*faults)
    own = None if host.row is None else host.row.id
    removed = [row for row in there if replacing and row.id not in matched and row.id != own]
    _keep_host(there, added, changed, removed)
    return Change(added, changed, removed)


def apply_roll(store: Store, change: Change) -> None:
    """Make a planned change; call it in the transaction that it was planned in."""
    for row in change.removed:
        store.remove(row)
    for row in change.changed:
        store.save(row)
    for row in change.added:
        store.add(row)


def change_row(store: Store, room: Room, row_id: int, fields: Mapping[str, Any]) -> Row:
    """Change a row. Raises `NotFound`, `Invalid` for a taken email or ref, or `WrongState`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        new = replace(row, **fields)
        _keep_host(store.group(Row, room.code), [], [new], [])
        try:
            return store.save(new)
        except Duplicate as error:
            raise Invalid(Fault(error.field.removesuffix("_key"), "duplicate")) from error


def remove_row(store: Store, room: Room, row_id: int) -> None:
    """Remove a row: it bars later ballots, and keeps those cast. Raises as `change_row`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        _keep_host(store.group(Row, room.code), [], [], [row])
        store.remove(row)


def find_row(store: Store, room: Room, row_id: int) -> Row:
    """Return a row of the room. Raises `NotFound`."""
    row = store.get(Row, row_id)
    if row is None or row.room != room.code:
        raise NotFound
    return row


def make_codes(
    store: Store, room: Room, ids: Sequence[int] | None, new_code: Callable[[], str]
) -> list[tuple[Row, str]]:
    """Make a one-time claim code for each row, or each of `ids`; return rows with their codes.

    A new code ends the old one, and the row's room sessions. Raises `NotFound`.
    """
    with store.transaction():
        rows = store.group(Row, room.code)
        if ids is not None:
            rows = [find_row(store, room, row_id) for row_id in ids]
        made = []
        for row in rows:
            code = new_code()
            new = replace(row, code=_hash(code), generation=row.generation + 1)
            made.append((store.save(new), code))
        return made


def claim_row(store: Store, room: Room, code: str, account: Account | None) -> Row:
    """Bind the row of a one-time code to an account, or to the device that asks.

    Raises `NotFound` for a wrong code, `WrongState` for an account that has another row here or a
    row that another account has.
    """
    with store.transaction():
        row = store.find(Row, "code", _hash(code))
        if row is None or row.room != room.code:
            raise NotFound
        if account is None:
            return store.save(replace(row, code=None, claimed=True))
        if row.account not in (None, account.id):
            raise WrongState(state="claimed")
        try:
            return store.save(replace(row, code=None, claimed=True, account=account.id))
        except Duplicate as error:
            raise WrongState(state="claimed") from error


def _keys(ref: str | None, email: str | None) -> list[tuple[str, str]]:
    pairs = (("ref", ref), ("email", email))
    return [(kind, fold(value)) for kind, value in pairs if value]


def _keep_host(
    there: Sequence[Row], added: Sequence[Row], changed: Sequence[Row], removed: Sequence[Row]
) -> None:
    gone = {row.id for row in removed}
    after = {row.id: row for row in (*there, *changed) if row.id not in gone}
    had = any(row.role == "host" for row in there)
    if had and not any(row.role == "host" for row in (*after.values(), *added)):
        raise WrongState(state="last_host")


def _hash(code: str) -> str:
    folded = "".join(code.upper().split()).replace("-", "")
    return hashlib.sha256(folded.encode()).hexdigest()
