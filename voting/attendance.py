"""Who is present in a meeting: from the first join or a host's check-in, also without a connection.

A person whose phone sleeps stays present for the room's `hold_minutes`, so that a quorum isn't
lost. Between meetings people are online, and nobody is present. One record a person and meeting is
stored. Pure except for the store; the time is an argument.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from voting.log import append
from voting.meetings import end_if_idle, ensure_meeting
from voting.model.log import LogKind
from voting.model.meetings import Meeting
from voting.model.persons import read_person
from voting.model.rooms import Attendance, RemovedRow, Room, Row, who_key_of
from voting.model.workers import Lease
from voting.moving import find_unmoved, is_open, move_person, unmoved
from voting.people import Standing, find_room, has_roll
from voting.store import Store


def is_here(attendance: Attendance, room: Room, at: datetime, now: datetime | None = None) -> bool:
    """Return whether somebody was in the meeting that is going on in a room, or between meetings
    online, at a time.

    now: the present time, where `at` is in the past; people who arrived in between don't count

    An arrival later than `now` was noted before the clock was set back: it counts.
    """
    if attendance.left:
        return False
    if attendance.meeting != room.meeting:
        return attendance.since_at is not None  # they are connected, and are moved later
    if at < attendance.first_at <= (now or at):
        return False
    held = attendance.last_at + timedelta(minutes=room.hold_minutes)
    return attendance.since_at is not None or attendance.checked_in or at < held


def is_present(
    attendance: Attendance, room: Room, at: datetime, now: datetime | None = None
) -> bool:
    """Return whether somebody counted as present at a time; between meetings nobody does.

    Times are as for `is_here`.
    """
    return room.meeting is not None and is_here(attendance, room, at, now)


def count_present(store: Store, room: Room, now: datetime) -> int:
    """Return how many are present of those who count.

    Only the roll's voters and hosts do, or, where a room has no roll, accounts. What a poll takes
    shares of is counted by `voting.electorate.count_present_for`.
    """
    return count_people(store, room, people_present(store, room, now))


def people_present(
    store: Store, room: Room, at: datetime, now: datetime | None = None
) -> Iterator[str]:
    """Yield the persons who are present, also those who don't count; times as for `is_here`."""
    if room.meeting is not None:
        yield from (each.who for each in here(store, room) if is_present(each, room, at, now))


def count_attended(store: Store, room: Room, meeting_id: int) -> int:
    """Return how many of those who count were at a meeting, at any time; also removed members."""
    there = store.group(Attendance, (room.code, meeting_id), "meeting")
    removed = sum(_is_removed_voter(store, each.who) for each in there)
    return removed + count_people(store, room, (each.who for each in there))


def _is_removed_voter(store: Store, who: str) -> bool:
    kind, number = read_person(who)
    removed = store.get(RemovedRow, number) if kind == "r" else None
    return removed is not None and removed.kept["role"] != "observer"


def count_people(store: Store, room: Room, people: Iterable[str]) -> int:
    """Return how many of some persons count in a room, as it is now."""
    rows, accounts = set(), set()
    for who in people:
        row = row_of(store, room, who)  # also of one who was here before they got it
        if row is not None and row.role != "observer":
            rows.add(row.id)
        elif row is None and read_person(who)[0] == "u":
            accounts.add(who)
    return len(rows) if has_roll(store, room) else len(rows) + len(accounts)


def row_of(store: Store, room: Room, who: str) -> Row | None:
    """Return the row of somebody who attends; None where there is none, or none any more."""
    kind, number = read_person(who)
    if kind == "r":
        return store.get(Row, number)
    return store.find(Row, "account_key", f"{room.code}/{number}") if kind == "u" else None


def here(store: Store, room: Room) -> list[Attendance]:
    """Return the attendance of the meeting that is going on, or that between meetings, with what is
    open elsewhere.
    """
    return [*store.group(Attendance, (room.code, room.meeting), "meeting"), *unmoved(store, room)]


def arrive(store: Store, room: Room, standing: Standing, now: datetime) -> None:
    """Record that a person's first connection to a room began."""
    with store.transaction():
        end_if_idle(store, room, now)
        room = find_room(store, room.code)
        for who in (standing.attendee, standing.person):
            move_person(store, room, who)
        found = _join(store, room, standing, now)
        if found is None:
            who, name = str(standing.attendee), standing.name
            came = Attendance(0, room.code, who, name, now, now, since_at=now)
            store.add(replace(came, meeting=room.meeting))
        elif found.since_at is None or found.left:
            name = standing.name
            store.save(replace(found, name=name, last_at=now, since_at=now, left=False))


def depart(store: Store, room: Room, who: str, now: datetime, *, left: bool = False) -> None:
    """Record that a person's last connection ended, or with `left` that they left for good."""
    with store.transaction():
        room = find_room(store, room.code)
        move_person(store, room, who)
        found = find_attendance(store, room, who)
        if found is not None:
            store.save(found.ended(now, left=left or found.left))


def check_in(
    store: Store, room: Room, row: Row, now: datetime, actor: str, *, present: bool
) -> None:
    """Record that a host checked a member in or out, with or without a device.

    The first check-in begins a meeting.
    """
    with store.transaction():
        if present:
            ensure_meeting(store, room, now, actor)
        room = find_room(store, room.code)
        move_person(store, room, row.person)
        row = store.get(Row, row.id) or row
        found = find_attendance(store, room, row.person)
        if present:
            came = Attendance(0, room.code, row.person, row.name, now, now, meeting=room.meeting)
            found = found or store.add(came)
            store.save(replace(found, last_at=now, left=False, checked_in=True))
        elif found is not None:
            store.save(replace(found.ended(now, left=True), checked_in=False))
        store.save(replace(row, checked_in=present))
        kind: LogKind = "checked_in" if present else "checked_out"
        append(store, room.code, kind, actor, {"row": row.id, "meeting": room.meeting}, now)


def end_connections(store: Store, now: datetime) -> None:
    """Take everybody offline: the server has started again, and who is still there comes back.

    When they went isn't known: the time until now counts as theirs. So it is with people who went
    later than now, by a clock that has been set back since.
    """
    with store.transaction():
        for each in _here_everywhere(store):
            if store.size(Lease, (each.room, each.who), "who"):
                continue  # another process has their connection
            if each.since_at is not None or each.last_at > now:
                store.save(each.ended(now, left=each.left))


def follow_clock(store: Store, expected: datetime, now: datetime) -> None:
    """Keep people present for as long as without the step when the clock has been set.

    Whoever counts by the old time or by the new one has their times moved by the same step.

    expected: what the time would be if the clock had not been set
    """
    step, holds = now - expected, {room.code: room.hold_minutes for room in store.each(Room)}
    with store.transaction():
        for each in _here_everywhere(store):
            held = each.last_at + timedelta(minutes=holds[each.room])
            if each.since_at is not None or held > min(now, expected):
                store.save(_moved(each, step))
        for meeting in store.group(Meeting, False, "ended"):
            store.save(replace(meeting, active_at=meeting.active_at + step))


def forget_name(store: Store, attendance: Attendance, now: datetime) -> None:
    """End a person's presence and remove their name. Call it inside a transaction."""
    if attendance.name or not attendance.left:
        store.save(replace(attendance.ended(now, left=True), name=""))


def forget_name_of_earlier(store: Store, attendance: Attendance, now: datetime) -> None:
    """Remove the name of a person who is not here any more. Call it inside a transaction."""
    room = store.find(Room, "code", attendance.room)
    here_now = is_open(attendance) or (room is not None and is_here(attendance, room, now))
    if attendance.name and not here_now:
        store.save(replace(attendance, name="", left=True))


def _here_everywhere(store: Store) -> Iterator[Attendance]:
    for room in store.each(Room):
        yield from here(store, room)


def _moved(found: Attendance, step: timedelta) -> Attendance:
    """Return an attendance whose times are by a clock that was set by `step`; who was here before
    a poll's close must not come after it, so the first time is never moved ahead."""
    first = found.first_at + min(step, timedelta(0))
    since = found.since_at and found.since_at + step
    return replace(found, first_at=first, last_at=found.last_at + step, since_at=since)


def _join(store: Store, room: Room, standing: Standing, now: datetime) -> Attendance | None:
    """Return somebody's attendance, joined with that of their account before it got its row."""
    found = find_attendance(store, room, standing.attendee)
    before = find_attendance(store, room, standing.person)
    if before is None or standing.attendee == standing.person:
        return found
    store.remove(before)
    if found is None:
        return store.save(replace(before, who=str(standing.attendee), name=standing.name))
    first = min(before.first_at, found.first_at)
    seconds = before.seconds_until(now) + found.seconds
    return store.save(replace(found, first_at=first, seconds=seconds))


def find_attendance(store: Store, room: Room, who: str | None) -> Attendance | None:
    """Return somebody's attendance of the meeting that is going on, or that between meetings.

    Somebody who is connected and was not moved yet has theirs elsewhere.

    who: a person of the room: `r3`, `u12` or `g5`
    """
    found = store.find(Attendance, "who_key", who_key_of(room.code, room.meeting, who))
    if found is not None and found.since_at is not None:
        return found
    elsewhere = (each for each in find_unmoved(store, room, who) if each.since_at is not None)
    return next(elsewhere, found)
