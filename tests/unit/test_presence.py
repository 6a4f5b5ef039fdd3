"""What a room is told of its people, story by story, on a clock that the test moves."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest

from api import presence
from api.leases import GRACE_SECONDS, NAMED
from api.presence import RETURN_SECONDS, Presence
from api.present_counts import SMALL
from db.tinydb_store import TinyDBStore
from tests.unit.lobby import NOW, add_account, begin
from voting.accounts import delete_account
from voting.attendance import arrive, check_in, end_connections, find_attendance
from voting.chat import message_document, send_message
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.rooms import Guest, Message, Room, Row
from voting.people import Holder, Standing, find_room, standing_in
from voting.roll import remove_row
from voting.rooms import add_guest, change_room, create_room
from voting.store import Store

GRACE = timedelta(seconds=GRACE_SECONDS)
SECOND = timedelta(seconds=1)


class Hall:
    """A room, who is in it, and what it was sent: (joins, leaves, online, named)."""

    def __init__(self, store: Store, room: Room, now: datetime) -> None:
        self.store, self.code, self.now = store, room.code, now
        self.diffs: list[dict[str, Any]] = []
        self.named: list[bool] = []
        self.presence = Presence(store, lambda: self.now, self._tell)

    @property
    def room(self) -> Room:
        return find_room(self.store, self.code)

    def standing(self, holder: Holder) -> Standing:
        return standing_in(self.store, self.room, holder)

    def arrive(self, holder: Holder, connection: str, status: str = "online") -> None:
        self.presence.arrive(self.room, self.standing(holder), connection, status)

    def depart(self, holder: Holder, connection: str) -> None:
        self.presence.depart(self.code, str(self.standing(holder).attendee), connection)

    def settle(self, after: timedelta = SECOND) -> list[tuple[list[str], list[str], int]]:
        """Let time pass, tell, and return what was told."""
        self.now += after
        self.diffs.clear()
        self.presence.settle(self.code)
        return [
            ([each["id"] for each in diff["joins"]], diff["leaves"], diff["online"])
            for diff in self.diffs
        ]

    def lines(self) -> list[tuple[str, str, int]]:
        """Return the chat's lines about who came and went."""
        messages = [message_document(each) for each in self.store.group(Message, self.code)]
        seen = [each["system"] for each in messages if each["system"]]
        return [(each["code"], each["name"], each["online"]) for each in seen]

    def _tell(self, code: str, diff: dict[str, Any], named: bool) -> None:
        assert diff["room"] == code
        self.diffs.append(diff)
        self.named.append(named)


Open = Callable[[], Store]


@pytest.fixture
def ann(store: Store) -> Account:
    return add_account(store, "ann")


@pytest.fixture
def ben(store: Store) -> Account:
    return add_account(store, "ben")


@pytest.fixture
def hall(store: Store, ann: Account) -> Hall:
    codes = iter(("K7M2QX",))
    room = create_room(store, {"name": "Club"}, ann, NOW, lambda: next(codes))
    begin(store, room.code)
    return Hall(store, room, NOW)


def test_three_tabs_are_one_person_and_the_last_decides(hall: Hall, ben: Account) -> None:
    for tab in "abc":
        hall.arrive(ben, tab)
    came = hall.settle()
    hall.depart(ben, "a")
    hall.depart(ben, "b")
    quiet = hall.settle(10 * GRACE)
    hall.depart(ben, "c")
    within = hall.settle(GRACE - SECOND)

    assert came == [(["u2"], [], 1)]
    assert quiet == within == []
    assert hall.settle() == [([], ["u2"], 0)]


def test_reload_is_neither_sent_nor_stored(hall: Hall, ben: Account) -> None:
    hall.arrive(ben, "a")
    hall.settle()
    hall.depart(ben, "a")
    hall.now += GRACE / 2
    hall.arrive(ben, "b")

    assert hall.settle(10 * GRACE) == []
    assert hall.lines() == [("arrived", "ben", 1)]


def test_phone_that_sleeps_goes_offline_and_stays_present(hall: Hall, ben: Account) -> None:
    hall.arrive(ben, "a")
    hall.settle()
    hall.arrive(ben, "a", "away")
    away = hall.settle()
    status = hall.presence.people(hall.code)[0]["status"]
    hall.depart(ben, "a")
    hall.settle(GRACE)

    assert (away, status) == ([(["u2"], [], 1)], "away")
    assert hall.diffs[0]["online"] == 0
    assert hall.diffs[0]["present"] == 1
    assert hall.settle(timedelta(minutes=hall.room.hold_minutes)) == [([], [], 0)]
    assert hall.diffs[0]["present"] == 0


def test_quorum_is_sent_when_it_is_reached_and_when_it_is_lost(
    hall: Hall, ann: Account, ben: Account
) -> None:
    change_room(hall.store, hall.room, {"quorum": {"count": 2}}, NOW, CLOCK)
    hall.arrive(ann, "a")
    hall.settle()
    first = hall.diffs[0]["quorum"]
    hall.arrive(ben, "b")
    hall.settle()
    reached = hall.diffs[0]["quorum"]
    hall.presence.leave(hall.room, "u2")
    hall.settle()

    assert first == {"required": 2, "present": 1, "met": False}
    assert reached == {"required": 2, "present": 2, "met": True}
    assert hall.diffs[0]["quorum"] == first


def test_new_name_is_sent_and_is_not_an_arrival(hall: Hall, ann: Account) -> None:
    hall.arrive(ann, "a")
    hall.settle()
    old = hall.standing(ann)
    with hall.store.transaction():
        (row,) = hall.store.group(Row, hall.code)
        hall.store.save(Row(row.id, hall.code, "새 이름", role="host", account=ann.id))

    hall.presence.move(hall.room, old, hall.standing(ann), "a")

    assert hall.settle() == [(["u1"], [], 1)]
    assert hall.diffs[0]["joins"][0]["name"] == "새 이름"
    assert hall.lines() == [("arrived", "ann", 1)]


def test_account_that_claims_its_row_is_one_person_all_the_while(hall: Hall, ben: Account) -> None:
    hall.arrive(ben, "a")
    hall.settle()
    old = hall.standing(ben)
    with hall.store.transaction():
        row = hall.store.add(Row(0, hall.code, "Ben", account=ben.id, claimed=True))

    hall.presence.move(hall.room, old, hall.standing(ben), "a")

    assert hall.settle() == [(["u2"], [], 1)]
    assert (hall.diffs[0]["joins"][0]["name"], hall.diffs[0]["present"]) == ("Ben", 1)
    assert hall.lines() == [("arrived", "ben", 1)]
    assert find_attendance(hall.store, hall.room, f"r{row.id}") is not None


def test_row_on_a_lent_tablet_goes_by_its_own_name_until_an_account_claims_it(hall: Hall) -> None:
    with hall.store.transaction():
        row = hall.store.add(Row(0, hall.code, "Kim", claimed=True))

    hall.arrive(row, "a")

    assert hall.settle() == [([f"r{row.id}"], [], 1)]


def test_guest_is_reported_when_they_leave_by_the_button(hall: Hall, ann: Account) -> None:
    guest = add_guest(hall.store, hall.room, "Guest", NOW)
    hall.arrive(ann, "a")
    hall.arrive(guest, "b")
    hall.settle()

    hall.presence.leave(hall.room, f"g{guest.id}")

    assert hall.settle() == [([], [f"g{guest.id}"], 1)]
    assert hall.lines()[-1] == ("left", "Guest", 1)


def test_deleted_account_is_sent_as_gone_and_its_lines_lose_the_name(
    hall: Hall, ben: Account
) -> None:
    hall.arrive(ben, "a")
    hall.settle()

    hall.presence.forget(delete_account(hall.store, ben, hall.now))

    assert hall.settle() == [([], ["u2"], 0)]
    assert hall.lines() == [("arrived", "", 1), ("left", "", 0)]


def test_line_of_a_deleted_account_has_no_name_when_it_waited_for_the_store(
    hall: Hall, ben: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.arrive(ben, "a")
    hall.settle()
    hall.presence.leave(hall.room, str(hall.standing(ben).attendee))
    transaction = hall.store.transaction

    def delete_first() -> AbstractContextManager[None]:
        monkeypatch.undo()
        hall.presence.forget(delete_account(hall.store, ben, hall.now))
        return transaction()

    monkeypatch.setattr(hall.store, "transaction", delete_first)
    hall.settle()

    assert hall.lines() == [("arrived", "", 1), ("left", "", 0)]


def test_line_of_a_deleted_account_has_no_name_when_it_has_just_lost_its_row(
    hall: Hall, ben: Account
) -> None:
    with hall.store.transaction():
        row = hall.store.add(Row(0, hall.code, "ben", role="host", account=ben.id, claimed=True))
    hall.arrive(ben, "a")
    hall.settle()
    before = hall.standing(ben)
    remove_row(hall.store, hall.room, row.id, hall.now, "u1")
    hall.presence.move(hall.room, before, hall.standing(ben), "a")

    hall.presence.forget(delete_account(hall.store, ben, hall.now))
    hall.settle()

    assert [name for _, name, _ in hall.lines()] == ["", ""]


def test_full_room_shows_no_names_but_to_hosts_and_writes_no_lines(hall: Hall) -> None:
    for number in range(NAMED + 1):
        hall.arrive(Guest(number + 1, hall.code, f"G{number}", NOW), f"c{number}")
    hall.settle()

    guest = hall.standing(Guest(1, hall.code, "G", NOW))
    host = Standing(None, None, "host")

    assert hall.named == [False]
    assert hall.lines() == []
    assert hall.presence.snapshot(hall.room, guest)["people"] is None
    assert len(hall.presence.snapshot(hall.room, host)["people"]) == NAMED + 1
    assert hall.presence.snapshot(hall.room, guest)["online"] == NAMED + 1


def test_line_is_written_while_the_room_is_small(hall: Hall) -> None:
    for number in range(SMALL + 1):
        hall.arrive(Guest(number + 1, hall.code, f"G{number}", NOW), f"c{number}")
        hall.settle()

    assert len(hall.lines()) == SMALL
    assert hall.lines()[-1] == ("arrived", f"G{SMALL - 1}", SMALL)


@pytest.fixture
def reopen(store: Store, tmp_path: Path) -> Iterator[Open]:
    """Start again on the same files, as the server does after a power cut."""
    opened: list[Store] = []

    def again() -> Store:
        store.close()
        opened.append(TinyDBStore(tmp_path / "rollcall.json", NOW))
        return opened[-1]

    yield again
    for each in opened:
        each.close()


def test_restart_leaves_no_ghost_and_greets_nobody_twice(
    hall: Hall, ann: Account, ben: Account, reopen: Open
) -> None:
    hall.arrive(ann, "a")
    hall.arrive(ben, "b")
    hall.settle()
    before = hall.lines()

    later = Hall(reopen(), hall.room, hall.now + SECOND)
    end_connections(later.store, later.now)
    later.arrive(ann, "c")
    came = later.settle()
    present = later.diffs[0]["present"]
    newcomer = add_account(later.store, "kim")
    later.arrive(newcomer, "d")
    later.settle()

    assert came == [(["u1"], [], 1)]
    assert present == 2  # ben's phone has not found its way back yet, and he stays in the hall
    assert later.lines() == [*before, ("arrived", "kim", 2)]


def test_one_who_comes_long_after_a_restart_is_greeted(hall: Hall, ben: Account) -> None:
    hall.now += timedelta(seconds=RETURN_SECONDS)
    hall.arrive(ben, "a")
    hall.settle()
    hall.depart(ben, "a")
    hall.settle(2 * GRACE)
    hall.arrive(ben, "b")
    hall.settle()

    assert [code for code, _, _ in hall.lines()] == ["arrived", "left", "arrived"]


def test_one_who_comes_back_is_greeted_when_the_clock_was_set_back(
    hall: Hall, ben: Account
) -> None:
    hall.now -= timedelta(hours=1)
    for _ in range(2):
        hall.arrive(ben, "a")
        hall.settle()
        hall.depart(ben, "a")
        hall.settle(2 * GRACE)

    assert [code for code, _, _ in hall.lines()] == ["arrived", "left"] * 2


def let_loops_run() -> None:
    for _ in range(20):
        gevent.sleep(0)


@pytest.mark.parametrize(
    ("change", "looks"),
    [
        (lambda hall, row: arrive(hall.store, hall.room, hall.standing(row), NOW), True),
        (lambda hall, row: check_in(hall.store, hall.room, row, NOW, CLOCK, present=True), True),
        (lambda hall, row: hall.store.save(replace(row, role="observer")), True),
        (
            lambda hall, _: change_room(
                hall.store, hall.room, {"quorum": {"count": 1}}, NOW, CLOCK
            ),
            True,
        ),
        (lambda hall, row: send_message(hall.store, hall.room, hall.standing(row), "", NOW), False),
    ],
    ids=["arrived", "checked in", "a voter no more", "a quorum", "a line of chat"],
)
def test_loop_looks_at_once_only_where_somebody_may_count_anew(
    hall: Hall,
    ann: Account,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Hall, Row], object],
    looks: bool,
) -> None:
    settle, looked = hall.presence.settle, list[str]()
    monkeypatch.setattr(presence, "INTERVAL_SECONDS", 0)
    monkeypatch.setattr(presence, "COUNT_SECONDS", 3_600)
    monkeypatch.setattr(hall.presence, "settle", lambda code: looked.append(code) or settle(code))
    with hall.store.transaction():
        row = hall.store.add(Row(0, hall.code, "Kim", email="kim@example.org"))
    hall.arrive(ann, "a")
    loop = gevent.spawn(hall.presence.run)
    let_loops_run()
    looked.clear()

    with hall.store.transaction():
        change(hall, row)
    let_loops_run()
    loop.kill()

    assert set(looked) == ({hall.code} if looks else set())


def test_loop_looks_at_no_room_where_nothing_happens(hall: Hall, ann: Account) -> None:
    """One person may have made thousands."""
    others = [
        create_room(hall.store, {"name": "R"}, ann, NOW, lambda n=n: f"R{n}") for n in range(20)
    ]
    for room in others:
        hall.presence.arrive(room, hall.standing(ann), "s1")
    assert set(hall.presence.due()) == {room.code for room in others}  # now and then all

    hall.arrive(ann, "a")
    hall.presence.depart(others[3].code, str(hall.standing(ann).attendee), "s1")

    assert set(hall.presence.due()) == {hall.code, others[3].code}
    assert hall.presence.due() == []


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(days=3)])
def test_who_is_here_is_counted_on_when_the_clock_is_set_back(
    hall: Hall, ann: Account, back: timedelta
) -> None:
    guests = [add_guest(hall.store, hall.room, f"G{n}", NOW) for n in range(SMALL + 5)]
    for guest in guests:
        hall.arrive(guest, f"of {guest.id}")
    hall.settle()
    before = len(hall.presence.people(hall.code))
    counted = hall.presence.count(hall.room)["present"]

    hall.now -= back
    hall.arrive(ann, "a")
    hall.depart(guests[0], f"of {guests[0].id}")

    assert len(hall.presence.people(hall.code)) == before + 1
    assert hall.presence.count(hall.room)["present"] == counted + 1
    assert hall.settle(2 * GRACE)[-1][1] == [f"g{guests[0].id}"]
