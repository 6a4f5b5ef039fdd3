"""A room's meetings over HTTP: beginning, naming and ending them, and their attendance."""

from collections.abc import Iterator
from functools import partial

from flask import Blueprint, Response, jsonify, request

from api.acting import Pending
from api.attended import Attended, attended, until
from api.jsons import iso
from api.minutes import Minutes, minutes_document, sheets_of
from api.operations import PAGED, Parameter, answers
from api.requests import read_body
from api.routes.entering import enter_room, enter_room_as_host
from api.routes.lists import Filter, Find, Listing, Page, Part, page
from api.services import services
from api.slices import Rests
from api.tables import CSV, XLSX, book_answer, csv_answer, xlsx_answer
from schemas.rooms import MEETING, ROLL_ROWS
from voting.meetings import begin_meeting, end_meeting, find_meeting, latest_meeting, name_meeting
from voting.model.meetings import Meeting
from voting.model.rooms import Attendance, Room
from voting.moving import is_moved, move_people
from voting.store import ALL

ATTENDANCE = tuple(Attended.__annotations__)
_STILL = "9999"
"""Sorts people who are connected after all who have left."""
ATTENDED = Listing(
    lambda attendance: (attendance.name,),
    {
        "name": lambda attendance: attendance.name,
        "first": lambda attendance: iso(attendance.first_at),
        "last": lambda each: iso(each.last_at) if each.since_at is None else _STILL,
    },
    {"connected": Filter(("0", "1"), lambda each: str(int(each.since_at is not None)))},
)
ANY_MEETING = Parameter(
    "meeting", {"enum": ["any"]}, "Of all meetings, and who was online between them."
)

meetings = Blueprint("meetings", __name__, url_prefix="/rooms/<code>")


@meetings.get("/meetings")
@answers(Page[Meeting], to="see", takes=PAGED)
def get_meetings(code: str) -> Response:
    """Return a room's meetings, the oldest first."""
    store, (room, _) = services().store, enter_room(code)
    return jsonify(page(lambda within: store.group(Meeting, room.code, within=within)))


@meetings.post("/meetings")
@answers({201: Meeting}, to="host", asks=MEETING, refuses="wrong_state")
def post_meeting(code: str) -> tuple[Response, int, dict[str, str]]:
    """Begin a meeting: whoever is online is present."""
    parts, (room, host) = services(), enter_room_as_host(code)
    title = read_body(MEETING).get("title")
    meeting = begin_meeting(parts.store, room, parts.clock(), title, actor=str(host.person))
    return jsonify(meeting), 201, {"Location": f"/rooms/{room.code}/meetings/{meeting.id}"}


@meetings.get("/meetings/<int:meeting_id>")
@answers(Meeting, to="see")
def get_meeting(code: str, meeting_id: int) -> Response:
    """Return a meeting."""
    store, (room, _) = services().store, enter_room(code)
    return jsonify(find_meeting(store, room, meeting_id))


@meetings.patch("/meetings/<int:meeting_id>")
@answers(Meeting, to="host", asks=MEETING)
def patch_meeting(code: str, meeting_id: int) -> Response:
    """Give a meeting another title."""
    store, (room, _) = services().store, enter_room_as_host(code)
    meeting = find_meeting(store, room, meeting_id)
    title = read_body(MEETING).get("title", meeting.title)
    return jsonify(name_meeting(store, room, meeting_id, title))


@meetings.post("/meetings/<int:meeting_id>/end")
@answers(Meeting, to="host", refuses="wrong_state")
def post_end(code: str, meeting_id: int) -> Response:
    """End a meeting: nobody is present any more."""
    parts, (room, host) = services(), enter_room_as_host(code)
    actor = str(host.person)
    if room.meeting == meeting_id and not is_moved(parts.store, room):  # it has just begun
        raise Pending(partial(move_people, parts.store, room.code, Rests()))
    if room.meeting == meeting_id:  # one that has ended costs nothing
        there = parts.store.size(Attendance, (room.code, meeting_id), "meeting")
        parts.roll_changes.take(actor, min(there, ROLL_ROWS))  # however many guests have come
    return jsonify(end_meeting(parts.store, room, meeting_id, parts.clock(), actor=actor))


@meetings.get("/meetings/<int:meeting_id>/attendance")
@answers(Part[Attended], to="host", takes=ATTENDED.takes)
def get_meeting_attendance(code: str, meeting_id: int) -> Response:
    """Return who was at a meeting, from when to when."""
    return _attendance_page(*_meeting(code, meeting_id))


@meetings.get("/meetings/<int:meeting_id>/minutes")
@answers(Minutes, to="see")
def get_minutes(code: str, meeting_id: int) -> Response:
    """Return a meeting's minutes, as far as one may see what is in them."""
    return jsonify(_minutes(code, meeting_id))


@meetings.get("/meetings/<int:meeting_id>/minutes.xlsx")
@answers(XLSX, to="see")
def get_minutes_xlsx(code: str, meeting_id: int) -> Response:
    """Return the same as a spreadsheet: the meeting, polls, results, quorum, attendance."""
    return book_answer(sheets_of(_minutes(code, meeting_id)))


def _minutes(code: str, meeting_id: int) -> Minutes:
    parts, (room, standing) = services(), enter_room(code)
    meeting = find_meeting(parts.store, room, meeting_id)
    return minutes_document(parts, room, standing, meeting)


@meetings.get("/attendance")
@answers(Part[Attended], to="host", takes=(*ATTENDED.takes, ANY_MEETING))
def get_attendance(code: str) -> Response:
    """Return who was at the latest meeting, from when to when."""
    room, meeting = _meeting(code)
    if request.args.get("meeting") != "any":
        return _attendance_page(room, meeting)
    store, now = services().store, services().clock()
    shown = page(lambda within: store.group(Attendance, room.code, within=within), ATTENDED)
    return jsonify(Part(items=[attended(each, now) for each in shown["items"]], next=shown["next"]))


@meetings.get("/attendance.csv")
@meetings.get("/meetings/<int:meeting_id>/attendance.csv")
@answers(CSV, to="host")
def get_attendance_csv(code: str, meeting_id: int | None = None) -> Response:
    """Return the same as a table."""
    return csv_answer(ATTENDANCE, _attendance_rows(*_meeting(code, meeting_id)))


@meetings.get("/attendance.xlsx")
@meetings.get("/meetings/<int:meeting_id>/attendance.xlsx")
@answers(XLSX, to="host")
def get_attendance_xlsx(code: str, meeting_id: int | None = None) -> Response:
    """Return the same as a spreadsheet."""
    return xlsx_answer(ATTENDANCE, _attendance_rows(*_meeting(code, meeting_id)))


def _meeting(code: str, meeting_id: int | None = None) -> tuple[Room, Meeting | None]:
    """Return a room to its host, and a meeting of it, the latest if none is named."""
    store, (room, _) = services().store, enter_room_as_host(code)
    if meeting_id is None:
        return room, latest_meeting(store, room)
    return room, find_meeting(store, room, meeting_id)


def _attendance_page(room: Room, meeting: Meeting | None) -> Response:
    shown, now = page(_of(room, meeting), ATTENDED), until(meeting, services().clock())
    items = [attended(each, now) for each in shown["items"]]
    return jsonify(Part(items=items, next=shown["next"]))


def _of(room: Room, meeting: Meeting | None) -> Find[Attendance]:
    """Return what finds a meeting's attendance; before the first meeting there is none."""
    store, of = services().store, (room.code, meeting and meeting.id)
    return lambda within: store.group(Attendance, of, "meeting", within) if meeting else []


def _attendance_rows(room: Room, meeting: Meeting | None) -> Iterator[list[object]]:
    now = until(meeting, services().clock())
    return ([*attended(each, now).values()] for each in _of(room, meeting)(ALL))
