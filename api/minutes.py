"""A meeting's minutes: who was there, the quorum as it went, and every poll with its results.

They show nobody more than they may see elsewhere: names to hosts alone, as attendance does, and
results as the results document does.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, TypedDict

from api.attended import Attended, attended, until
from api.jsons import iso
from api.services import Services
from api.tables import Rows
from voting.attendance import count_attended
from voting.chain import Head
from voting.log import head, time_text
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Attendance, QuorumCount, QuorumShare, Room
from voting.people import Standing
from voting.store import Store
from voting.tallies import Results
from voting.verdicts import QuorumRule

MEETING_COLUMNS = ("room", "name", "meeting", "title", "starts_at", "ended_at", "attended")
POLL_COLUMNS = ("poll", "title", "method", "state", "opened_at", "closed_at", "ballots", "eligible")
POLL_END_COLUMNS = ("required", "present", "verdict", "digest")
RESULT_COLUMNS = ("poll", "title", "candidate", "votes", "share", "elected")


class AttendanceMinutes(TypedDict):
    """How many of those who count were there at any time; `people` is null but for hosts."""

    attended: int
    people: list[Attended] | None


class QuorumMoment(TypedDict):
    """How many were present when a poll was opened or closed, and whether that met the quorum."""

    at: datetime
    poll: int
    moment: Literal["opened", "closed"]
    required: int | None
    present: int
    met: bool | None


class QuorumChange(TypedDict):
    """The quorum that a host has set during a meeting, and what happens if it is missed."""

    at: str
    quorum: QuorumCount | QuorumShare | None
    quorum_rule: QuorumRule


class PollMinutes(TypedDict):
    """A poll and what came of it, as far as the reader may see that."""

    poll: Poll
    results: Results


class Minutes(TypedDict):
    """What happened in a meeting, in order; of one that is going on, until now."""

    room: Room
    meeting: Meeting
    attendance: AttendanceMinutes
    quorum: list[QuorumMoment]
    quorum_changes: list[QuorumChange]
    polls: list[PollMinutes]
    log: Head
    server_time: datetime


def minutes_document(parts: Services, room: Room, standing: Standing, meeting: Meeting) -> Minutes:
    """Return a meeting's minutes as somebody may see them."""
    now, store = parts.clock(), parts.store
    there = store.group(Attendance, (room.code, meeting.id), "meeting")
    polls = sorted(store.group(Poll, meeting.id, "meeting"), key=_opened)
    return {
        "room": room,
        "meeting": meeting,
        "attendance": {
            "attended": count_attended(store, room, meeting.id),
            "people": [attended(each, until(meeting, now)) for each in there]
            if standing.host
            else None,
        },
        "quorum": sorted(
            (moment for poll in polls for moment in _moments(poll)), key=lambda each: each["at"]
        ),
        "quorum_changes": _quorum_changes(store, meeting, now),
        "polls": [
            {"poll": poll, "results": parts.results.document(poll.id, now, host=standing.host)}
            for poll in polls
        ],
        "log": head(store, room.code),
        "server_time": now,
    }


def _opened(poll: Poll) -> tuple[str, int]:
    return poll.opened_at.isoformat() if poll.opened_at else "", poll.id


def _quorum_changes(store: Store, meeting: Meeting, now: datetime) -> list[QuorumChange]:
    """Return how hosts have set the quorum during a meeting, from the room's log."""
    begin, end = time_text(meeting.starts_at), time_text(meeting.ended_at or now)
    logged = store.group(LogEntry, (meeting.room, "quorum_changed"), "kind")
    return [
        {"at": entry.at, "quorum": entry.data["quorum"], "quorum_rule": entry.data["quorum_rule"]}
        for entry in logged
        if begin <= entry.at <= end
    ]


def _moments(poll: Poll) -> list[QuorumMoment]:
    """Return what is known of the quorum at a poll's opening, and at its close."""
    quorum, moments = poll.quorum, list[QuorumMoment]()
    known: list[tuple[Literal["opened", "closed"], datetime | None, int | None]] = [
        ("opened", poll.opened_at, quorum.present_at_open),
        ("closed", poll.closed_at, quorum.present_at_close),
    ]
    for moment, at, present in known:
        if at is not None and present is not None:
            met = None if quorum.required is None else present >= quorum.required
            moments.append(
                {
                    "at": at,
                    "poll": poll.id,
                    "moment": moment,
                    "required": quorum.required,
                    "present": present,
                    "met": met,
                }
            )
    return moments


def sheets_of(minutes: Minutes) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Return the sheets of a spreadsheet by name, each with its header; `attendance` for hosts."""
    room, meeting = minutes["room"], minutes["meeting"]
    times = [iso(meeting.starts_at), meeting.ended_at and iso(meeting.ended_at)]
    facts = [room.code, room.name, meeting.number, meeting.title, *times]
    quorum = ([*(each | {"at": iso(each["at"])}).values()] for each in minutes["quorum"])
    sheets: dict[str, tuple[tuple[str, ...], Rows]] = {
        "meeting": (MEETING_COLUMNS, [[*facts, minutes["attendance"]["attended"]]]),
        "polls": ((*POLL_COLUMNS, *POLL_END_COLUMNS), _poll_rows(minutes)),
        "results": (RESULT_COLUMNS, _result_rows(minutes)),
        "quorum": (tuple(QuorumMoment.__annotations__), quorum),
    }
    people = minutes["attendance"]["people"]
    if people is not None:
        header = tuple(Attended.__annotations__)
        sheets["attendance"] = (header, ([*each.values()] for each in people))
    return sheets


def _poll_rows(minutes: Minutes) -> Iterator[list[Any]]:
    for each in minutes["polls"]:
        poll, results = each["poll"], each["results"]
        times = [time and iso(time) for time in (poll.opened_at, poll.closed_at)]
        facts = [poll.id, poll.title, poll.method, poll.state, *times]
        end = [poll.quorum.required, poll.quorum.present, results["verdict"], results["digest"]]
        yield [*facts, results["ballots"], results["eligible"], *end]


def _result_rows(minutes: Minutes) -> Iterator[list[Any]]:
    for each in minutes["polls"]:
        poll, results = each["poll"], each["results"]
        for row in results["tally"] or ():
            elected = row["candidate"] in (results["winners"] or ())
            counted = [row["name"], row["votes"], row["share"], int(elected)]
            yield [poll.id, poll.title, *counted]
