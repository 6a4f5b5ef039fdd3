"""Deleting a room or an account with much in it: a bit at a time, and finished where it was broken
off.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.lobby import NOW, add_account, add_poll, begin, cast_ballot, fresh
from voting.accounts import (
    FORGOTTEN_AT_ONCE,
    delete_account,
    forget_earlier,
    rename_account,
    rename_attendance,
)
from voting.attendance import arrive, depart
from voting.casting import Vote
from voting.closing import begin_close, finish_close
from voting.ending import finish_endings
from voting.log import CLOCK, append
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.electorates import Admission, Electorate
from voting.model.meetings import Meeting
from voting.model.polls import Candidate, Poll
from voting.model.records import RecordName
from voting.model.rooms import (
    Attendance,
    Bar,
    Guest,
    Message,
    Mute,
    Picture,
    RemovedRow,
    Room,
    Row,
)
from voting.people import find_room, standing_in
from voting.refusals import WrongState
from voting.rooms import IN_ROOM, REMOVED_AT_ONCE, delete_room, finish_deletions
from voting.store import Step, Store

MUCH = 2 * REMOVED_AT_ONCE + 1


@pytest.fixture
def full(store: Store) -> Room:
    """A room with much of everything, beside another."""
    poll = add_poll(store, room="FULL00", secrecy="named")
    voter = add_account(store, "ann")
    cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh())
    with store.transaction():
        store.save(replace(poll, state="void"))
        for code in ("FULL00", "0THER0"):
            for n in range(MUCH if code == "FULL00" else 1):
                row = store.add(Row(0, code, f"r{n}", account=voter.id if n == 0 else None))
                store.save(RemovedRow(row.id, code, {}))
                store.add(Bar(0, code, f"hash {n}", f"u{n}", NOW))
                store.add(Mute(0, code, f"hash {n}", f"u{n}", NOW))
                store.add(Guest(0, code, f"g{n}", NOW))
                store.add(Attendance(0, code, f"r{row.id}", "r", NOW, NOW))
                store.add(Admission(0, code, n + 1, row.id, 1, NOW, "u1"))
                made = store.add(Poll(0, code, "T", (Candidate(0, "A"),)))
                store.save(Electorate(made.id, code, str(row.id), 1, ""))
                append(store, code, "checked_in", CLOCK, {"row": row.id}, NOW)
                store.add(Meeting(0, code, n + 1, "M", NOW, NOW))
                store.add(Picture(0, code, f"{code} {n}", "", NOW))
                store.add(Message(0, code, "g1", "g", "hello", NOW))
        store.add(Room(0, "0THER0", "Other", "public"))
    return find_room(store, "FULL00")


def left(store: Store, code: str) -> dict[str, int]:
    return {kind.__name__: len(store.group(kind, code)) for kind in IN_ROOM}  # type: ignore[type-var]


def test_room_is_gone_at_once_and_then_emptied_a_bit_at_a_time(store: Store, full: Room) -> None:
    sizes: list[int] = []

    def note(steps: list[Step]) -> None:
        sizes.append(len(steps))

    store.subscribe(note, past=False)
    rests = []

    def rest() -> None:
        rests.append(1)
        assert store.find(Room, "code", full.code) is None

    delete_room(store, full, rest)

    assert set(left(store, full.code).values()) == {0}
    assert set(left(store, "0THER0").values()) == {1}
    assert [store.count(kind) for kind in (Ballot, Candidate)] == [0, 1]
    assert max(sizes) <= 3 * REMOVED_AT_ONCE  # candidates go with their polls
    assert len(rests) > len(IN_ROOM)
    assert store.keyed_polls() == []


@pytest.mark.parametrize("secrecy", ["secret", "named"])
def test_ballots_of_a_deleted_room_go_without_a_change_for_each(
    store: Store, tmp_path: Path, secrecy: str
) -> None:
    poll = add_poll(store, room="FULL00", secrecy=secrecy)
    for name in "abcdefgh":
        cast_ballot(
            store, poll.id, add_account(store, name), Vote((poll.candidates[0].id,)), fresh()
        )
    begin_close(store, poll.id, NOW, "u1")
    finish_close(store, poll.id, lambda: NOW)
    removed: list[Ballot] = []
    store.subscribe(
        lambda steps: removed.extend(before for before, _ in steps if isinstance(before, Ballot)),
        Ballot,
        past=False,
    )

    delete_room(store, find_room(store, "FULL00"))

    assert len(removed) == 1
    assert store.count(Ballot) == store.count(RecordName) == 0
    assert not [*tmp_path.glob("rollcall.json.part*")]


@pytest.mark.parametrize("rests", range(0, 19, 3))
def test_deletion_is_finished_when_it_was_broken_off(store: Store, full: Room, rests: int) -> None:
    class Killed(BaseException):
        pass

    so_far = iter(range(rests))

    def rest() -> None:
        if next(so_far, None) is None:
            raise Killed

    with pytest.raises(Killed):
        delete_room(store, full, rest)

    rename_account(store, add_account(store, "eva"), "Eva")  # whatever lies about disturbs nobody
    finish_deletions(store)
    finish_endings(store, NOW)

    assert set(left(store, full.code).values()) == {0}
    assert set(left(store, "0THER0").values()) == {1}
    assert store.keyed_polls() == []


def test_room_is_not_deleted_while_a_poll_is_paused(store: Store) -> None:
    poll = add_poll(store, room="BUSY00", state="paused")

    with pytest.raises(WrongState):
        delete_room(store, find_room(store, poll.room))

    assert find_room(store, poll.room)


def come(store: Store, code: str, account: Account, now: datetime) -> None:
    room = find_room(store, code)
    arrive(store, room, standing_in(store, room, account), now)


def test_account_with_much_attendance_is_deleted_a_bit_at_a_time(store: Store) -> None:
    """Who comes while it goes on has no name afterwards, either; earlier times stay as they are."""
    ann, now = add_account(store, "ann"), NOW + timedelta(days=1)
    with store.transaction():
        for code in ("lobby", "meeting", "later"):
            store.add(Room(0, code, "Room", "public"))
        for number in range(3 * FORGOTTEN_AT_ONCE):
            was = Attendance(0, "lobby", ann.person, "ann", NOW, NOW, checked_in=True, left=True)
            store.add(replace(was, meeting=100 + number))
    begin(store, "meeting", NOW)
    come(store, "meeting", ann, NOW)
    come(store, "later", ann, NOW)
    depart(store, find_room(store, "later"), ann.person, NOW)
    sizes: list[int] = []
    store.subscribe(lambda steps: sizes.append(len(steps)), past=False)

    rests: list[Account | None] = []
    last = forget_earlier(store, ann, now, lambda: rests.append(store.get(Account, ann.id)))
    here = [each.room for each in store.group(Attendance, ann.person, "who") if each.name]
    come(store, "later", ann, now)
    delete_account(store, ann, now, last)

    assert here == ["meeting"]
    assert rests == [ann] * 4
    assert max(sizes) <= FORGOTTEN_AT_ONCE
    left = store.group(Attendance, ann.person, "who")
    assert {(each.name, each.left, each.since_at) for each in left} == {("", True, None)}
    assert [each.last_at for each in left] == [NOW] * 3 * FORGOTTEN_AT_ONCE + [now] * 2


def test_account_with_much_attendance_is_renamed_a_bit_at_a_time(store: Store) -> None:
    """By its present name, and not at all once it is deleted."""
    ann = add_account(store, "ann")
    with store.transaction():
        for number in range(3 * FORGOTTEN_AT_ONCE):
            was = Attendance(0, "lobby", ann.person, "ann", NOW, NOW, left=True, meeting=number)
            store.add(was)
    renamed = rename_account(store, ann, "Anna")
    sizes: list[int] = []
    store.subscribe(lambda steps: sizes.append(len(steps)), past=False)

    rename_attendance(store, renamed, lambda: rename_once(store, renamed, "Anne"))
    names = [each.name for each in store.group(Attendance, ann.person, "who")]
    rename_attendance(store, renamed, lambda: delete_once(store, renamed))

    assert names == ["Anna"] * FORGOTTEN_AT_ONCE + ["Anne"] * 2 * FORGOTTEN_AT_ONCE
    assert max(sizes[:-1]) <= FORGOTTEN_AT_ONCE
    assert {each.name for each in store.group(Attendance, ann.person, "who")} == {""}


def rename_once(store: Store, account: Account, name: str) -> None:
    if store.get(Account, account.id) == account:
        rename_account(store, account, name)


def delete_once(store: Store, account: Account) -> None:
    if store.get(Account, account.id) is not None:
        delete_account(store, account, NOW)
