"""Changes of a whole roll: given rows merged into it, or put in its place; planned, then made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from voting.acts import log_restored, log_roll
from voting.faults import Fault, Faults
from voting.known_rows import KnownRows
from voting.model.accounts import Account
from voting.model.rooms import COLUMNS, RemovedRow, Room, Row
from voting.people import Standing, count_rows
from voting.refusals import WrongState
from voting.rest import Rest, no_rest, rested
from voting.restoring import come_back
from voting.roll import as_removed, check_columns
from voting.store import Store


@dataclass(frozen=True)
class Change:
    """The changes of a new roll: rows to add, to change (before and after) and to remove.

    set_aside: what is remembered of the removed rows
    revision: that of the roll that it changes, from `revision_of`
    """

    added: list[Row]
    changed: list[tuple[Row, Row]]
    removed: list[Row]
    set_aside: list[RemovedRow]
    revision: tuple[int, ...]

    @property
    def stored(self) -> list[Row | RemovedRow]:
        """What making the change stores."""
        return [*self.added, *self.after, *self.set_aside]

    @property
    def after(self) -> list[Row]:
        """The changed rows as they are to be."""
        return [new for _, new in self.changed]


def plan_roll(
    store: Store,
    room: Room,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    host: Standing,
    *,
    replacing: bool,
    now: datetime,
    rest: Rest = no_rest,
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
    set_aside = [as_removed(row, now) for row in removed]
    change = Change(added, changed, removed, set_aside, revision)
    _keep_host(store, room, change)
    _check_columns_after(store, room, change)
    return change


def _judge(
    known: KnownRows,
    store: Store,
    room: Room,
    rows: Sequence[tuple[str, Mapping[str, Any]]],
    rest: Rest,
) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """Return the new rows, and the changed ones before and after. Raises `Invalid`."""
    faults = Faults()
    added: list[Row] = []
    changed: list[tuple[Row, Row]] = []
    bound: set[int] = set()
    for label, fields in rested(rows, rest):
        matches = known.match(label, fields, faults)
        if not matches:
            added.append(_recognised(store, room, known, Row(0, room.code, **fields), bound))
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
    """Return whether nothing has changed that a planned change is based on."""
    accounts = [row.account for row in change.added if row.account is not None]
    there = all(store.get(Account, each) is not None for each in accounts)
    return there and change.revision == revision_of(store, room)


def _merged(row: Row, fields: Mapping[str, Any]) -> Row:
    """Return a row with the given fields; the other fields stay."""
    given = {key: value for key, value in fields.items() if value is not None}
    return replace(row, **{**given, "columns": row.columns | given.get("columns", {})})


def _recognised(store: Store, room: Room, known: KnownRows, row: Row, bound: set[int]) -> Row:
    """Return the removed row that a new row stands for, with the new row's fields: it is the same
    voter, with its claim. Return any other row unchanged.

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


def _keep_host(store: Store, room: Room, change: Change) -> None:
    """Raises `WrongState` if a room that has hosts would have none."""
    had = count_rows(store, room.code, "host")
    gone = [*change.removed, *(row for row, _ in change.changed)]
    come = [*change.added, *change.after]
    if had and had - _count_hosts(gone) + _count_hosts(come) == 0:
        raise WrongState(state="last_host")


def _count_hosts(rows: Iterable[Row]) -> int:
    return sum(row.role == "host" for row in rows)


def _check_columns_after(store: Store, room: Room, change: Change) -> None:
    """Refuse a change that leaves a roll with too many free columns. Raises `Invalid`."""
    if any(row.columns for row in (*change.added, *change.after)):
        after = {row.id: row for row in (*store.group(Row, room.code), *change.after)}
        for row in change.removed:
            del after[row.id]
        check_columns([*after.values(), *change.added])


def apply_roll(store: Store, room: Room, change: Change, now: datetime, actor: str) -> None:
    """Make a planned change and log it; call it in the transaction that it was planned in."""
    for row, remembered in zip(change.removed, change.set_aside, strict=True):
        store.remove(row)
        store.save(remembered)
    for row in change.after:
        store.save(row)
    added, restored = [], [row for row in change.added if row.id]
    for row in change.added:
        if row.id:
            store.remove(RemovedRow(row.id, row.room, {}))
            added.append(store.save(row))
        else:
            added.append(store.add(row))
    log_roll(store, room, now, actor, added=added, changed=change.changed, removed=change.removed)
    log_restored(store, room, restored, now, actor)
