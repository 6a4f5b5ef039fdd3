"""Attendance as clients read it."""

from datetime import datetime
from typing import TypedDict

from api.jsons import Time, iso
from voting.model.meetings import Meeting
from voting.model.rooms import Attendance


class Attended(TypedDict):
    """When somebody was in a meeting, and how long in all."""

    person: str
    name: str
    first: Time
    last: Time
    seconds: int


def attended(each: Attendance, now: datetime) -> Attended:
    """Return when somebody was in a meeting; while they are connected, `last` is now."""
    return {
        "person": each.who,
        "name": each.name,
        "first": iso(each.first_at),
        "last": iso(each.last_at if each.since_at is None else now),
        "seconds": each.seconds_until(now),
    }


def until(meeting: Meeting | None, now: datetime) -> datetime:
    """Return up to when somebody who is still connected was in a meeting: its end, or now."""
    return now if meeting is None or meeting.ended_at is None else meeting.ended_at
