"""A room with all that it holds as one file, and how such files are written.

They are read and written in parts, so that a large room keeps nobody waiting. A change that comes
meanwhile may be in one part and not in another.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict

from api.attended import Attended, attended
from api.jsons import dumps
from api.services import Services
from api.slices import Piece, Rests, cut
from voting.chain import Head
from voting.chat import KeptMessage, kept_message
from voting.electorate import members_of
from voting.log import each_entry, head
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Attendance, Bar, Guest, Message, Mute, Picture, RemovedRow, Room, Row
from voting.people import Standing, find_room
from voting.record import Record
from voting.record_v1 import RecordV1
from voting.store import read_group
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


def export_room(parts: Services, room: Room, host: Standing) -> Iterator[bytes]:
    """Yield a room's export for one of its hosts.

    Raises `NotFound` if the room is deleted meanwhile, so that a part doesn't pass for the whole.
    """
    return in_turns(parts, _room_pieces(parts, room, str(host.person)), str(host.person))


def in_turns(parts: Services, pieces: Iterator[Piece], person: str) -> Iterator[bytes]:
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
    yield dumps({"exported_at": now, "room": room, "head": present})[:-1].encode()
    yield from list_pieces("roll", read_group(store, Row, code))
    removed = read_group(store, RemovedRow, code)
    yield from list_pieces("removed", (Row(**each.kept) for each in removed))
    yield from list_pieces("guests", read_group(store, Guest, code))
    yield from list_pieces("bars", read_group(store, Bar, code))
    yield from list_pieces("mutes", read_group(store, Mute, code))
    yield from list_pieces("meetings", read_group(store, Meeting, code))
    attended_by = read_group(store, Attendance, code)
    yield from list_pieces("attendance", (attended_meeting(each, now) for each in attended_by))
    yield from list_pieces("messages", map(kept_message, read_group(store, Message, code)))
    yield from list_pieces("pictures", read_group(store, Picture, code))
    yield b',"polls":['
    lead = b""
    for poll in read_group(store, Poll, code):
        tally = parts.tallies.of(poll.id)
        if tally is not None:  # else it isn't on the disk yet
            yield lead
            yield from _poll_pieces(parts, tally.poll, person)
            lead = b","
    yield b"]"
    yield from list_pieces("log", each_entry(store, code, present["n"]))
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


def attended_meeting(each: Attendance, now: datetime) -> AttendedMeeting:
    """Return the document of an attendance, until now while they are connected."""
    return {"room": each.room, "meeting": each.meeting, **attended(each, now)}


def list_pieces(name: str, items: Iterable[Any]) -> Iterator[bytes]:
    """Yield a document's member that is a list, item by item."""
    yield f',"{name}":['.encode()
    for number, item in enumerate(items):
        yield f"{',' if number else ''}{dumps(item)}".encode()
    yield b"]"
