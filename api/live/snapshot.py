"""What a client that joins a room is sent, and ballots that come over sockets."""

import json
from collections import Counter
from datetime import datetime
from typing import Any, TypedDict

from api.ballots import CastDocument, cast_in_transaction, parse_key
from api.jsons import dumps
from api.live.watching import HOSTS, MEMBERS, OUTSIDERS, audience_of
from api.presence import PresenceDocument
from api.problems import code_of
from api.services import Services
from voting.barring import refuse_barred
from voting.casting import Casting, Vote, check_open, check_presence, find_ballot
from voting.chain import Head
from voting.electorate import refuse_outsiders
from voting.log import head
from voting.meetings import current_meeting
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Message, Part, Room
from voting.people import Holder, Standing, voter_of
from voting.record import read_marks
from voting.refusals import AlreadyVoted, Refusal, Unauthenticated
from voting.rooms import ChatMessage, message_document
from voting.store import Step, Store, Within
from voting.tallies import Results

HISTORY = 50


class Chance(TypedDict):
    """Whether the client has voted in a poll, and whether it can. `reason` is the
    refusal's code.
    """

    voted: bool
    can_vote: bool
    reason: str | None


class You(TypedDict):
    """The client's person, row of the roll and role in a room, and what it may do in its polls, by
    id. `row` is null for people who are not on the roll.
    """

    person: str | None
    row: int | None
    role: Part
    polls: dict[str, Chance]


class Snapshot(TypedDict):
    """Everything that the client sees of a room."""

    server_time: datetime
    you: You
    room: Room
    meeting: Meeting | None
    presence: PresenceDocument
    polls: list[Poll]
    results: dict[str, Results]
    messages: list[ChatMessage]
    log: Head


class View(TypedDict):
    """A snapshot's shared members, ready for JSON."""

    room: Any
    meeting: Any
    polls: list[Any]
    messages: list[Any]
    log: Any


class Views:
    """The part of a snapshot that all clients share: the room, its meeting, polls and last
    messages.

    It is ready for JSON, and cached until it changes, so that a returning crowd joins at once.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[str, str], View] = {}
        self._changes = Counter[str]()
        store.subscribe(self._forget_changed, Room, Meeting, Poll, Message, LogEntry, past=False)

    def of(self, room: Room, standing: Standing) -> View:
        """Return a room's view for hosts, other members or outsiders."""
        key = room.code, audience_of(standing)
        view = self._kept.get(key)
        if view is None:
            changes = self._changes[room.code]
            with self._store.transaction():  # left, all that it has read is durable
                view = json.loads(dumps(self._make(room, standing)))
            if self._changes[room.code] == changes:  # or it is of before what came meanwhile
                self._kept[key] = view
        return view

    def _make(self, room: Room, standing: Standing) -> View:
        polls = self._store.group(Poll, room.code)
        messages = self._last_messages(room) if standing.member else []
        return {
            "room": room,
            "meeting": current_meeting(self._store, room),
            "polls": [poll for poll in polls if standing.host or poll.state != "draft"],
            "messages": [message_document(each) for each in messages],
            "log": head(self._store, room.code),
        }

    def _last_messages(self, room: Room) -> list[Message]:
        return self._store.group(Message, room.code, within=Within(limit=-HISTORY))

    def _forget_changed(self, steps: list[Step]) -> None:
        for before, after in steps:
            match after or before:
                case (
                    Room(code=code)
                    | Meeting(room=code)
                    | Poll(room=code)
                    | Message(room=code)
                    | LogEntry(room=code)
                ):
                    self._changes[code] += 1
                    for audience in (HOSTS, MEMBERS, OUTSIDERS):
                        self._kept.pop((code, audience), None)


def join_snapshot(parts: Services, views: Views, room: Room, standing: Standing) -> Snapshot:
    """Return everything that a standing may see of a room."""
    now, view = parts.clock(), views.of(room, standing)
    opened = [poll["id"] for poll in view["polls"] if poll["state"] != "draft"]
    return {
        **view,
        "server_time": now,
        "you": you_document(parts, room, standing),
        "presence": parts.presence.snapshot(room, standing),
        "results": {
            str(poll_id): parts.results.document(poll_id, now, host=standing.host)
            for poll_id in opened
        },
    }


def you_document(parts: Services, room: Room, standing: Standing) -> You:
    """Return a person's role in a room, and what they may do in each poll except drafts."""
    polls = parts.store.group(Poll, room.code)
    return {
        "person": standing.person,
        "row": None if standing.row is None else standing.row.id,
        "role": standing.role,
        "polls": {
            str(poll.id): _chances(parts, poll, room, standing)
            for poll in polls
            if poll.state != "draft"
        },
    }


def cast_from_socket(
    parts: Services, casting: Casting, holder: Holder | None, fields: dict[str, Any]
) -> CastDocument:
    """Cast a ballot as `PUT /polls/{id}/ballot` does; return the same document."""
    if holder is None:
        raise Unauthenticated

    def read_vote() -> Vote:
        key = parse_key(fields["key"], "key") if "key" in fields else None
        return Vote(read_marks(fields), key)

    return cast_in_transaction(parts, casting, fields["poll"], holder, read_vote)[0]


def _chances(parts: Services, poll: Poll, room: Room, standing: Standing) -> Chance:
    """Return whether a person has voted in each poll, and whether they can. `reason` is the
    refusal's code.
    """
    voted = standing.holder is not None and find_ballot(parts.store, poll, standing) is not None
    try:
        if standing.holder is None:
            raise Unauthenticated
        voter_of(poll, standing)
        refuse_outsiders(parts.store, poll, standing)
        refuse_barred(parts.store, poll, standing)
        check_open(poll, parts.clock())
        check_presence(parts.store, poll, room, standing, parts.clock())
        if voted and not poll.allow_change:
            raise AlreadyVoted
    except Refusal as refusal:
        return {"voted": voted, "can_vote": False, "reason": code_of(refusal)}
    return {"voted": voted, "can_vote": True, "reason": None}
