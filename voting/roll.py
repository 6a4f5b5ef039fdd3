"""The roll: who may vote in a room, merged or replaced whole, and claimed row by row."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from voting.acts import log_restored, log_roll, ranges_of
from voting.attendance import find_attendance
from voting.faults import Fault, Faults, Invalid
from voting.known_rows import KnownRows
from voting.log import append
from voting.model.accounts import Account
from voting.model.rooms import COLUMNS, ROLL_COLUMNS, RemovedRow, Role, Room, Row
from voting.people import Standing, count_rows
from voting.refusals import NotFound, WrongState
from voting.store import Duplicate, Store
from voting.text import hash_code


@dataclass(frozen=True)
class Change:
    """The changes of a new roll: rows to add, to change and to remove.

    set_aside: what is remembered of the removed rows
    revision: that of the roll that it changes, from `revision_of`
    """

    added: list[Row]
    changed: list[Row]
    removed: list[Row]
    set_aside: list[RemovedRow]
    revision: tuple[int, ...]

    @property
    def stored(self) -> list[Row | RemovedRow]:
        """What making the change stores."""
        return [*self.added, *self.changed, *self.set_aside]


def plan_roll(
    store: Store,
    room: Room,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    host: Standing,
    *,
    replacing: bool,
    now: datetime,
    rest: Callable[[], None] = lambda: None,
) -> Change:
    """Return the changes that the given rows make, each with its name in faults.

    A row is recognised by its ref or email or, without both, by its name among such rows.

    replacing: rows that aren't given are removed, except the sender's own
    rest: called before each row, to serve others; the roll may change then, see `is_current`

    Raises `Invalid` with the refused rows, `WrongState` if no host would be left.
    """
    revision = revision_of(store, room)
    known = KnownRows(store, room)
    added, changed = _judge(known, store, room, rows, rest)
    own = None if host.row is None else host.row.id
    there = store.group(Row, room.code) if replacing else ()
    removed = [row for row in there if row.id not in known.matched and row.id != own]
    _keep_host(store, room, added, changed, removed)
    set_aside = [_remembered(row, now) for row in removed]
    change = Change(added, [new for _, new in changed], removed, set_aside, revision)
    _check_columns_after(store, room, change)
    return change


def _judge(
    known: KnownRows,
    store: Store,
    room: Room,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    rest: Callable[[], None],
) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """Return the new rows, and the changed ones before and after. Raises `Invalid`."""
    faults = Faults()
    added: list[Row] = []
    changed: list[tuple[Row, Row]] = []
    bound: set[int] = set()
    for label, fields in rows:
        rest()
        matches = known.match(label, fields, faults)
        if not matches:
            added.append(_known_again(store, room, known, Row(0, room.code, **fields), bound))
        for row in matches.values():
            new = _merged(row, fields)
            if len(new.columns) > COLUMNS:
                faults.add(Fault(f"{label}.columns", "too_long", COLUMNS))
            changed += [(row, new)] if new != row else []
    faults.check()
    return added, changed


def revision_of(store: Store, room: Room) -> tuple[int, ...]:
    """Return a value that changes whenever a room's roll, or what it remembers, changes."""
    return tuple(store.revision(kind, room.code) for kind in (Row, RemovedRow))


def is_current(store: Store, room: Room, change: Change) -> bool:
    """Return whether a planned change can be made, because nothing that it is based on
    has changed.
    """
    accounts = [row.account for row in change.added if row.account is not None]
    there = all(store.get(Account, each) is not None for each in accounts)
    return there and change.revision == revision_of(store, room)


def _merged(row: Row, fields: Mapping[str, Any]) -> Row:
    """Return a row with the given fields; the other fields stay."""
    given = {key: value for key, value in fields.items() if value is not None}
    return replace(row, **{**given, "columns": row.columns | given.get("columns", {})})


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Return the names of a roll's free columns, in the order of its rows."""
    return list(dict.fromkeys(chain.from_iterable(row.columns for row in rows)))


def check_columns(rows: Iterable[Row]) -> None:
    """Raises `Invalid` for more free columns than a roll may have."""
    if len(columns_of(rows)) > ROLL_COLUMNS:
        raise Invalid(Fault("columns", "too_long", ROLL_COLUMNS))


def _check_columns_after(store: Store, room: Room, change: Change) -> None:
    """Refuse a change that leaves a roll with too many free columns. Raises `Invalid`."""
    if any(row.columns for row in (*change.added, *change.changed)):
        after = {row.id: row for row in (*store.group(Row, room.code), *change.changed)}
        for row in change.removed:
            del after[row.id]
        check_columns([*after.values(), *change.added])


def apply_roll(store: Store, room: Room, change: Change, now: datetime, actor: str) -> None:
    """Make a planned change and log it; call it in the transaction that it was planned in."""
    before = {row.id: find_row(store, room, row.id) for row in change.changed}
    for row, remembered in zip(change.removed, change.set_aside, strict=True):
        store.remove(row)
        store.save(remembered)
    for row in change.changed:
        store.save(row)
    added, restored = [], [row for row in change.added if row.id]
    for row in change.added:
        if row.id:
            store.remove(RemovedRow(row.id, row.room, {}))
            added.append(store.save(row))
        else:
            added.append(store.add(row))
    pairs = [(before[row.id], row) for row in change.changed]
    log_roll(store, room, now, actor, added=added, changed=pairs, removed=change.removed)
    log_restored(store, room, restored, now, actor)


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
        try:
            new = store.save(new)
        except Duplicate as error:
            raise Invalid(Fault(error.field.removesuffix("_key"), "duplicate")) from error
        log_roll(store, room, now, actor, changed=[(row, new)] if new != row else ())
        return new


def remove_row(store: Store, room: Room, row_id: int, now: datetime, actor: str) -> None:
    """Remove a row: it bars later ballots, and keeps those cast. Raises as `change_row`."""
    with store.transaction():
        row = find_row(store, room, row_id)
        _keep_another_host(store, room, row, None)
        _set_aside(store, row, now)
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
        data = {"count": len(rows), "rows": ranges_of(row.id for row in rows)}
        append(store, room.code, "codes_made", actor, data, now)
        return made


def claim_row(store: Store, room: Room, code: str, account: Account | None, now: datetime) -> Row:
    """Bind the row of a one-time code to an account, or to the device that asks.

    A row that another account has goes over: its host has made a new code for it.

    Raises `NotFound` for a wrong code, `WrongState` for an account that has another row here.
    """
    with store.transaction():
        row = store.find(Row, "code", hash_code(code))
        if row is None or row.room != room.code:
            raise NotFound
        claimant = row.person if account is None else account.person
        append(store, room.code, "row_claimed", claimant, {"row": row.id}, now)
        if account is None:
            return store.save(replace(row, code=None, claimed=True))
        try:
            return store.save(replace(row, code=None, claimed=True, account=account.id))
        except Duplicate as error:
            raise WrongState(state="claimed") from error


def _set_aside(store: Store, row: Row, now: datetime) -> None:
    """Remove a row and remember it: a member who was removed by mistake must not vote twice."""
    store.remove(row)
    store.save(_remembered(row, now))


def _remembered(row: Row, now: datetime) -> RemovedRow:
    return RemovedRow(row.id, row.room, {**vars(row)}, now)


def _known_again(store: Store, room: Room, known: KnownRows, row: Row, bound: set[int]) -> Row:
    """Return a row that was removed before as the same voter, with its claim; any other row
    unchanged.

    bound: the accounts of the rows that were restored before it
    """
    before = known.find_removed(row)
    if before is None:
        return row
    before = come_back(store, room, before, bound)
    bound |= set() if before.account is None else {before.account}
    columns = before.columns | row.columns
    return replace(
        before, name=row.name, role=row.role, email=row.email, ref=row.ref, columns=columns
    )


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


def _keep_another_host(store: Store, room: Room, row: Row, role: Role | None) -> None:
    """Raises `WrongState` if a row is the last host's and would get another role."""
    if row.role == "host" and role != "host" and count_rows(store, room.code, "host") == 1:
        raise WrongState(state="last_host")


def _keep_host(
    store: Store,
    room: Room,
    added: Sequence[Row],
    changed: Sequence[tuple[Row, Row]],
    removed: Sequence[Row],
) -> None:
    """Raises `WrongState` if a room that has hosts would have none."""
    had = count_rows(store, room.code, "host")
    gone = [*removed, *(row for row, _ in changed)]
    come = [*added, *(new for _, new in changed)]
    if had and had - _count_hosts(gone) + _count_hosts(come) == 0:
        raise WrongState(state="last_host")


def _count_hosts(rows: Iterable[Row]) -> int:
    return sum(row.role == "host" for row in rows)
