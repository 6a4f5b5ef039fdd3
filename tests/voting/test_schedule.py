"""What the clock does: it opens and closes in time, and leaves a missed opening to the host."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.journal import disk, files
from db.tinydb_store import TinyDBStore
from schemas.validation import read_time
from tests.db.journal.calls import Calls, Gate, wait_until
from tests.unit.lobby import CANDIDATES, NOW, add_poll
from voting.ending import close_poll, finish_endings
from voting.faults import Invalid
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.polls import change_poll, open_poll
from voting.schedule import AT_ONCE, BATCH_BALLOTS, BATCH_POLLS, RETRY, Schedule
from voting.store import Store
from voting.times import GRACE_SECONDS, HORIZON_DAYS, TOLERANCE_SECONDS, check_times

SECOND = timedelta(seconds=1)
TOLERANCE, GRACE = timedelta(seconds=TOLERANCE_SECONDS), timedelta(seconds=GRACE_SECONDS)
HORIZON = timedelta(days=HORIZON_DAYS)
CLOSES = 40


def add_draft(store: Store, **times: Any) -> Poll:
    with store.transaction():
        if store.find(Room, "code", "lobby") is None:
            store.add(Room(0, "lobby", "Room", "public"))
        return store.add(Poll(0, "lobby", "Who?", CANDIDATES, **times))


def state_of(store: Store, poll: Poll) -> str:
    found = store.get(Poll, poll.id)
    assert found is not None
    return "missed" if found.missed_opening else found.state


# -- which times may be planned -------------------------------------------------------


@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-11-20T09:00:00Z", "in_the_past"),
        ("0001-01-01T00:00:00Z", "in_the_past"),
        ("1970-01-01T00:00:00Z", "in_the_past"),
        ("9999-12-31T23:59:59Z", "too_large"),
        ("2037-01-01T00:00:00Z", "too_large"),
        ("2026-11-20T08:58:59Z", "in_the_past"),
    ],
)
def test_times_of_the_past_and_of_no_near_future_are_refused(
    field: str, text: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        check_times({field: read_time(text)}, NOW)

    assert [(fault.field, fault.code) for fault in caught.value.faults] == [(field, code)]


def test_times_are_taken_up_to_their_bounds() -> None:
    check_times({"opens_at": NOW - TOLERANCE + SECOND, "closes_at": NOW + SECOND}, NOW)
    check_times({"opens_at": NOW + HORIZON, "closes_at": NOW + HORIZON}, NOW)
    check_times({"opens_at": None, "closes_at": None}, NOW)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_time_that_no_year_of_utc_holds_is_none(text: str) -> None:
    assert read_time(text) == text


def test_draft_is_changed_when_its_own_past_times_are_sent_with_it(store: Store) -> None:
    micro = timedelta(microseconds=377)
    times = {"opens_at": NOW + micro, "closes_at": NOW + SECOND + micro}
    draft, later = add_draft(store, **times), NOW + timedelta(days=1)
    seen = {name: time.replace(microsecond=0) for name, time in times.items()}

    changed = change_poll(store, draft.id, {"title": "What?", **seen}, later, CLOCK)

    assert (changed.title, changed.opens_at) == ("What?", draft.opens_at)
    for name in times:
        with pytest.raises(Invalid):
            change_poll(store, draft.id, {name: NOW + 2 * SECOND}, later, CLOCK)


def test_close_may_move_before_the_plan_when_a_poll_was_opened_earlier(store: Store) -> None:
    poll = add_draft(store, opens_at=NOW + timedelta(hours=2))
    open_poll(store, poll.id, NOW, CLOCK)

    changed = change_poll(store, poll.id, {"closes_at": NOW + timedelta(hours=1)}, NOW, CLOCK)

    assert changed.closes_at == NOW + timedelta(hours=1)


# -- openings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "closes_in", "state"),
    [
        (timedelta(0), None, "open"),
        (GRACE, None, "open"),
        (GRACE + SECOND, None, "missed"),
        (timedelta(days=400), None, "missed"),
        (GRACE, timedelta(hours=1), "open"),
        (timedelta(hours=2), timedelta(hours=1), "missed"),
        (2 * SECOND, SECOND, "missed"),
        (timedelta(hours=1), timedelta(hours=2), "missed"),
    ],
)
def test_opening_is_left_to_the_host_when_the_server_comes_to_it_too_late(
    store: Store, late: timedelta, closes_in: timedelta | None, state: str
) -> None:
    closes_at = None if closes_in is None else NOW + closes_in
    draft = add_draft(store, opens_at=NOW, closes_at=closes_at)
    schedule = Schedule(store)

    schedule.keep(NOW - SECOND)
    before = state_of(store, draft)
    schedule.keep(NOW + late)
    after = state_of(store, draft)
    schedule.keep(NOW + late + timedelta(days=1))

    assert before == "draft"
    assert after == state
    assert state_of(store, draft) in (after, "closed")


def test_missed_opening_is_the_hosts_to_make_good(store: Store) -> None:
    polls = [add_draft(store, opens_at=NOW) for _ in range(4)]
    schedule, now = Schedule(store), NOW + timedelta(days=1)
    schedule.keep(now)
    by_hand, later, never, other = polls

    open_poll(store, by_hand.id, now, CLOCK)
    change_poll(store, later.id, {"opens_at": now + SECOND}, now, CLOCK)
    change_poll(store, never.id, {"opens_at": None}, now, CLOCK)
    change_poll(store, other.id, {"title": "What?", "opens_at": NOW}, now, CLOCK)
    soon = [state_of(store, poll) for poll in polls]
    schedule.keep(now + SECOND)

    assert soon == ["open", "draft", "draft", "missed"]
    assert [state_of(store, poll) for poll in polls] == ["open", "open", "draft", "missed"]


def test_opening_is_made_after_all_when_the_clock_was_ahead_and_its_host_keeps_the_plan(
    store: Store,
) -> None:
    draft, schedule = add_draft(store, opens_at=NOW + SECOND), Schedule(store)
    schedule.keep(NOW + timedelta(days=1))
    assert state_of(store, draft) == "missed"

    change_poll(store, draft.id, {"opens_at": NOW + SECOND}, NOW, CLOCK)
    schedule.keep(NOW + SECOND)

    assert state_of(store, draft) == "open"


def test_missed_opening_is_still_shown_when_the_server_starts_again(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    draft = add_draft(store, opens_at=NOW)
    Schedule(store).keep(NOW + timedelta(days=1))
    store.close()

    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    Schedule(store).keep(NOW)

    assert state_of(store, draft) == "missed"
    store.close()


def test_schedule_goes_on_with_others_when_one_poll_can_not_be_opened(store: Store) -> None:
    with store.transaction():
        lost = store.add(Poll(0, "NOR00M", "Who?", CANDIDATES, opens_at=NOW - SECOND))
    draft, schedule = add_draft(store, opens_at=NOW), Schedule(store)

    schedule.keep(NOW)

    assert [state_of(store, poll) for poll in (lost, draft)] == ["draft", "open"]
    with store.transaction():
        store.add(Room(0, "NOR00M", "Room", "public"))
    schedule.keep(NOW + RETRY / 2)
    assert state_of(store, lost) == "draft"
    schedule.keep(NOW + RETRY)
    assert state_of(store, lost) == "open"


def test_schedule_takes_the_newest_plan(store: Store) -> None:
    draft, poll = add_draft(store, opens_at=NOW), add_poll(store, closes_at=NOW)
    schedule = Schedule(store)
    with store.transaction():
        store.save(replace(draft, opens_at=NOW + GRACE))
        store.save(replace(poll, closes_at=None))

    assert schedule.keep(NOW + SECOND) is False

    assert [state_of(store, each) for each in (draft, poll)] == ["draft", "open"]


# -- beside writing the keys ----------------------------------------------------------


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A store whose writing of the keys can wait at a gate."""
    calls, gate = Calls(), Gate()
    monkeypatch.setattr(files, "os", calls)
    monkeypatch.setattr(disk, "os", calls)
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    yield store, calls, gate
    gate.open()
    gate.close()
    store.close()


def in_threads(count: int, act: Callable[[int], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_polls_open_and_close_by_the_clock_while_a_key_is_removed(held: Any) -> None:
    store, calls, gate = held
    ending = add_poll(store, secrecy="secret")
    due = add_draft(store, opens_at=NOW)
    store.prepare_poll_keys([due.id])
    closing = add_poll(store, secrecy="secret", closes_at=NOW)
    schedule = Schedule(store)
    calls.rules["write", "rollcall.json.keys.tmp"] = gate.rule
    (thread,) = in_threads(1, lambda _: close_poll(store, ending.id, NOW, CLOCK))
    wait_until(lambda: gate.waiting)

    ended = schedule.keep(NOW)

    assert gate.waiting == 1
    assert [state_of(store, poll) for poll in (due, closing, ending)] == [
        "open",
        "closed",
        "closed",
    ]
    assert thread.is_alive(), "its answer promises that the key is gone"
    assert ended
    gate.open()
    thread.join()
    finish_endings(store, NOW)
    assert store.keyed_polls() == [due.id]


def test_many_endings_at_once_share_the_writing_of_the_keys(held: Any) -> None:
    store, calls, gate = held
    polls = [add_poll(store, secrecy="secret") for _ in range(CLOSES)]
    before = calls.counts["replace", "rollcall.json.keys"]
    calls.rules["write", "rollcall.json.keys.tmp"] = gate.rule
    threads = in_threads(1, lambda _: close_poll(store, polls[0].id, NOW, CLOCK))
    wait_until(lambda: gate.waiting)
    threads += in_threads(
        CLOSES - 1, lambda number: close_poll(store, polls[number + 1].id, NOW, CLOCK)
    )
    wait_until(lambda: all(state_of(store, poll) == "closed" for poll in polls))

    gate.open()
    for thread in threads:
        thread.join()

    assert store.keyed_polls() == []
    written = calls.counts["replace", "rollcall.json.keys"] - before
    assert 2 <= written <= CLOSES // 2  # the first's, the others', and those who came after that


def test_polls_of_a_room_do_not_wait_for_all_of_another_room(held: Any) -> None:
    store, calls, _ = held
    many = [add_draft(store, opens_at=NOW) for _ in range(3 * AT_ONCE)]
    with store.transaction():
        store.add(Room(0, "0THER1", "Other", "public"))
        other = store.add(Poll(0, "0THER1", "Who?", CANDIDATES, opens_at=NOW + SECOND))
    schedule = Schedule(store)
    before = calls.counts["replace", "rollcall.json.keys"]

    schedule.keep(NOW + SECOND)

    assert state_of(store, other) == "open"
    assert [state_of(store, poll) for poll in many].count("open") == AT_ONCE - 1
    assert calls.counts["replace", "rollcall.json.keys"] - before == 1
    for _ in range(3):
        schedule.keep(NOW + SECOND)
    assert {state_of(store, poll) for poll in many} == {"open"}


def test_many_polls_share_transactions_and_those_of_many_ballots_do_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = [add_poll(store, closes_at=NOW) for _ in range(2 * BATCH_POLLS)]
    large = polls[3].id
    size = store.size

    def count(kind: Any, value: Any, by: str = "room") -> int:
        return BATCH_BALLOTS if (kind, value) == (Ballot, large) else size(kind, value, by)

    monkeypatch.setattr(store, "size", count)
    schedule = Schedule(store)
    batches: list[int] = []

    def attempt_each(acts: list[Any], *_given: Any) -> list[tuple[None, None]]:
        batches.append(len(acts))
        return [(None, None)] * len(acts)

    monkeypatch.setattr(store, "attempt_each", attempt_each)

    schedule.keep(NOW)

    assert batches == [4, BATCH_POLLS, 2 * BATCH_POLLS - 4 - BATCH_POLLS]
