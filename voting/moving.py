"""Brings attendance into a meeting that has begun, and out of one that has ended.

A meeting begins and ends in one short transaction, however many people are there. In a small room
that transaction moves their attendance too. In a large one `move_people` does so afterwards, a few
people in each transaction. Until then an attendance is *open* where it was. Somebody whose open
attendance has a connection is here, wherever it stands. Whatever is stored of a person moves them
first.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from voting.model.meetings import Meeting
from voting.model.rooms import Attendance, Room, Row, who_key_of
from voting.people import find_room
from voting.rest import Rest, no_rest
from voting.store import ALL, Store, Within

AT_ONCE = 50
"""How many people are moved in the transaction that begins or ends a meeting."""
IN_ONE = 10
"""How many people one transaction moves afterwards."""
FEW = Within(limit=IN_ONE)
LAST_TWO = Within(limit=-2)
"""The meetings in which attendance can be open: the one that goes on, and the one before."""


def unmoved(store: Store, room: Room, within: Within = ALL) -> Iterator[Attendance]:
    """Yield the open attendance of a room that is not of the meeting that is going on, or between
    meetings not of being online. `within` bounds what is read of each meeting.
    """
    for place in _places(store, room):
        yield from store.group(Attendance, (room.code, place), "open", within)


def find_unmoved(store: Store, room: Room, who: str | None) -> Iterator[Attendance]:
    """Yield the same of one person: `r3`, `u12` or `g5`."""
    for place in _places(store, room):
        found = store.find(Attendance, "who_key", who_key_of(room.code, place, who))
        if found is not None and is_open(found):
            yield found


def is_open(each: Attendance) -> bool:
    """Return whether the end of a meeting has to end an attendance."""
    return each.since_at is not None or (each.checked_in and not each.left)


def move_person(store: Store, room: Room, who: str | None) -> None:
    """Move somebody's attendance, if it is open elsewhere. Call it inside a transaction."""
    while found := next(find_unmoved(store, room, who), None):
        _move(store, room, found)


def move_at_once(store: Store, room: Room) -> None:
    """Move everybody in a small room. Call it in the transaction that begins or ends a meeting."""
    if store.size(Row, room.code, "checked_in") <= AT_ONCE and is_moved(store, room):
        move_all(store, room)
        _check_out(store, room, [*store.ids(Row, room.code, "checked_in")])


def move_all(store: Store, room: Room) -> None:
    """Move everybody whose attendance is open elsewhere, before a meeting ends. Call it inside a
    transaction; where a meeting ends right after it began, they can be many (`is_moved`).
    """
    while found := [*unmoved(store, room)]:
        for each in found:
            _move(store, room, each)


def is_moved(store: Store, room: Room) -> bool:
    """Return whether everybody in a room is where they belong, or soon moved."""
    places = _places(store, room)
    people = sum(store.size(Attendance, (room.code, place), "open") for place in places)
    return people <= AT_ONCE


def move_people(store: Store, code: str, rest: Rest = no_rest) -> None:
    """Move everybody in a room, a few in each transaction. `rest` is called in between."""
    while True:
        with store.transaction():
            room = store.find(Room, "code", code)
            found = [] if room is None else [*islice(unmoved(store, room, FEW), IN_ONE)]
            for each in found:
                _move(store, find_room(store, code), each)
        if not found:
            break
        rest()
    rows = [*store.ids(Row, code, "checked_in")]
    for start in range(0, len(rows), IN_ONE):
        with store.transaction():
            if (room := store.find(Room, "code", code)) is not None:
                _check_out(store, room, rows[start : start + IN_ONE])
        rest()


def move_everybody(store: Store) -> None:
    """Move everybody at the start, if the server stopped before that was done."""
    codes = {code for code, _ in filter(None, store.values(Attendance, "open"))}
    for code in codes | {*filter(None, store.values(Row, "checked_in"))}:
        move_people(store, code)


def _places(store: Store, room: Room) -> list[int | None]:
    last = store.group(Meeting, room.code, within=LAST_TWO)
    return [place for place in (None, *(each.id for each in last)) if place != room.meeting]


def _move(store: Store, room: Room, each: Attendance) -> None:
    if each.meeting is None:
        _carry(store, room, each)
        return
    meeting = store.get(Meeting, each.meeting)
    if meeting is None or meeting.ended_at is None:  # whatever it is, nobody is there any more
        store.save(each.ended(each.last_at, left=True))
        return
    if each.since_at is not None:
        _stay_online(store, each, meeting.ended_at)
    store.save(each.ended(meeting.active_at, left=True))


def _carry(store: Store, room: Room, each: Attendance) -> None:
    """Let somebody who is online be in the meeting that is going on, from its beginning."""
    meeting = None if room.meeting is None else store.get(Meeting, room.meeting)
    start = each.last_at if meeting is None else meeting.starts_at
    came = replace(each, first_at=start, since_at=start, last_at=start, seconds=0)
    store.save(replace(came, meeting=room.meeting))


def _stay_online(store: Store, each: Attendance, at: datetime) -> None:
    """Let somebody who is still connected be online without a meeting."""
    known = store.find(Attendance, "who_key", who_key_of(each.room, None, each.who))
    online = Attendance(0, each.room, each.who, each.name, at, at, since_at=at)
    if known is None:
        store.add(online)
    else:
        store.save(replace(online, id=known.id))


def _check_out(store: Store, room: Room, rows: list[int]) -> None:
    """Take the marks of an ended meeting from rows."""
    for row_id in rows:
        row = store.get(Row, row_id)
        if row is None or not row.checked_in:
            continue
        key = who_key_of(room.code, room.meeting, row.person)
        found = store.find(Attendance, "who_key", key)
        if room.meeting is None or found is None or not found.checked_in:
            store.save(replace(row, checked_in=False))
