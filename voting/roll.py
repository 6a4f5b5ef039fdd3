"""The roll: who may vote in a room, merged or replaced whole, and claimed row by row."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from voting.faults import Fault, Faults, Invalid
from voting.model.accounts import Account
from voting.model.rooms import COLUMNS, ROLL_COLUMNS, RemovedRow, Role, Room, Row
from voting.people import Standing, count_rows
from voting.refusals import NotFound, WrongState
from voting.store import Duplicate, Store
from voting.text import fold, fold_email, hash_code, name_key


@dataclass(frozen=True)
class Change:
    """What a new roll changes: rows to add, rows to change, rows to remove."""

    added: list[Row]
    changed: list[Row]
    removed: list[Row]


def plan_roll(
    store: Store,
    room: Room,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    host: Standing,
    *,
    replacing: bool,
) -> Change:
    """Return what the given rows, each with what faults call it, change.

    A row is known again by its ref or email, or, with neither, by its name among such rows.

    replacing: rows that aren't given are removed, but never the caller's own

    Raises `Invalid` naming the refused rows, `WrongState` where no host would be left.
    """
    there = store.group(Row, room.code)
    known, faults = _Known(there), Faults()
    gone = {key: each for each in store.group(RemovedRow, room.code) for key in _marks_of(each)}
    added, changed = [], []
    bound: set[int] = set()
    for label, fields in rows:
        matches = known.match(label, fields, faults)
        if not matches:
            added.append(_come_back(store, gone, Row(0, room.code, **fields), bound))
        for row in matches.values():
            new = _merged(row, fields)
            if len(new.columns) > COLUMNS:
                faults.add(Fault(f"{label}.columns", "too_long", COLUMNS))
            changed += [new] if new != row else []
    faults.check()
    own = None if host.row is None else host.row.id
    removed = [row for row in there if replacing and row.id not in known.matched and row.id != own]
    _keep_host(there, added, changed, removed)
    after = {row.id: row for row in (*there, *changed)}
    for row in removed:
        del after[row.id]
    _check_columns([*after.values(), *added])
    return Change(added, changed, removed)


def _merged(row: Row, fields: Mapping[str, Any]) -> Row:
    """Return a row with what was given of it; what wasn't, stays."""
    given = {key: value for key, value in fields.items() if value is not None}
    return replace(row, **{**given, "columns": row.columns | given.get("columns", {})})


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Return what the free columns of a roll are called, in the order of its rows."""
    return list(dict.fromkeys(chain.from_iterable(row.columns for row in rows)))


def _check_columns(rows: Iterable[Row]) -> None:
    if len(columns_of(rows)) > ROLL_COLUMNS:
        raise Invalid(Fault("columns", "too_long", ROLL_COLUMNS))


class _Known:
    """The rows that are there, to be known again; `matched` are the ids of those that were."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.matched: set[int] = set()
        self._given: set[tuple[str, str]] = set()
        self._by_key = {key: row for row in rows for key in _keys(row.ref, row.email)}
        self._by_name: defaultdict[str, list[Row]] = defaultdict(list)  # two may share a name
        for row in reversed(rows):
            if not _keys(row.ref, row.email):
                self._by_name[name_key(row.name)].append(row)

    def match(self, label: str, fields: Mapping[str, Any], faults: Faults) -> dict[int, Row]:
        """Return the rows by id that a given row is; note where two are one, or one is two."""
        keys = _keys(fields.get("ref"), fields.get("email"))
        twice = [Fault(f"{label}.{key[0]}", "duplicate") for key in keys if key in self._given]
        self._given.update(keys)
        matches = self._find(fields["name"], keys)
        if len(matches) > 1:
            twice.append(Fault(label, "two_rows"))
        elif not self.matched.isdisjoint(matches) and not twice:
            twice.append(Fault(label, "duplicate"))
        faults.add(*twice)
        self.matched |= matches.keys()
        return matches

    def _find(self, name: str, keys: list[tuple[str, str]]) -> dict[int, Row]:
        """Return the rows by id that bear one of the keys; without keys, one of the name."""
        if not keys:
            same = self._by_name[name_key(name)]
            return {row.id: row for row in (same.pop() for _ in same[:1])}
        return {self._by_key[key].id: self._by_key[key] for key in keys if key in self._by_key}


def apply_roll(store: Store, change: Change) -> None:
    """Make a planned change; call it in the transaction that it was planned in."""
    for row in change.removed:
        _set_aside(store, row)
    for row in change.changed:
        store.save(row)
    for row in change.added:
        if row.id:
            store.remove(RemovedRow(row.id, row.room, {}))
            store.save(row)
        else:
            store.add(row)


def change_row(store: Store, room: Room, row_id: int, fields: Mapping[str, Any]) -> Row:
    """Change a row. Raises `NotFound`, `Invalid` for a taken email or ref, or `WrongState`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        new = replace(row, **fields)
        if "columns" in fields:
            others = (each for each in store.group(Row, room.code) if each.id != row_id)
            _check_columns([*others, new])
        _keep_another_host(store, room, row, new.role)
        try:
            return store.save(new)
        except Duplicate as error:
            raise Invalid(Fault(error.field.removesuffix("_key"), "duplicate")) from error


def remove_row(store: Store, room: Room, row_id: int) -> None:
    """Remove a row: it bars later ballots, and keeps those cast. Raises as `change_row`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        _keep_another_host(store, room, row, None)
        _set_aside(store, row)


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
        rows = (
            store.group(Row, room.code)
            if ids is None
            else [find_row(store, room, row_id) for row_id in dict.fromkeys(ids)]
        )
        made = []
        for row in rows:
            code = new_code()
            new = replace(row, code=hash_code(code), generation=row.generation + 1)
            made.append((store.save(new), code))
        return made


def claim_row(store: Store, room: Room, code: str, account: Account | None) -> Row:
    """Bind the row of a one-time code to an account, or to the device that asks.

    A row that another account has goes over: its host has made a new code for it.

    Raises `NotFound` for a wrong code, `WrongState` for an account that has another row here.
    """
    with store.transaction():
        row = store.find(Row, "code", hash_code(code))
        if row is None or row.room != room.code:
            raise NotFound
        if account is None:
            return store.save(replace(row, code=None, claimed=True))
        try:
            return store.save(replace(row, code=None, claimed=True, account=account.id))
        except Duplicate as error:
            raise WrongState(state="claimed") from error


def _set_aside(store: Store, row: Row) -> None:
    """Remove a row, and remember it: taken off a list by mistake, it must not vote twice."""
    store.remove(row)
    store.save(RemovedRow(row.id, row.room, {**vars(row)}))


def _come_back(
    store: Store, gone: dict[tuple[str, str], RemovedRow], row: Row, bound: set[int]
) -> Row:
    """Return a row that was removed before as the same voter, with its claim; else as it is.

    bound: the accounts of those that came back before it
    """
    removed = next((gone[mark] for mark in _marks(row) if mark in gone), None)
    if removed is None:
        return row
    for mark in _marks_of(removed):
        gone.pop(mark, None)
    before = Row(**removed.kept)
    if before.account is not None and (
        store.get(Account, before.account) is None
        or store.find(Row, "account_key", f"{row.room}/{before.account}") is not None
        or before.account in bound
    ):
        before = replace(before, account=None, claimed=False)
    bound |= set() if before.account is None else {before.account}
    columns = before.columns | row.columns
    return replace(
        before, name=row.name, role=row.role, email=row.email, ref=row.ref, columns=columns
    )


def _marks_of(removed: RemovedRow) -> list[tuple[str, str]]:
    return _marks(Row(**removed.kept))


def _marks(row: Row) -> list[tuple[str, str]]:
    return _keys(row.ref, row.email) or [("name", name_key(row.name))]


def _keys(ref: str | None, email: str | None) -> list[tuple[str, str]]:
    pairs = (("ref", ref, fold), ("email", email, fold_email))
    return [(kind, compared(value)) for kind, value, compared in pairs if value]


def _keep_another_host(store: Store, room: Room, row: Row, role: Role | None) -> None:
    """Raises `WrongState` where a row is the last host's and its role would be another."""
    if row.role == "host" and role != "host" and count_rows(store, room.code, "host") == 1:
        raise WrongState(state="last_host")


def _keep_host(
    there: Sequence[Row], added: Sequence[Row], changed: Sequence[Row], removed: Sequence[Row]
) -> None:
    gone = {row.id for row in removed}
    after = {row.id: row for row in (*there, *changed) if row.id not in gone}
    had = any(row.role == "host" for row in there)
    if had and not any(row.role == "host" for row in (*after.values(), *added)):
        raise WrongState(state="last_host")
