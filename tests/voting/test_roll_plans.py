"""A change of a roll that is planned while others are served: outdated when the roll changes."""

from collections.abc import Callable, Iterator

import pytest

from tests.unit.lobby import NOW, add_account
from voting.accounts import delete_account
from voting.model.accounts import Account
from voting.model.rooms import Room, Row
from voting.people import standing_in
from voting.roll import change_row, claim_row, make_codes, remove_row
from voting.roll_plans import Change, apply_roll, is_current, plan_roll
from voting.store import Store

GIVEN = [{"name": "Ann"}, {"name": "Bea", "ref": "2"}, {"name": "Cid", "email": "cid@example.org"}]


@pytest.fixture
def room(store: Store) -> Room:
    """Return a room with a roll, whose rows are 1 to 3, and 4 was removed from it."""
    with store.transaction():
        made = store.add(Room(0, "HALL22", "Hall", "public"))
    apply(store, made, plan(store, made, [*GIVEN, {"name": "Dan", "ref": "4"}]))
    bind(store, made, 4)
    remove_row(store, made, 4, NOW, "u1")
    return made


def bind(store: Store, room: Room, row_id: int) -> None:
    """Bind a row to the account 1."""
    codes: Iterator[str] = iter(["ABCDEFGH"])
    account = add_account(store, "dan")
    make_codes(store, room, [row_id], NOW, "u1", lambda: next(codes))
    claim_row(store, room, "ABCDEFGH", account, NOW)


def plan(
    store: Store,
    room: Room,
    rows: list[dict[str, str]],
    rest: Callable[[], None] = lambda: None,
) -> Change:
    labelled = [(f"rows.{n}", row) for n, row in enumerate(rows)]
    host = standing_in(store, room, None)
    return plan_roll(store, room, labelled, host, replacing=False, now=NOW, rest=rest)


def apply(store: Store, room: Room, change: Change) -> None:
    with store.transaction():
        apply_roll(store, room, change, NOW, "u1")


def rename(store: Store, room: Room) -> None:
    change_row(store, room, 1, {"name": "Another"}, NOW, "u1")


def remove(store: Store, room: Room) -> None:
    remove_row(store, room, 2, NOW, "u1")


def add(store: Store, room: Room) -> None:
    with store.transaction():
        store.add(Row(0, room.code, "Eve"))


def elsewhere(store: Store, _room: Room) -> None:
    with store.transaction():
        other = store.add(Room(0, "HALL33", "Hall", "public"))
        store.add(Row(0, other.code, "Eve"))


@pytest.mark.parametrize(
    ("act", "current"),
    [(rename, False), (remove, False), (add, False), (elsewhere, True)],
)
@pytest.mark.parametrize("at", [1, 4, 5])
def test_plan_is_outdated_when_what_it_rests_on_changes_meanwhile(
    store: Store, room: Room, act: Callable[[Store, Room], None], current: bool, at: int
) -> None:
    given = [*GIVEN, {"name": "Eve"}, {"name": "Dan", "ref": "4"}]
    calls = 0

    def rest() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            act(store, room)

    change = plan(store, room, given, rest)

    assert calls == len(given)
    with store.transaction():
        assert is_current(store, room, change) is current


def test_plan_is_outdated_when_the_account_is_deleted_that_a_row_comes_back_with(
    store: Store, room: Room
) -> None:
    change = plan(store, room, [{"name": "Dan", "ref": "4"}])
    before = is_current(store, room, change)

    for account in store.each(Account):
        delete_account(store, account, NOW)

    assert before
    assert not is_current(store, room, change)


def test_planned_change_stores_what_it_says(store: Store, room: Room) -> None:
    change = plan(store, room, [{"name": "Ann", "ref": "1"}, {"name": "Dan", "ref": "4"}])

    with store.prepared(change.stored, lambda: None):
        apply(store, room, change)

    names = {row.id: row.name for row in store.group(Row, room.code)}
    assert set(names.values()) == {"Ann", "Bea", "Cid", "Dan"}
    assert names[4] == "Dan"
