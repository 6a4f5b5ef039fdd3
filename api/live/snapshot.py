"""What one who joins a room is shown, and a ballot that comes by socket."""

from typing import Any

from api.polls import cast, parse_key
from api.problems import code_of
from api.services import Services
from schemas.ballots import read_marks
from schemas.polls import Poll
from schemas.refusals import AlreadyVoted, Refusal, Unauthenticated
from schemas.rooms import Message, Room
from voting.casting import Vote, check_open, check_presence, find_ballot
from voting.people import Holder, Standing, voter_of
from voting.rooms import message_document

HISTORY = 50


def join_snapshot(parts: Services, room: Room, standing: Standing) -> dict[str, Any]:
    """Return all of a room as somebody sees it."""
    now = parts.clock()
    polls = [
        poll
        for poll in parts.store.group(Poll, room.code)
        if standing.host or poll.state != "draft"
    ]
    opened = [poll for poll in polls if poll.state != "draft"]
    return {
        "server_time": now,
        "you": you_document(parts, room, standing),
        "room": room,
        "presence": parts.presence.snapshot(room, standing),
        "polls": polls,
        "results": {
            str(poll.id): parts.results.document(poll.id, now, host=standing.host)
            for poll in opened
        },
        "messages": [
            message_document(each)
            for each in parts.store.group(Message, room.code)[-HISTORY:]
            if standing.member
        ],
    }


def you_document(parts: Services, room: Room, standing: Standing) -> dict[str, Any]:
    """Return who somebody is in a room, and what they may do in each poll but drafts."""
    polls = parts.store.group(Poll, room.code)
    return {
        "person": standing.person,
        "role": standing.role,
        "polls": {
            str(poll.id): _chances(parts, poll, room, standing)
            for poll in polls
            if poll.state != "draft"
        },
    }


def cast_from_socket(
    parts: Services, holder: Holder | None, fields: dict[str, Any]
) -> dict[str, Any]:
    """Cast a ballot as `PUT /polls/{id}/ballot` does; return the same answer."""
    if holder is None:
        raise Unauthenticated
    key = parse_key(fields["key"], "key") if "key" in fields else None
    return cast(parts, fields["poll"], holder, Vote(read_marks(fields), key))[0]


def _chances(parts: Services, poll: Poll, room: Room, standing: Standing) -> dict[str, Any]:
    """Return whether one has voted, and whether one can: `reason` is the refusal's code."""
    voted = standing.holder is not None and find_ballot(parts.store, poll, standing) is not None
    try:
        if standing.holder is None:
            raise Unauthenticated
        voter_of(poll, standing)
        check_open(poll, parts.clock())
        check_presence(parts.store, poll, room, standing, parts.clock())
        if voted and not poll.allow_change:
            raise AlreadyVoted
    except Refusal as refusal:
        return {"voted": voted, "can_vote": False, "reason": code_of(refusal)}
    return {"voted": voted, "can_vote": True, "reason": None}
