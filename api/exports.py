"""A room with all that it holds, and all that is held of one person, each as one file.

Both are read and written in parts, so that a large room keeps nobody waiting. A change that comes
meanwhile may be in one part and not in another.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict

from api.accounts import User, user_document
from api.attended import Attended, attended
from api.jsons import dumps
from api.services import Services
from api.slices import Piece, Rests, cut
from voting.casting import find_ballot
from voting.chain import Head
from voting.chat import KeptMessage, kept_message
from voting.electorate import members_of
from voting.log import each_entry, head
from voting.model.accounts import Account
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import ONGOING, Poll
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
from voting.people import Holder, Standing, find_room, standing_in
from voting.record import Record, RecordBallot, ballot_document
from voting.record_v1 import RecordV1
from voting.store import Store, read_group
from voting.tallies import Results

CHUNK_BYTES = 65_536
"""How much is written in one turn."""


class AttendedMeeting(Attended):
    """Somebody's attendance of a meeting, or between meetings."""

    room: str
    meeting: int | None


class PollExport(TypedDict):
    """A poll with all that its host may see of it. `results` are null of a draft, `electorate` of a
    poll that is not for the roll, `record` before the close.
    """

    poll: Poll
    results: Results | None
    electorate: list[tuple[int, int]] | None
    record: Record | RecordV1 | None


class RoomExport(TypedDict):
    """Everything that a room holds; `removed` are members who were removed from its roll."""

    exported_at: datetime
    room: Room
    head: Head
    roll: list[Row]
    removed: list[Row]
    guests: list[Guest]
    bars: list[Bar]
    mutes: list[Mute]
    meetings: list[Meeting]
    attendance: list[AttendedMeeting]
    messages: list[KeptMessage]
    pictures: list[Picture]
    polls: list[PollExport]
    log: list[LogEntry]


class OwnRow(TypedDict):
    """A person's place on the roll of a room."""

    room: str
    row: Row


class LinkedBallot(TypedDict):
    """A ballot of somebody that is still linked to them. `ballot` is as in the poll's record."""

    room: str
    poll: int
    title: str
    ballot: RecordBallot


class PersonExport(TypedDict):
    """All that is held of a person. A secret poll's ballot is linked to nobody once that has ended,
    and what it holds is not shown before, so it is in no export.
    """

    exported_at: datetime
    person: str
    account: User | None
    signed_in_on: str | None
    guest: Guest | None
    rows: list[OwnRow]
    attendance: list[AttendedMeeting]
    messages: list[KeptMessage]
    ballots: list[LinkedBallot]


def export_room(parts: Services, room: Room, host: Standing) -> Iterator[bytes]:
    """Yield a room's export for one of its hosts.

    Raises `NotFound` if the room is deleted meanwhile, so that a part doesn't pass for the whole.
    """
    return _in_turns(parts, _room_pieces(parts, room, str(host.person)), str(host.person))


def export_person(parts: Services, holder: Holder) -> Iterator[bytes]:
    """Yield the export of a person."""
    return _in_turns(parts, _person_pieces(parts, holder), holder.person)


def _in_turns(parts: Services, pieces: Iterator[Piece], person: str) -> Iterator[bytes]:
    """Yield pieces joined to chunks, each made in a person's turn: a slow reader holds no turn."""
    while chunk := _next_chunk(parts, pieces, person):
        yield chunk


def _next_chunk(parts: Services, pieces: Iterator[Piece], person: str) -> bytes:
    """Return the next chunk once all that it contains is on the disk."""
    chunk, rest = bytearray(), Rests()
    with parts.long_reads.turn_of(person):
        for piece in pieces:
            chunk += piece
            if len(chunk) >= CHUNK_BYTES:
                break
            rest()
    with parts.store.transaction():
        return bytes(chunk)


def _room_pieces(parts: Services, room: Room, person: str) -> Iterator[Piece]:
    store, now, code = parts.store, parts.clock(), room.code
    present = head(store, code)
    yield f'{{"exported_at":{dumps(now)},"room":{dumps(room)},"head":{dumps(present)}'.encode()
    yield from _list("roll", read_group(store, Row, code))
    removed = read_group(store, RemovedRow, code)
    yield from _list("removed", (Row(**each.kept) for each in removed))
    yield from _list("guests", read_group(store, Guest, code))
    yield from _list("bars", read_group(store, Bar, code))
    yield from _list("mutes", read_group(store, Mute, code))
    yield from _list("meetings", read_group(store, Meeting, code))
    attended_by = read_group(store, Attendance, code)
    yield from _list("attendance", (_attended_meeting(each, now) for each in attended_by))
    yield from _list("messages", map(kept_message, read_group(store, Message, code)))
    yield from _list("pictures", read_group(store, Picture, code))
    yield b',"polls":['
    lead = b""
    for poll in read_group(store, Poll, code):
        tally = parts.tallies.of(poll.id)
        if tally is not None:  # else it isn't on the disk yet
            yield lead
            yield from _poll_pieces(parts, tally.poll, person)
            lead = b","
    yield b"]"
    yield from _list("log", each_entry(store, code, present["n"]))
    find_room(store, code)
    yield b"}\n"


def _poll_pieces(parts: Services, poll: Poll, person: str) -> Iterator[Piece]:
    draft = poll.state == "draft"
    results = None if draft else parts.results.document(poll.id, parts.clock(), host=True)
    members = None if poll.electorate is None else [*members_of(parts.store, poll)]
    yield f'{{"poll":{dumps(poll)},"results":{dumps(results)}'.encode()
    yield f',"electorate":{dumps(members)},"record":'.encode()
    if poll.state == "closed":
        yield from cut(parts.records.record(poll, person))
        yield from cut(parts.records.names(poll, person, named=poll.secrecy == "named")[0])
        yield b"}"
    else:
        yield b"null}"


def _person_pieces(parts: Services, holder: Holder) -> Iterator[bytes]:
    store, now = parts.store, parts.clock()
    account = user_document(holder) if isinstance(holder, Account) else None
    guest = holder if isinstance(holder, Guest) else None
    signed_in_on = holder.signed_in_on if isinstance(holder, Account) else None
    yield f'{{"exported_at":{dumps(now)},"person":{dumps(holder.person)}'.encode()
    yield f',"account":{dumps(account)},"signed_in_on":{dumps(signed_in_on)}'.encode()
    yield f',"guest":{dumps(guest)}'.encode()
    rows = _rows_of(store, holder)
    persons = dict.fromkeys([holder.person, *(row.person for row in rows)])
    yield from _list("rows", ({"room": row.room, "row": row} for row in rows))
    found = [each for who in persons for each in store.group(Attendance, who, "who")]
    yield from _list("attendance", (_attended_meeting(each, now) for each in found))
    written = (each for who in persons for each in read_group(store, Message, who, "author"))
    yield from _list("messages", map(kept_message, written))
    rooms = dict.fromkeys([*(row.room for row in rows), *(each.room for each in found)])
    polls = _named_polls(store, persons, rooms)
    yield from _list("ballots", _own_ballots(store, holder, rows, polls))
    yield b"}\n"


def _rows_of(store: Store, holder: Holder) -> list[Row]:
    """Return the rows of a person, also those that were removed since."""
    if isinstance(holder, Row):
        return [holder]
    if not isinstance(holder, Account):
        return []
    removed = store.group(RemovedRow, holder.id, "account")
    return [*store.group(Row, holder.id, "account"), *(Row(**each.kept) for each in removed)]


def _own_ballots(
    store: Store, holder: Holder, rows: Iterable[Row], polls: Iterable[Poll]
) -> Iterator[LinkedBallot]:
    """Yield a person's ballots in named polls."""
    for poll in polls:
        room = find_room(store, poll.room)
        own = [Standing(holder, row, row.role) for row in rows if row.room == room.code]
        for standing in [*own, standing_in(store, room, holder)]:
            ballot = find_ballot(store, poll, standing)
            if ballot is not None:
                document = ballot_document(poll.method, ballot.receipt, ballot.marks)
                yield {"room": room.code, "poll": poll.id, "title": poll.title, "ballot": document}
                break


def _named_polls(store: Store, persons: Iterable[str], rooms: Iterable[str]) -> Iterator[Poll]:
    """Yield the named polls in whose records somebody is, and those that go on in some rooms."""
    recorded = (each.poll for who in persons for each in store.group(RecordName, who, "person"))
    for poll_id in dict.fromkeys(recorded):
        poll = store.get(Poll, poll_id)
        if poll is not None:
            yield poll
    for code in rooms:
        for state in ONGOING:
            going = store.group(Poll, (code, state), "state")
            yield from (poll for poll in going if poll.secrecy == "named")


def _attended_meeting(each: Attendance, now: datetime) -> AttendedMeeting:
    return {"room": each.room, "meeting": each.meeting, **attended(each, now)}


def _list(name: str, items: Iterable[Any]) -> Iterator[bytes]:
    """Yield a document's member that is a list, item by item."""
    yield f',"{name}":['.encode()
    for number, item in enumerate(items):
        yield f"{',' if number else ''}{dumps(item)}".encode()
    yield b"]"
