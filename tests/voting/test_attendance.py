"""Presence outlives connections, counts people once, and makes the quorum. On a fake clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import gevent
import pytest
from gevent.event import Event

from api.presence import Presence
from tests.unit.lobby import NOW, add_account, add_poll, begin, cast_ballot, fresh
from voting.attendance import (
    arrive,
    check_in,
    count_present,
    depart,
    end_connections,
    find_attendance,
)
from voting.casting import Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Attendance, Room, Row
from voting.people import Holder, Standing, find_room, standing_in
from voting.polls import open_poll
from voting.refusals import NotPresent
from voting.rooms import change_room, create_room
from voting.store import Store

HOLD = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


@dataclass
class Gathering:
    """A room and its people on a clock that a test moves."""

    store: Store
    room: Room
    host: Account
    now: datetime = NOW

    def add(self, name: str, role: Any = "voter", account: Account | None = None) -> Row:
        """Put somebody on the roll."""
        with self.store.transaction():
            bound = None if account is None else account.id
            return self.store.add(Row(0, self.room.code, name, role=role, account=bound))

    def arrive(self, holder: Holder) -> str:
        """Let somebody connect; return who they are in the room."""
        standing = standing_in(self.store, self.room, holder)
        arrive(self.store, self.room, standing, self.now)
        return str(standing.attendee)

    def depart(self, who: str, *, left: bool = False) -> None:
        depart(self.store, self.room, who, self.now, left=left)

    def check(self, row: Row, *, present: bool) -> None:
        check_in(self.store, self.room, row, self.now, CLOCK, present=present)

    def after(self, span: timedelta) -> int:
        """Let time pass; return how many are present then."""
        self.now += span
        return self.present

    @property
    def present(self) -> int:
        return count_present(self.store, find_room(self.store, self.room.code), self.now)

    def of(self, who: str) -> Attendance:
        found = find_attendance(self.store, find_room(self.store, self.room.code), who)
        assert found is not None
        return found


@pytest.fixture
def gathering(store: Store) -> Gathering:
    host = add_account(store, "host")
    room = create_room(store, {"name": "Hall"}, host, NOW, lambda: "HA11AA")
    begin(store, room.code)
    return Gathering(store, room, host)


@pytest.fixture
def assembly(gathering: Gathering) -> Gathering:
    """A gathering in a room with a roll."""
    gathering.add("somebody")
    return gathering


def test_person_is_present_from_the_first_join_for_so_long_after_the_last_connection(
    assembly: Gathering,
) -> None:
    ann = add_account(assembly.store, "ann")
    assembly.add("Ann", account=ann)

    before, who = assembly.present, assembly.arrive(ann)
    connected = assembly.after(10 * HOLD)
    assembly.depart(who)

    assert (before, connected) == (0, 1)
    assert assembly.after(HOLD - MOMENT) == 1
    assert assembly.after(MOMENT) == 0
    assembly.arrive(ann)
    assert assembly.present == 1


def test_person_is_no_longer_present_when_they_leave(assembly: Gathering) -> None:
    ann = add_account(assembly.store, "ann")
    assembly.add("Ann", account=ann)
    who = assembly.arrive(ann)

    assembly.depart(who, left=True)
    left = assembly.present
    assembly.depart(who)
    dropped = assembly.present
    assembly.arrive(ann)

    assert (left, dropped, assembly.present) == (0, 0, 1)


def test_row_without_a_device_is_present_while_it_is_checked_in(assembly: Gathering) -> None:
    row = assembly.add("Grandmother")

    assembly.check(row, present=True)
    kept = assembly.after(100 * HOLD)
    assembly.check(assembly.store.get(Row, row.id) or row, present=False)

    assert (kept, assembly.present) == (1, 0)
    assert assembly.of(f"r{row.id}").seconds == 0


def test_check_out_ends_presence_of_one_who_is_connected(assembly: Gathering) -> None:
    ann = add_account(assembly.store, "ann")
    row = assembly.add("Ann", account=ann)
    assembly.arrive(ann)

    assembly.check(row, present=False)

    assert assembly.present == 0


@pytest.mark.parametrize("roll", [True, False])
def test_person_counts_once_when_they_come_by_account_and_then_get_a_row(
    gathering: Gathering, roll: bool
) -> None:
    if roll:
        gathering.add("somebody")
    ann = add_account(gathering.store, "ann")
    gathering.arrive(ann)
    gathering.after(MINUTE)

    row = gathering.add("Ann", role="voter" if roll else "host", account=ann)
    before_joining_again = gathering.present
    gathering.check(row, present=True)
    both = gathering.present
    gathering.arrive(ann)

    assert (before_joining_again, both, gathering.present) == (1, 1, 1)
    rows = gathering.store.group(Attendance, gathering.room.code)
    assert [(each.who, each.first_at, each.seconds) for each in rows] == [(f"r{row.id}", NOW, 60)]


def test_person_counts_once_when_they_come_by_account_and_by_their_rows_device(
    assembly: Gathering,
) -> None:
    ann = add_account(assembly.store, "ann")
    row = assembly.add("Ann", account=ann)

    assert assembly.arrive(ann) == assembly.arrive(row)
    assert assembly.present == 1


def test_roll_voters_and_hosts_alone_count_where_there_is_a_roll(assembly: Gathering) -> None:
    visitor, observer = add_account(assembly.store, "v"), add_account(assembly.store, "o")
    assembly.add("Observer", role="observer", account=observer)
    row = assembly.add("Voter")

    for holder in (visitor, observer, assembly.host, row):
        assembly.arrive(holder)

    assert assembly.present == 2


def test_accounts_count_where_there_is_no_roll(gathering: Gathering) -> None:
    visitor, observer = add_account(gathering.store, "v"), add_account(gathering.store, "o")
    gathering.add("Observer", role="observer", account=observer)

    for holder in (visitor, observer, gathering.host):
        gathering.arrive(holder)

    assert gathering.present == 2


def test_seconds_are_those_of_the_connections_without_the_times_between(
    gathering: Gathering,
) -> None:
    ann = add_account(gathering.store, "ann")
    for _ in range(3):
        who = gathering.arrive(ann)
        gathering.after(MINUTE)
        gathering.arrive(ann)
        gathering.after(MINUTE)
        gathering.depart(who)
        gathering.depart(who)
        gathering.after(10 * MINUTE)

    found = gathering.of(who)

    assert found.seconds_until(gathering.now) == found.seconds == 360
    assert (found.first_at, found.last_at) == (NOW, gathering.now - 10 * MINUTE)


def test_nobody_is_online_and_all_are_held_when_the_server_starts_again(
    assembly: Gathering,
) -> None:
    ann = add_account(assembly.store, "ann")
    row = assembly.add("Ann", account=ann)
    assembly.arrive(ann)
    assembly.after(10 * MINUTE)

    end_connections(assembly.store, assembly.now)
    presence = Presence(assembly.store, lambda: assembly.now, lambda *_: None)

    assert presence.people(assembly.room.code) == []
    assert assembly.of(f"r{row.id}").seconds == 600
    assert presence.count(find_room(assembly.store, assembly.room.code))["present"] == 1
    assert assembly.after(HOLD) == 0


def test_hold_follows_the_rooms_setting(assembly: Gathering) -> None:
    ann = add_account(assembly.store, "ann")
    assembly.add("Ann", account=ann)
    assembly.depart(assembly.arrive(ann))

    change_room(assembly.store, assembly.room, {"hold_minutes": 0}, NOW, CLOCK)

    assert assembly.present == 0


@pytest.mark.parametrize(
    ("quorum", "required"),
    [
        ({"count": 3}, 3),
        ({"num": 1, "den": 2}, 3),
        ({"num": 2, "den": 3}, 4),
        ({"num": 1, "den": 1}, 5),
        ({"num": 1, "den": 10_000}, 1),
        (None, None),
    ],
)
def test_quorum_is_recorded_at_open_and_at_close(
    gathering: Gathering, quorum: dict[str, int] | None, required: int | None
) -> None:
    store = gathering.store
    rows = [gathering.add(f"Voter {n}") for n in range(4)]  # and the host: five
    change_room(store, gathering.room, {"quorum": quorum}, NOW, CLOCK)
    draft = add_poll(store, room=gathering.room.code, state="draft")
    for row in rows[:3]:
        gathering.check(row, present=True)

    opened = open_poll(store, draft.id, gathering.now, CLOCK)
    gathering.check(rows[3], present=True)
    gathering.arrive(gathering.host)
    closed = close_poll(store, draft.id, gathering.now, CLOCK)

    met = required and required <= 3
    assert vars(opened.quorum) == {
        "required": required,
        "present_at_open": 3,
        "present_at_close": None,
        "present": None,
        "met": None if required is None else met,
    }
    assert closed.quorum.present_at_open == 3
    assert closed.quorum.present_at_close == 5
    assert closed.quorum.met is (None if required is None else True)


def test_quorum_leaves_out_who_comes_after_the_time_when_the_timer_is_late(
    gathering: Gathering,
) -> None:
    store = gathering.store
    rows = [gathering.add(f"Voter {n}") for n in range(2)]
    closes_at = gathering.now + timedelta(minutes=1)
    poll = add_poll(store, room=gathering.room.code, closes_at=closes_at)
    gathering.check(rows[0], present=True)

    gathering.now = closes_at + timedelta(seconds=1)
    gathering.check(rows[1], present=True)
    closed = close_poll(store, poll.id, gathering.now, CLOCK)

    assert (closed.closed_at, closed.quorum.present_at_close) == (closes_at, 1)


@pytest.mark.parametrize("back", [MINUTE, 24 * HOLD], ids=str)
def test_people_stay_present_when_the_clock_is_set_back(
    gathering: Gathering, back: timedelta
) -> None:
    store, ann = gathering.store, add_account(gathering.store, "ann")
    kim, rows = add_account(store, "kim"), [gathering.add(f"Voter {n}") for n in range(2)]
    with store.transaction():
        for account, row in zip((ann, kim), rows, strict=True):
            store.save(replace(row, account=account.id))
    poll: Poll = add_poll(store, room=gathering.room.code, require_presence=True)
    who = gathering.arrive(ann)
    gathering.check(gathering.add("Voter on paper"), present=True)

    assert gathering.after(-back) == 2
    assert gathering.of(who).seconds_until(gathering.now) == 0
    cast_ballot(store, poll.id, ann, Vote(()), fresh(gathering.now))
    gathering.arrive(kim)
    gathering.depart(who)
    assert gathering.present == 3
    assert gathering.of(who).first_at <= gathering.of(who).last_at == gathering.now
    closed = close_poll(store, poll.id, gathering.now, CLOCK)
    assert closed.quorum.present_at_close == 3
    assert gathering.after(HOLD) == 2


def test_poll_that_asks_for_presence_takes_ballots_of_the_present_alone(
    gathering: Gathering,
) -> None:
    store, ann = gathering.store, add_account(gathering.store, "ann")
    poll: Poll = add_poll(store, room=gathering.room.code, require_presence=True)

    def vote() -> None:
        cast_ballot(store, poll.id, ann, Vote(()), fresh(gathering.now))

    with pytest.raises(NotPresent):
        vote()
    who = gathering.arrive(ann)
    vote()
    gathering.depart(who)
    gathering.after(HOLD - MOMENT)
    vote()
    gathering.after(MOMENT)
    with pytest.raises(NotPresent):
        vote()


# -- what is told ---------------------------------------------------------------------


@dataclass
class Watched:
    """Presence on the same clock, and what it tells."""

    gathering: Gathering
    diffs: list[dict[str, Any]]
    presence: Presence

    def settle(self) -> list[dict[str, Any]]:
        """Return what is told now."""
        before, code = len(self.diffs), self.gathering.room.code
        self.presence.settle(code)
        return self.diffs[before:]

    def arrive(self, holder: Holder, connection: str, status: str = "online") -> None:
        standing = standing_in(self.gathering.store, self.gathering.room, holder)
        self.presence.arrive(self.gathering.room, standing, connection, status)


@pytest.fixture
def watched(assembly: Gathering) -> Watched:
    diffs: list[dict[str, Any]] = []

    def notify(_code: str, diff: dict[str, Any], _named: bool) -> None:
        diffs.append(diff)

    return Watched(assembly, diffs, Presence(assembly.store, lambda: assembly.now, notify))


def test_away_is_sent_as_a_join_and_changes_no_count(watched: Watched) -> None:
    row = watched.gathering.add("Ann")
    watched.arrive(row, "a")
    first = watched.settle()

    watched.arrive(row, "a", "away")
    second = watched.settle()

    assert [each["joins"][0]["status"] for each in first + second] == ["online", "away"]
    assert [(each["online"], each["present"], each["seq"]) for each in first + second] == [
        (1, 1, 1),
        (1, 1, 2),
    ]
    assert watched.settle() == []


def test_left_is_sent_at_once_whatever_connections_there_are(watched: Watched) -> None:
    row = watched.gathering.add("Ann")
    watched.arrive(row, "a")
    watched.arrive(row, "b")
    watched.settle()

    watched.presence.leave(watched.gathering.room, f"r{row.id}")
    (diff,) = watched.settle()
    watched.presence.depart(watched.gathering.room.code, f"r{row.id}", "a")

    assert (diff["leaves"], diff["online"], diff["present"]) == ([f"r{row.id}"], 0, 0)
    assert watched.settle() == []


def test_count_is_sent_when_nobody_comes_or_goes(watched: Watched) -> None:
    row = watched.gathering.add("Grandmother")
    watched.presence.snapshot(watched.gathering.room, Standing(None, None, "stranger"))
    watched.settle()

    watched.gathering.check(row, present=True)
    checked_in = watched.settle()
    watched.gathering.check(replace(row, checked_in=True), present=False)
    checked_out = watched.settle()

    assert [each["present"] for each in checked_in + checked_out] == [1, 0]
    assert [each["joins"] + each["leaves"] for each in checked_in + checked_out] == [[], []]


def test_person_stays_connected_when_they_come_back_as_their_leave_is_sent(
    watched: Watched,
) -> None:
    row, code = watched.gathering.add("Ann"), watched.gathering.room.code
    watched.arrive(row, "a")
    watched.settle()
    watched.presence.depart(code, f"r{row.id}", "a")
    watched.gathering.after(HOLD)

    watched.settle()
    watched.arrive(row, "b")
    watched.settle()

    assert watched.gathering.of(f"r{row.id}").since_at == watched.gathering.now


def test_presence_of_a_deleted_room_is_let_go(watched: Watched) -> None:
    watched.arrive(watched.gathering.add("Ann"), "a")
    with watched.gathering.store.transaction():
        watched.gathering.store.remove(watched.gathering.room)

    assert watched.settle() == []


def test_presence_goes_on_being_sent_when_sending_has_failed(
    assembly: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, failing = Event(), [OSError("unforeseen")]

    def notify(*_: Any) -> None:
        if failing:
            raise failing.pop()
        heard.set()

    monkeypatch.setattr("api.presence.INTERVAL_SECONDS", 0)
    watched = Watched(assembly, [], Presence(assembly.store, lambda: assembly.now, notify))
    running = gevent.spawn(watched.presence.run)
    watched.arrive(assembly.add("Ann"), "a")
    with gevent.Timeout(60):
        while failing:
            gevent.sleep(0)
    watched.arrive(assembly.add("Ben"), "b")

    assert heard.wait(60)
    assert not running.dead
    running.kill()
