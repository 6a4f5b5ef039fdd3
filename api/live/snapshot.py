"""What a client that joins a room is sent."""

import json
from collections import Counter
from datetime import datetime
from typing import Any, TypedDict

from api.chances import You, you_document
from api.jsons import dumps
from api.live.watching import HOSTS, MEMBERS, OUTSIDERS, audience_of
from api.presence import PresenceDocument
from api.services import Services
from voting.chain import Head
from voting.chat import ChatMessage, message_document
from voting.log import head
from voting.meetings import current_meeting
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Message, Room
from voting.people import Standing
from voting.recent_polls import recent_polls
from voting.store import Step, Store, Within
from voting.tallies import Results

HISTORY = 50


class Snapshot(TypedDict):
    """What the client sees of a room: as it is now, with its recent polls and messages.

    `polls_next` is the cursor of its earlier polls, newest first; null if there are none.
    `messages_removed` is how many messages hosts have removed: if it has grown by more than the
    client was sent, an earlier message that it shows may be gone.
    """

    server_time: datetime
    you: You
    room: Room
    meeting: Meeting | None
    presence: PresenceDocument
    polls: list[Poll]
    polls_next: int | None
    results: dict[str, Results]
    messages: list[ChatMessage]
    messages_removed: int
    log: Head


class View(TypedDict):
    """A snapshot's shared members, ready for JSON."""

    room: Any
    meeting: Any
    polls: list[Any]
    polls_next: Any
    messages: list[Any]
    messages_removed: int
    log: Any


class Views:
    """The part of a snapshot that all clients share: the room, its meeting, recent polls and
    last messages.

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
        polls, following = recent_polls(self._store, room, drafts=standing.host)
        messages = self._last_messages(room) if standing.member else []
        return {
            "room": room,
            "meeting": current_meeting(self._store, room),
            "polls": polls,
            "polls_next": following,
            "messages": [message_document(each) for each in messages],
            "messages_removed": self._count_removed(room) if standing.member else 0,
            "log": head(self._store, room.code),
        }

    def _last_messages(self, room: Room) -> list[Message]:
        shown = (room.code, True)
        return self._store.group(Message, shown, "shown", Within(limit=-HISTORY))

    def _count_removed(self, room: Room) -> int:
        return self._store.size(Message, (room.code, False), "shown")

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
    """Return what a standing may see of a room."""
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
