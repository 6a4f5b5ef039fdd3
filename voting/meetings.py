"""A room's meetings: when they begin and end, by a host or by themselves.

A room has one meeting at a time. Presence is a meeting's: when one begins, people who are online
are present at once, and when it ends nobody is. All of it is decided in the store, not by asking
the connections.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from voting.log import CLOCK, append, time_text
from voting.model.meetings import Meeting
from voting.model.polls import ONGOING, Poll
from voting.model.rooms import Attendance, Room
from voting.moving import move_all, move_at_once, unmoved
from voting.people import find_room
from voting.refusals import NotFound, WrongState
from voting.store import Store, Within

IDLE = timedelta(hours=12)
"""After how long without a connection or an act a meeting ends by itself."""
BEAT = timedelta(minutes=10)
"""How often it is noted that people are connected, in case the server stops."""


def current_meeting(store: Store, room: Room) -> Meeting | None:
    """Return the meeting that is going on in a room."""
    return None if room.meeting is None else store.get(Meeting, room.meeting)


def find_meeting(store: Store, room: Room, meeting_id: int) -> Meeting:
    """Return a meeting of the room. Raises `NotFound`."""
    meeting = store.get(Meeting, meeting_id)
    if meeting is None or meeting.room != room.code:
        raise NotFound
    return meeting


def latest_meeting(store: Store, room: Room) -> Meeting | None:
    """Return the meeting that is going on in a room, or the last one that did."""
    last = store.group(Meeting, room.code, within=Within(limit=-1))
    return last[0] if last else None


def begin_meeting(
    store: Store, room: Room, now: datetime, title: str | None = None, *, actor: str
) -> Meeting:
    """Begin a meeting; whoever is online is present from now on.

    title: by default the date in the room's time zone
    actor: who begins it, for the room's log

    Raises `WrongState` while a meeting is going on.
    """
    with store.transaction():
        end_if_idle(store, room, now)
        room = find_room(store, room.code)
        if room.meeting is not None:
            raise WrongState(state="begun")
        number = store.size(Meeting, room.code) + 1
        named = title or date_title(room, now)
        meeting = store.add(Meeting(0, room.code, number, named, now, now))
        room = store.save(replace(room, meeting=meeting.id))
        online = store.size(Attendance, (room.code, None), "open")
        move_at_once(store, room)
        data = {"meeting": meeting.id, "number": number, "online": online}
        append(store, room.code, "meeting_begun", actor, data, now)
        return meeting


def ensure_meeting(store: Store, room: Room, now: datetime, actor: str) -> Meeting:
    """Return the meeting that is going on in a room; begin one if there is none."""
    with store.transaction():
        end_if_idle(store, room, now)
        meeting = current_meeting(store, find_room(store, room.code))
        return meeting or begin_meeting(store, room, now, actor=actor)


def end_meeting(store: Store, room: Room, meeting_id: int, now: datetime, *, actor: str) -> Meeting:
    """End a meeting: nobody is present any more. One that has ended stays as it is.

    Raises `NotFound`, or `WrongState` while a poll that counts presence is open or paused.
    """
    with store.transaction():
        meeting = find_meeting(store, room, meeting_id)
        if meeting.ended_at is not None:
            return meeting
        for state in ONGOING:
            if any(map(counts_presence, store.group(Poll, (room.code, state), "state"))):
                raise WrongState(state=state)
        return _end(store, meeting, now, actor)


def end_if_idle(store: Store, room: Room, now: datetime) -> None:
    """End a meeting in which nobody was connected or did anything for 12 hours."""
    meeting = current_meeting(store, find_room(store, room.code))
    if meeting is None or now - meeting.active_at < IDLE:
        return
    active_at = last_active(store, meeting)
    if now - active_at >= IDLE:
        _end(store, meeting, now, CLOCK, active_at)


def name_meeting(store: Store, room: Room, meeting_id: int, title: str) -> Meeting:
    """Give a meeting another title. Raises `NotFound`."""
    with store.transaction():
        return store.save(replace(find_meeting(store, room, meeting_id), title=title))


def counts_presence(poll: Poll) -> bool:
    """Return whether it makes a difference to a poll who is present."""
    return (
        poll.require_presence
        or poll.quorum.required is not None
        or (poll.threshold is not None and poll.threshold["of"] == "present")
    )


def needs_meeting(poll: Poll, room: Room, now: datetime) -> bool:
    """Return whether a poll that opens now needs a meeting. One that runs for days may not."""
    long = poll.closes_at is not None and poll.closes_at - now > IDLE
    return not long or room.quorum is not None or counts_presence(poll)


def keep_meetings(store: Store, now: datetime) -> None:
    """End the meetings in which nobody was connected or did anything for 12 hours.

    Call it now and then, and at the start, before people are taken offline. Each meeting has a
    transaction of its own.
    """
    for meeting in store.group(Meeting, False, "ended"):
        room = store.find(Room, "code", meeting.room)
        if room is not None and abs(now - meeting.active_at) >= BEAT:
            with store.transaction():
                end_if_idle(store, room, now)
                _note_activity(store, room, now)


def date_title(room: Room, now: datetime) -> str:
    """Return the date in a room's time zone, as it is written in every language: 2026-11-26."""
    try:
        zone = ZoneInfo(room.timezone)
    except (ZoneInfoNotFoundError, ValueError):  # another machine's database may lack it
        return now.astimezone(UTC).date().isoformat()
    return now.astimezone(zone).date().isoformat()


def last_active(store: Store, meeting: Meeting) -> datetime:
    """Return when somebody was last known to be connected to a meeting, or to act in it."""
    times = [meeting.active_at]
    for each in store.group(Attendance, (meeting.room, meeting.id), "meeting"):
        times += [each.last_at, each.since_at or each.last_at]
    for poll in store.group(Poll, meeting.id, "meeting"):
        times += [at for at in (poll.opened_at, poll.closed_at) if at is not None]
    return max(times)


def _note_activity(store: Store, room: Room, now: datetime) -> None:
    """Note that somebody is connected. A time ahead, from before the clock was set, becomes now."""
    meeting = current_meeting(store, find_room(store, room.code))
    if meeting is None:
        return
    there = store.group(Attendance, (room.code, meeting.id), "open")
    connected = any(each.since_at is not None for each in (*there, *unmoved(store, room)))
    if meeting.active_at > now or connected:
        store.save(replace(meeting, active_at=now))


def _end(
    store: Store, meeting: Meeting, now: datetime, actor: str, active_at: datetime | None = None
) -> Meeting:
    """End a meeting. People who are still connected are online without a meeting from now on.

    active_at: when somebody was last there, if it ends because that is 12 hours ago
    """
    left_at, ended_at = (now, now) if active_at is None else (active_at, active_at + IDLE)
    room = find_room(store, meeting.room)
    move_all(store, room)
    room = store.save(replace(room, meeting=None))
    ended_at = max(ended_at, meeting.starts_at)
    ended = store.save(replace(meeting, ended_at=ended_at, active_at=left_at))
    move_at_once(store, room)
    data = {"meeting": meeting.id, "number": meeting.number, "ended_at": time_text(ended_at)}
    append(store, room.code, "meeting_ended", actor, data, now)
    return ended
