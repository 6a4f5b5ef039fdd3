"""Rooms: making, changing and deleting them; and their guests."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from voting.acts import log_hosts
from voting.attendance import is_here
from voting.confusables import looks_of
from voting.faults import Fault, Invalid
from voting.log import append
from voting.model.accounts import Account
from voting.model.electorates import Admission, Electorate
from voting.model.log import LogEntry, LogKind
from voting.model.meetings import Meeting
from voting.model.polls import ONGOING, Poll
from voting.model.records import RecordName, RecordTree
from voting.model.rooms import Attendance, Bar, Guest, Message, Mute, Picture, RemovedRow, Room, Row
from voting.people import find_room
from voting.pictures import check_logo
from voting.refusals import NicknameTaken, WrongState
from voting.rest import Rest, in_parts, no_rest
from voting.store import Duplicate, Store, Within
from voting.text import LOBBY

HELD_SECONDS = 30
IN_ROOM: tuple[type[Any], ...] = (
    Bar,
    Mute,
    Row,
    RemovedRow,
    Guest,
    Attendance,
    LogEntry,
    Meeting,
    Message,
    Picture,
    Admission,
    Electorate,
    Poll,
)
LOGGED: dict[LogKind, tuple[str, ...]] = {
    "quorum_changed": ("quorum", "quorum_rule"),
    "room_changed": ("visibility", "guests", "guest_link", "trust_email", "hold_minutes"),
}
"""The settings that decide who may vote and who counts as present."""
OF_POLL: tuple[type[Any], ...] = (RecordName, RecordTree)
REMOVED_AT_ONCE = 100


def create_room(
    store: Store,
    fields: Mapping[str, Any],
    maker: Account,
    now: datetime,
    new_code: Callable[[], str],
) -> Room:
    """Make a room, with its maker as host; return once it is on disk."""
    with store.transaction():
        room = add_room(store, fields, new_code)
        row = Row(0, room.code, maker.name, role="host", account=maker.id, claimed=True)
        log_hosts(store, room, now, maker.person, added=[store.add(row).person])
        return room


def add_room(store: Store, fields: Mapping[str, Any], new_code: Callable[[], str]) -> Room:
    """Add a room under a code that no other has, in a transaction of the caller's."""
    while True:
        try:
            return store.add(Room(0, new_code(), **{"visibility": "public", **_frozen(fields)}))
        except Duplicate:
            continue


def change_room(
    store: Store, room: Room, fields: Mapping[str, Any], now: datetime, actor: str
) -> Room:
    """Change a room's settings; those that can decide an outcome are logged.

    Raises `Invalid` for a current poll that the room doesn't show, and a logo that it doesn't have.
    """
    check_logo(store, room.code, fields.get("logo"))
    shown = fields.get("current_poll")
    poll = None if shown is None else store.get(Poll, shown)
    if shown is not None and (poll is None or poll.room != room.code or poll.state == "draft"):
        raise Invalid(Fault("current_poll", "unknown_poll"))
    with store.transaction():
        changed = store.save(replace(room, **_frozen(fields)))
        _log_settings(store, room, changed, now, actor)
        return changed


def set_guest_key(store: Store, room: Room, key: str | None, now: datetime, actor: str) -> None:
    """Give a room's link for guests another key, or end the link: then guests may no longer be in a
    room for members. Return once it is on disk.
    """
    with store.transaction():
        kept = find_room(store, room.code)
        _log_settings(store, kept, store.save(replace(kept, guest_key=key)), now, actor)


def _log_settings(store: Store, before: Room, after: Room, now: datetime, actor: str) -> None:
    for kind, names in LOGGED.items():
        data = {name: getattr(after, name) for name in names}
        if data != {name: getattr(before, name) for name in names}:
            append(store, after.code, kind, actor, data, now)


def _frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with lists as tuples."""
    return {key: tuple(each) if isinstance(each, list) else each for key, each in fields.items()}


def end_screens(store: Store, room: Room) -> None:
    """End every token of a room's screens; return once that is on disk."""
    with store.transaction():
        kept = find_room(store, room.code)
        store.save(replace(kept, generation=kept.generation + 1))


def delete_room(
    store: Store,
    room: Room,
    rest: Rest = no_rest,
    clear: Callable[[Callable[[], None]], None] = lambda work: work(),
) -> None:
    """Delete a room with everything in it; return once that is on disk.

    The room is removed at once, and its contents in parts. `rest` is called in between to serve
    others. `clear` does what removes the contents. Raises `WrongState` while a poll is open.
    """
    with store.transaction():
        going = any(store.size(Poll, (room.code, state), "state") for state in ONGOING)
        if room.code == LOBBY or going:
            raise WrongState(state="open")
        store.remove(find_room(store, room.code))
        store.afterwards(partial(clear, partial(_clear_room, store, room.code, rest)))


def _clear_room(store: Store, code: str, rest: Rest) -> None:
    polls = [poll.id for poll in store.group(Poll, code)]
    for poll_id in polls:
        store.clear_poll(poll_id)
        for some in in_parts(store.iter_ballots(poll_id), REMOVED_AT_ONCE):
            with store.transaction():
                for ballot in some:
                    store.remove(ballot)
            rest()
    of_polls = [(kind, poll_id, "poll") for poll_id in polls for kind in OF_POLL]
    for kind, value, by in [*of_polls, *((kind, code, "room") for kind in IN_ROOM)]:
        while some := store.group(kind, value, by, Within(limit=-REMOVED_AT_ONCE)):
            with store.transaction():
                for each in some:
                    store.remove(each)
            rest()
    store.forget_poll_keys(polls)


def finish_deletions(store: Store) -> None:
    """Remove the contents of deleted rooms at the start, if a crash interrupted that."""
    codes = {code for kind in IN_ROOM for code in store.values(kind)}
    for code in codes:
        if store.find(Room, "code", code) is None:
            _clear_room(store, code, no_rest)


def rooms_of(store: Store, account: Account, within: Within, *, own: bool) -> list[Room]:
    """Return the rooms on whose roll an account is and, unless `own`, all public rooms."""
    bound = store.group(Row, account.id, "account")
    named = [row for row in store.group(Row, account.email_key, "email") if row.account is None]
    rooms = [(row, store.find(Room, "code", row.room)) for row in (*bound, *named)]
    mine = [room for row, room in rooms if room and (row.account is not None or room.trust_email)]
    if not own and account.administrator:
        mine = store.group(Room, True, "all", within)
    elif not own:
        mine += store.group(Room, "public", "visibility", within)
    found = {room.id: room for room in mine if room.id > within.after}
    return [found[room_id] for room_id in sorted(found)][: within.limit]


def add_guest(store: Store, room: Room, nickname: str, now: datetime) -> Guest:
    """Add a guest with a nickname. Raises `NicknameTaken`.

    A name is taken while somebody present or on the roll has it, or one that looks the same. A new
    guest's name is held for `HELD_SECONDS`.
    """
    with store.transaction():
        if any(_is_taken(store, room, look, now) for look in looks_of(nickname).items()):
            raise NicknameTaken
        return store.add(Guest(0, room.code, nickname, now))


def _is_taken(store: Store, room: Room, look: tuple[str, str], now: datetime) -> bool:
    group, skeleton = look
    named = room.code, skeleton
    here = store.group(Attendance, named, group)
    newest = store.group(Guest, named, group, Within(limit=-1))
    held = timedelta(seconds=HELD_SECONDS)
    return (
        store.size(Row, named, group) > 0
        or any(is_here(each, room, now) for each in here)
        or any(abs(now - guest.made_at) < held for guest in newest)
    )
