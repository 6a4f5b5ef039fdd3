"""Somebody sets the system's clock: presence and plans go by the time that passes."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from api.live.timekeeping import Timekeeper
from tests.unit.lobby import NOW, add_account, add_poll, begin
from voting.attendance import arrive, count_present, depart, end_connections, find_attendance
from voting.model.polls import Poll
from voting.model.rooms import Attendance
from voting.people import find_room, standing_in
from voting.schedule import RETRY
from voting.store import Store

TICK = timedelta(seconds=0.1)
HOLD = timedelta(minutes=30)
HOUR = timedelta(hours=1)
STEPS = [*(sign * step for step in (HOUR / 60, HOLD, 13 * HOUR) for sign in (1, -1))]


class Machine:
    """A system whose clock a test sets, and its timekeeper."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.passed = store, NOW, 0.0
        self.keeper = Timekeeper(store, lambda: self.now, lambda: self.passed)

    def wait(self, span: timedelta) -> int:
        """Let time pass; return how many are present then."""
        self.now, self.passed = self.now + span, self.passed + span.total_seconds()
        self.keeper.keep()
        return self.present

    def set_clock(self, step: timedelta) -> int:
        self.now += step
        return self.wait(TICK)

    def arrive(self, name: str) -> str:
        account = add_account(self.store, name)
        room = find_room(self.store, "lobby")
        standing = standing_in(self.store, room, account)
        arrive(self.store, room, standing, self.now)
        return str(standing.attendee)

    def depart(self, who: str) -> None:
        depart(self.store, find_room(self.store, "lobby"), who, self.now)

    @property
    def present(self) -> int:
        return count_present(self.store, find_room(self.store, "lobby"), self.now)

    def of(self, who: str) -> Attendance:
        found = find_attendance(self.store, find_room(self.store, "lobby"), who)
        assert found is not None
        return found


@pytest.fixture
def machine(store: Store) -> Machine:
    add_poll(store)
    room = find_room(store, "lobby")
    with store.transaction():
        store.save(replace(room, hold_minutes=HOLD // timedelta(minutes=1)))
    begin(store)
    return Machine(store)


@pytest.mark.parametrize("step", STEPS, ids=str)
@pytest.mark.parametrize("gone", [timedelta(0), HOLD / 2, HOLD - 2 * TICK], ids=str)
def test_one_who_has_gone_stays_present_for_as_long_when_the_clock_is_set(
    machine: Machine, step: timedelta, gone: timedelta
) -> None:
    machine.depart(machine.arrive("ann"))
    machine.wait(gone)

    assert machine.set_clock(step) == 1
    left = HOLD - gone - TICK
    assert machine.wait(left - TICK / 2) == 1
    assert machine.wait(TICK) == 0


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_one_who_was_present_no_more_stays_so_when_the_clock_is_set(
    machine: Machine, step: timedelta
) -> None:
    machine.depart(machine.arrive("ann"))
    machine.wait(HOLD)

    assert machine.set_clock(step) == 0
    assert machine.wait(HOLD) == 0


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_time_of_those_who_are_here_goes_on_when_the_clock_is_set(
    machine: Machine, step: timedelta
) -> None:
    ann = machine.arrive("ann")
    machine.wait(HOUR)

    assert machine.set_clock(step) == 1
    machine.wait(HOUR - TICK)
    assert machine.of(ann).seconds_until(machine.now) == 2 * HOUR // timedelta(seconds=1)
    machine.depart(ann)
    assert machine.of(ann).first_at <= machine.of(ann).last_at == machine.now
    assert (machine.wait(HOLD - TICK), machine.wait(TICK)) == (1, 0)


def test_clock_that_is_kept_right_moves_nothing(machine: Machine) -> None:
    ann = machine.arrive("ann")
    before = machine.of(ann)

    for late in (timedelta(seconds=0.9), timedelta(seconds=-0.9)):
        machine.set_clock(late)

    assert machine.of(ann) == before


def test_those_who_were_here_count_at_a_close_that_the_clock_is_set_past(machine: Machine) -> None:
    machine.arrive("ann")
    poll = add_poll(machine.store, closes_at=NOW + HOUR)

    machine.set_clock(13 * HOUR)

    closed = machine.store.get(Poll, poll.id)
    assert closed is not None
    assert (closed.closed_at, closed.quorum.present_at_close) == (NOW + HOUR, 1)


def test_those_who_went_later_than_now_are_present_for_a_hold_after_a_start(
    machine: Machine,
) -> None:
    machine.depart(machine.arrive("ann"))
    now = NOW - 13 * HOUR

    end_connections(machine.store, now)

    room = find_room(machine.store, "lobby")
    assert [count_present(machine.store, room, now + each) for each in (HOLD - TICK, HOLD)] == [
        1,
        0,
    ]


def test_poll_is_tried_again_in_time_when_the_clock_was_set_back(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[datetime] = []

    def fail(_store: Store, _poll_id: int, now: datetime) -> Poll:
        tried.append(now)
        raise OSError

    monkeypatch.setattr("voting.schedule.keep_time", fail)
    add_poll(machine.store, closes_at=NOW - 14 * HOUR)
    machine.wait(TICK)
    machine.set_clock(-13 * HOUR)
    machine.wait(RETRY)

    steps = [after - before for before, after in pairwise(tried)]
    assert steps == [TICK - 13 * HOUR, RETRY]
