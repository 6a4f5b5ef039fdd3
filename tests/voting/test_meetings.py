"""Meetings begin and end, by hosts and by themselves; presence is theirs. On a fake clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.tinydb_store import TinyDBStore
from tests.unit.lobby import NOW, add_account, cast_ballot, fresh
from voting.attendance import arrive, check_in, count_present, depart, end_connections
from voting.casting import Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.meetings import (
    BEAT,
    IDLE,
    begin_meeting,
    current_meeting,
    end_meeting,
    keep_meetings,
    latest_meeting,
)
from voting.model.accounts import Account
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Attendance, Room, Row
from voting.people import Holder, find_room, standing_in
from voting.polls import draft_poll, open_poll, pause_poll
from voting.refusals import NotFound, NotPresent, WrongState
from voting.rooms import change_room, create_room
from voting.store import Store

HOST = "u1"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULES = {"title": "?", "candidates": [{"name": "Yes"}, {"name": "No"}]}


@dataclass
class Club:
    """A room with a roll of six, on a clock that a test moves."""

    store: Store
    code: str
    rows: list[Row]
    now: datetime = NOW

    @property
    def room(self) -> Room:
        return find_room(self.store, self.code)

    @property
    def meeting(self) -> Meeting:
        meeting = current_meeting(self.store, self.room)
        assert meeting is not None
        return meeting

    @property
    def present(self) -> int:
        return count_present(self.store, self.room, self.now)

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.store.group(LogEntry, self.code)]

    def begin(self, title: str | None = None) -> Meeting:
        return begin_meeting(self.store, self.room, self.now, title, actor=HOST)

    def end(self) -> Meeting:
        return end_meeting(self.store, self.room, self.meeting.id, self.now, actor=HOST)

    def arrive(self, holder: Holder) -> None:
        arrive(self.store, self.room, standing_in(self.store, self.room, holder), self.now)

    def depart(self, row: Row) -> None:
        depart(self.store, self.room, row.person, self.now)

    def check(self, row: Row, *, present: bool = True) -> None:
        fresh_row = self.store.get(Row, row.id)
        assert fresh_row is not None
        check_in(self.store, self.room, fresh_row, self.now, HOST, present=present)

    def draft(self, **rules: Any) -> Poll:
        with self.store.transaction():
            return self.store.add(draft_poll(self.room, {**RULES, "eligibility": "roll", **rules}))

    def open(self, **rules: Any) -> Poll:
        return open_poll(self.store, self.draft(**rules).id, self.now, HOST)

    def restart(self, folder: Path, after: timedelta) -> None:
        """Stop the server, and start it again later, as `api.app` does."""
        self.store.close()
        self.now += after
        self.store = TinyDBStore(folder / "club.json", self.now)
        keep_meetings(self.store, self.now)
        end_connections(self.store, self.now)


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    store = TinyDBStore(tmp_path / "club.json", NOW)
    host: Account = add_account(store, "host")
    room = create_room(store, {"name": "Club"}, host, NOW, lambda: "C1UB00")
    with store.transaction():
        rows = [store.add(Row(0, room.code, f"Row {n}")) for n in range(6)]
    club = Club(store, room.code, rows)
    yield club
    club.store.close()


def test_people_are_online_and_not_present_between_meetings(club: Club) -> None:
    club.arrive(club.rows[0])
    before = club.present
    club.begin()
    during = club.present
    club.end()

    assert (before, during, club.present) == (0, 1, 0)


def test_people_who_are_online_when_it_begins_are_present_and_those_who_left_are_not(
    club: Club,
) -> None:
    for row in club.rows[:3]:
        club.arrive(row)
    club.now += MINUTE
    club.depart(club.rows[0])
    club.now += MINUTE

    meeting = club.begin("Spring assembly")

    there = club.store.group(Attendance, (club.code, meeting.id), "meeting")
    assert [each.who for each in there] == [row.person for row in club.rows[1:3]]
    assert {each.first_at for each in there} == {club.now}
    assert (meeting.title, meeting.number, club.present) == ("Spring assembly", 1, 2)


def test_attendance_is_kept_by_meeting(club: Club) -> None:
    club.arrive(club.rows[0])
    meetings = []
    for minutes in (5, 7):
        meetings.append(club.begin())
        club.now += minutes * MINUTE
        club.end()
        club.now += HOUR

    found = [
        [
            (each.who, each.seconds)
            for each in club.store.group(Attendance, (club.code, meeting.id), "meeting")
        ]
        for meeting in meetings
    ]
    who = club.rows[0].person
    assert found == [[(who, 5 * 60)], [(who, 7 * 60)]]
    assert [meeting.number for meeting in meetings] == [1, 2]


@pytest.mark.parametrize("how", ["opening", "check-in"])
def test_meeting_begins_by_itself_and_has_the_rooms_date_as_title(club: Club, how: str) -> None:
    change_room(club.store, club.room, {"timezone": "Pacific/Auckland"}, NOW, HOST)
    club.now = NOW.replace(hour=14)
    club.arrive(club.rows[0])

    poll = club.open() if how == "opening" else None
    if poll is None:
        club.check(club.rows[1])

    assert club.meeting.title == "2026-11-21"
    assert club.present == (1 if poll else 2)
    assert poll is None or (poll.meeting, poll.quorum.present_at_open) == (club.meeting.id, 1)
    assert "meeting_begun" in club.kinds


@pytest.mark.parametrize(
    ("rules", "settings", "needs"),
    [
        ({}, {}, False),
        ({"require_presence": True}, {}, True),
        ({"threshold": {"num": 1, "den": 2, "of": "present", "rule": "more_than"}}, {}, True),
        ({"threshold": {"num": 1, "den": 2, "of": "valid", "rule": "more_than"}}, {}, False),
        ({}, {"quorum": {"count": 1}}, True),
        ({"closes_at": NOW + IDLE}, {}, True),
    ],
)
def test_poll_that_runs_for_days_begins_a_meeting_only_if_presence_matters(
    club: Club, rules: dict[str, Any], settings: dict[str, Any], needs: bool
) -> None:
    change_room(club.store, club.room, settings, NOW, HOST)

    poll = club.open(**{"closes_at": NOW + 3 * DAY, **rules})

    assert (poll.meeting is not None) == (club.room.meeting is not None) == needs


def test_poll_that_runs_for_days_is_of_the_meeting_that_is_going_on(club: Club) -> None:
    meeting = club.begin()

    assert club.open(closes_at=NOW + 3 * DAY).meeting == meeting.id


def test_second_meeting_is_refused_and_the_first_goes_on(club: Club) -> None:
    first = club.begin()

    with pytest.raises(WrongState):
        club.begin()

    assert (club.meeting, len(club.store.each(Meeting))) == (first, 1)
    assert club.kinds.count("meeting_begun") == 1


def test_end_checks_everybody_out(club: Club) -> None:
    club.check(club.rows[0])
    club.arrive(club.rows[1])
    club.now += HOUR

    ended = club.end()

    assert (ended.ended_at, club.room.meeting, club.present) == (club.now, None, 0)
    assert not any(row.checked_in for row in club.store.each(Row))
    there = club.store.group(Attendance, (club.code, ended.id), "meeting")
    assert [each.last_at for each in there] == [club.now, club.now]
    assert club.kinds[-1] == "meeting_ended"


def test_end_of_a_meeting_that_has_ended_changes_nothing(club: Club) -> None:
    first = club.begin()
    ended = club.end()
    second = club.begin()
    club.now += HOUR

    again = end_meeting(club.store, club.room, first.id, club.now, actor=HOST)

    assert (again, club.meeting) == (ended, second)


def test_meeting_of_another_room_is_not_found(club: Club) -> None:
    host = add_account(club.store, "other")
    other = create_room(club.store, {"name": "Other"}, host, NOW, lambda: "0THER0")
    begun = club.begin()

    with pytest.raises(NotFound):
        end_meeting(club.store, other, begun.id, club.now, actor=HOST)


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize(
    ("rules", "settings"),
    [
        ({"require_presence": True}, {}),
        ({"threshold": {"num": 1, "den": 2, "of": "present", "rule": "more_than"}}, {}),
        ({}, {"quorum": {"count": 1}}),
    ],
)
def test_end_is_refused_until_polls_to_which_presence_matters_are_closed(
    club: Club, rules: dict[str, Any], settings: dict[str, Any], paused: bool
) -> None:
    change_room(club.store, club.room, settings, NOW, HOST)
    poll = club.open(**rules)
    if paused:
        pause_poll(club.store, poll.id, club.now, HOST)

    with pytest.raises(WrongState):
        club.end()
    close_poll(club.store, poll.id, club.now, HOST)

    assert club.end().ended_at is not None


def test_end_is_not_refused_for_other_polls(club: Club) -> None:
    club.open()

    assert club.end().ended_at is not None


def test_paused_poll_that_requires_presence_goes_on_in_the_next_meeting(club: Club) -> None:
    poll = club.open(require_presence=True)
    pause_poll(club.store, poll.id, club.now, HOST)
    club.now += DAY
    keep_meetings(club.store, club.now)
    first = poll.meeting
    club.arrive(club.rows[0])

    again = open_poll(club.store, poll.id, club.now, HOST)
    cast = cast_ballot(club.store, poll.id, club.rows[0], Vote(()), fresh(club.now))

    assert (again.meeting, club.meeting.number, cast.first) == (first, 2, True)


def test_vote_that_requires_presence_is_refused_after_the_meeting(club: Club) -> None:
    poll = club.open(require_presence=True)
    club.arrive(club.rows[0])
    cast_ballot(club.store, poll.id, club.rows[0], Vote(()), fresh(club.now))
    club.depart(club.rows[0])
    club.now += DAY
    keep_meetings(club.store, club.now)
    club.arrive(club.rows[0])

    with pytest.raises(NotPresent):
        cast_ballot(club.store, poll.id, club.rows[0], Vote(()), fresh(club.now))


# -- twelve hours ---------------------------------------------------------------------


@pytest.mark.parametrize("last", ["departure", "check-in", "opening", "close"])
def test_meeting_ends_twelve_hours_after_the_last_connection_or_act(club: Club, last: str) -> None:
    meeting = club.begin()
    poll = club.draft()
    club.arrive(club.rows[0])
    if last == "close":
        open_poll(club.store, poll.id, club.now, HOST)
    club.now += HOUR
    club.depart(club.rows[0])
    club.now += HOUR
    match last:
        case "check-in":
            club.check(club.rows[1])
        case "opening":
            open_poll(club.store, poll.id, club.now, HOST)
        case "close":
            close_poll(club.store, poll.id, club.now, HOST)
    act = club.now - (HOUR if last == "departure" else timedelta(0))
    club.now = act + IDLE - MINUTE

    keep_meetings(club.store, club.now)
    before = club.room.meeting
    club.now += MINUTE
    keep_meetings(club.store, club.now)

    ended = latest_meeting(club.store, club.room)
    assert ended is not None
    assert (before, club.room.meeting) == (meeting.id, None)
    assert ended.ended_at == act + IDLE
    assert club.store.group(LogEntry, club.code)[-1].actor == CLOCK


def test_meeting_goes_on_while_somebody_is_connected(club: Club) -> None:
    meeting = club.begin()
    club.arrive(club.rows[0])

    for _ in range(2 * DAY // BEAT):
        club.now += BEAT
        keep_meetings(club.store, club.now)

    assert club.meeting.id == meeting.id


def test_host_may_begin_a_meeting_before_it_was_noticed_that_the_last_is_over(club: Club) -> None:
    first = club.begin()
    club.now += DAY

    second = club.begin()

    assert (first.number, second.number) == (1, 2)
    assert club.kinds[-3:] == ["meeting_begun", "meeting_ended", "meeting_begun"]


@pytest.mark.parametrize("act", ["opening", "check-in", "arrival"])
def test_meeting_that_is_over_takes_nobody_in_when_the_server_slept(club: Club, act: str) -> None:
    """A laptop was closed in the evening, and is opened the next day."""
    for row in club.rows:
        club.check(row)
    club.arrive(club.rows[5])
    first = club.meeting
    club.now += DAY

    match act:
        case "opening":
            club.open()
        case "check-in":
            club.check(club.rows[0])
        case "arrival":
            club.arrive(club.rows[0])

    assert club.room.meeting != first.id
    assert club.present == {"opening": 1, "check-in": 2, "arrival": 0}[act]


def test_nobody_is_present_when_the_server_is_started_a_day_later(
    club: Club, tmp_path: Path
) -> None:
    """Six people were checked in, and nobody was connected."""
    change_room(club.store, club.room, {"quorum": {"count": 6}}, NOW, HOST)
    for row in club.rows:
        club.check(row)
    there = club.present

    club.restart(tmp_path, DAY)
    poll = club.open()

    assert there == 6
    assert vars(poll.quorum) | {"required": 6, "present_at_open": 0, "met": False} == vars(
        poll.quorum
    )


def test_people_who_were_connected_are_not_present_when_the_server_is_started_a_day_later(
    club: Club, tmp_path: Path
) -> None:
    club.begin()
    club.arrive(club.rows[0])
    club.now += HOUR
    keep_meetings(club.store, club.now)

    club.restart(tmp_path, DAY)

    ended = latest_meeting(club.store, club.room)
    assert ended is not None
    (there,) = club.store.group(Attendance, (club.code, ended.id), "meeting")
    assert (club.room.meeting, club.present) == (None, 0)
    assert (ended.ended_at, there.last_at) == (NOW + HOUR + IDLE, NOW + HOUR)
    assert there.seconds == 3600


def test_meeting_goes_on_when_the_server_is_started_again_soon(club: Club, tmp_path: Path) -> None:
    meeting = club.begin()
    club.arrive(club.rows[0])
    club.check(club.rows[1])

    club.restart(tmp_path, 10 * MINUTE)

    assert (club.meeting.id, club.present) == (meeting.id, 2)
