"""People are moved to a meeting that has begun, and from one that has ended, when there is time.

Whatever happens meanwhile, it comes to the same as if everybody had been moved at once.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from db.tinydb_store import TinyDBStore
from tests.examples import examples
from tests.unit.lobby import NOW, cast_ballot, fresh
from voting import moving
from voting.attendance import arrive, check_in, count_present, depart, end_connections
from voting.casting import Vote
from voting.meetings import begin_meeting, end_meeting, keep_meetings
from voting.model.meetings import Meeting
from voting.model.rooms import Attendance, Room, Row
from voting.moving import IN_ONE, move_everybody, move_people, unmoved
from voting.people import find_room, standing_in
from voting.polls import draft_poll, open_poll
from voting.store import Step, Store

CODE, HOST, PEOPLE = "QU1ET0", "u1", 3
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
KINDS = ("begin", "end", "arrive", "depart", "leave", "in", "out", "move")


class Hall:
    """A room with rows, in a store of its own; `at_once` people are moved in the transaction."""

    def __init__(self, store: Store, at_once: int) -> None:
        self.store, self.at_once = store, at_once
        with store.transaction():
            store.add(Room(0, CODE, "Club", "public"))
            self.rows = [store.add(Row(0, CODE, f"Member {each}")) for each in range(PEOPLE)]

    @property
    def room(self) -> Room:
        return find_room(self.store, CODE)

    def do(self, kind: str, person: int, now: datetime) -> None:
        """Let something happen, as a host or a connection would do it."""
        moving.AT_ONCE = self.at_once
        store, room, row = self.store, self.room, self.store.get(Row, self.rows[person].id)
        assert row is not None
        if kind == "begin" and room.meeting is None:
            begin_meeting(store, room, now, actor=HOST)
        elif kind == "end" and room.meeting is not None:
            end_meeting(store, room, room.meeting, now, actor=HOST)
        elif kind == "arrive":
            arrive(store, room, standing_in(store, room, row), now)
        elif kind in {"depart", "leave"}:
            depart(store, room, row.person, now, left=kind == "leave")
        elif kind in {"in", "out"}:
            check_in(store, room, row, now, HOST, present=kind == "in")
        elif kind == "move":
            move_people(store, CODE)

    def history(self) -> list[Any]:
        """Return what is known of everybody, by meeting."""
        numbers = {each.id: each.number for each in self.store.group(Meeting, CODE)}
        people = self.store.group(Attendance, CODE)
        facts = [
            {**vars(each), "id": 0, "meeting": numbers.get(each.meeting or 0, 0)} for each in people
        ]
        facts.sort(key=lambda each: (each["meeting"], each["who"]))
        return [facts, [each.checked_in for each in self.store.group(Row, CODE)]]


@pytest.fixture(autouse=True)
def _keep_at_once() -> Iterator[None]:
    kept = moving.AT_ONCE
    yield
    moving.AT_ONCE = kept


@pytest.fixture
def make_hall(tmp_path: Path) -> Iterator[Callable[[], Hall]]:
    """Make a hall in which nobody is moved at once."""
    stores: list[TinyDBStore] = []

    def make() -> Hall:
        stores.append(TinyDBStore(tmp_path / f"{len(stores)}.json", NOW))
        return Hall(stores[-1], -1)

    yield make
    for each in stores:
        each.close()


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, PEOPLE - 1)), max_size=25))
def test_everything_is_as_if_everybody_was_moved_at_once(acts: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        stores = [TinyDBStore(Path(folder) / f"{each}.json", NOW) for each in range(2)]
        halls = [Hall(stores[0], 50), Hall(stores[1], -1)]
        now = NOW
        for kind, person in acts:
            now += timedelta(minutes=1)
            for hall in halls:
                hall.do(kind, person, now)
            first, second = (count_present(hall.store, hall.room, now) for hall in halls)
            assert first == second
        for hall in halls:
            move_people(hall.store, CODE)
            assert [*unmoved(hall.store, hall.room)] == []
        assert halls[0].history() == halls[1].history()
        for store in stores:
            store.close()


def test_somebody_votes_as_present_before_they_are_moved(make_hall: Callable[[], Hall]) -> None:
    hall = make_hall()
    store, row = hall.store, hall.rows[0]
    hall.do("arrive", 0, NOW)
    candidates = [{"name": "Yes"}, {"name": "No"}]
    rules = {
        "title": "?",
        "candidates": candidates,
        "require_presence": True,
        "eligibility": "roll",
    }
    with store.transaction():
        draft = store.add(draft_poll(hall.room, rules))
    store.prepare_poll_keys([draft.id])

    poll = open_poll(store, draft.id, NOW, HOST)

    assert [each.who for each in unmoved(store, hall.room)] == [row.person]
    assert poll.quorum.present_at_open == 1
    assert cast_ballot(store, poll.id, row, Vote(()), fresh(NOW)).first


def test_people_are_moved_at_the_start_when_the_server_stopped(
    tmp_path: Path, make_hall: Callable[[], Hall]
) -> None:
    hall = make_hall()
    for person in range(PEOPLE):
        hall.do("arrive", person, NOW)
    hall.do("begin", 0, NOW)
    hall.do("in", 0, NOW)
    hall.do("end", 0, NOW + timedelta(minutes=9))
    hall.store.close()

    later = NOW + timedelta(minutes=20)
    store = TinyDBStore(tmp_path / "0.json", later)
    keep_meetings(store, later)
    move_everybody(store)
    end_connections(store, later)
    (meeting,) = store.group(Meeting, CODE)
    people = store.group(Attendance, (CODE, meeting.id), "meeting")
    online = store.group(Attendance, (CODE, None), "meeting")
    rows = store.group(Row, CODE)
    store.close()

    assert [(each.since_at, each.left, each.seconds) for each in people] == [(None, True, 540)] * 3
    assert [each.since_at for each in online] == [None] * 3
    assert [row.checked_in for row in rows] == [False] * 3


@pytest.mark.parametrize("people", [0, 60, 120])
def test_meeting_begins_and_ends_in_a_transaction_of_the_same_size(
    store: Store, people: int
) -> None:
    with store.transaction():
        store.add(Room(0, CODE, "Club", "public"))
        for number in range(people):
            row = store.add(Row(0, CODE, "M", checked_in=True))
            came = Attendance(0, CODE, row.person, f"M{number}", NOW, NOW, since_at=NOW)
            store.add(came)
    sizes: list[int] = []

    def note(steps: list[Step]) -> None:
        sizes.append(len(steps))

    store.subscribe(note, past=False)
    meeting = begin_meeting(store, find_room(store, CODE), NOW, actor=HOST)
    move_people(store, CODE)
    moved = len(sizes)
    end_meeting(store, find_room(store, CODE), meeting.id, NOW, actor=HOST)

    assert (sizes[0], sizes[moved]) == (3, 3)
    assert max(sizes) <= 3 * IN_ONE


def test_next_meeting_begins_in_a_short_transaction_while_rows_are_still_marked(
    store: Store,
) -> None:
    with store.transaction():
        store.add(Room(0, CODE, "Club", "public"))
        for _ in range(2 * moving.AT_ONCE):
            store.add(Row(0, CODE, "M", checked_in=True))
    sizes: list[int] = []
    store.subscribe(lambda steps: sizes.append(len(steps)), past=False)

    begin_meeting(store, find_room(store, CODE), NOW, actor=HOST)

    assert sizes == [3]
    move_people(store, CODE)
    assert not any(row.checked_in for row in store.group(Row, CODE))
    assert max(sizes) <= 3 * IN_ONE
