"""Upgrades stores of earlier versions when they are opened."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from voting.meetings import date_title
from voting.model.meetings import Meeting
from voting.model.polls import ENDED, Poll
from voting.model.rooms import Attendance, Room, Row
from voting.store import Store


def add_first_meetings(store: Store, attendance: Mapping[int, Mapping[str, Any]]) -> None:
    """Make one ended meeting of the attendance that a room had before there were meetings.

    Call it in a transaction.

    attendance: the stored documents; those of earlier versions have no `meeting`
    """
    codes = {each["room"] for each in attendance.values() if "meeting" not in each}
    for code in sorted(codes):
        room = store.find(Room, "code", code)
        if room is not None:
            _add_first_meeting(store, room)


def _add_first_meeting(store: Store, room: Room) -> None:
    people = store.group(Attendance, room.code)
    polls = [each for each in store.group(Poll, room.code) if each.state in ENDED]
    times = [at for each in people for at in (each.first_at, each.last_at, each.since_at)]
    times += [at for each in polls for at in (each.opened_at, each.closed_at)]
    known = [at for at in times if at is not None]
    starts_at, ended_at = min(known), max(known)
    title = date_title(room, starts_at)
    meeting = store.add(Meeting(0, room.code, 1, title, starts_at, ended_at, ended_at))
    for each in people:
        gone = each if each.since_at is None else each.ended(ended_at, left=each.left)
        store.save(replace(gone, meeting=meeting.id))
    for poll in polls:
        store.save(replace(poll, meeting=meeting.id))
    for row in store.group(Row, room.code):
        if row.checked_in:
            store.save(replace(row, checked_in=False))
