"""Meetings of a room."""

from dataclasses import dataclass, field
from datetime import datetime

from voting.model.rooms import PRIVATE


@dataclass(frozen=True)
class Meeting:
    """A meeting of a room: presence, check-ins, attendance and minutes are those of a meeting.

    `number` counts the meetings of the room from 1. `active_at` is when somebody was last known to
    be connected, or the start.
    """

    id: int
    room: str
    number: int
    title: str
    starts_at: datetime
    active_at: datetime = field(metadata=PRIVATE)
    ended_at: datetime | None = None
