"""A meeting's minutes as the sheets of a spreadsheet; the columns are the members of the JSON."""

from collections.abc import Iterator
from typing import Any

from api.attended import Attended
from api.jsons import iso
from api.minutes import Minutes
from api.tables import Rows

MEETING = ("room", "name", "meeting", "title", "starts_at", "ended_at", "attended")
POLLS = ("poll", "title", "method", "state", "opened_at", "closed_at", "ballots", "eligible")
POLLS_END = ("required", "present", "verdict", "digest")
RESULTS = ("poll", "title", "candidate", "votes", "share", "elected")
QUORUM = ("at", "poll", "moment", "required", "present", "met")


def sheets_of(minutes: Minutes) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Return the sheets of minutes by name, each with its header. `attendance` is for hosts."""
    room, meeting = minutes["room"], minutes["meeting"]
    times = [iso(meeting.starts_at), meeting.ended_at and iso(meeting.ended_at)]
    facts = [room.code, room.name, meeting.number, meeting.title, *times]
    sheets: dict[str, tuple[tuple[str, ...], Rows]] = {
        "meeting": (MEETING, [[*facts, minutes["attendance"]["attended"]]]),
        "polls": ((*POLLS, *POLLS_END), _poll_rows(minutes)),
        "results": (RESULTS, _result_rows(minutes)),
        "quorum": (
            QUORUM,
            ([iso(each["at"]), *[*each.values()][1:]] for each in minutes["quorum"]),
        ),
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
