"""A room's chat: lines are stored once, and shown as they were sent."""

from datetime import datetime
from typing import TypedDict

from voting.model.rooms import Message, Move, Room, sent_key_of
from voting.people import Standing
from voting.refusals import Forbidden, IdempotencyMismatch
from voting.store import Store


def find_sent(
    store: Store, room: Room, standing: Standing, text: str, key: str | None
) -> Message | None:
    """Return the line that somebody sent before with this key; None if the line is new.

    Raises `IdempotencyMismatch` if that line has another text.
    """
    sent_key = key and sent_key_of(room.code, str(standing.person), key)
    kept = store.find(Message, "sent_key", sent_key) if sent_key else None
    if kept is not None and kept.text != text:
        raise IdempotencyMismatch
    return kept


def send_message(
    store: Store,
    room: Room,
    standing: Standing,
    text: str,
    now: datetime,
    *,
    key: str | None = None,
) -> Message:
    """Store a line of a room's chat; return once it is on disk. Raises `Forbidden` for
    strangers.
    """
    if not standing.member:
        raise Forbidden
    with store.transaction():
        message = Message(0, room.code, str(standing.person), standing.name, text, now, key=key)
        return store.add(message)


class Author(TypedDict):
    """The author of a line, and their name at that time."""

    id: str
    name: str


class SystemMessage(TypedDict):
    """A line of the room itself, which clients word."""

    code: Move
    name: str
    online: int


class ChatMessage(TypedDict):
    """One line of a room's chat."""

    id: int
    room: str
    author: Author
    text: str
    sent_at: datetime
    system: SystemMessage | None


def message_document(message: Message) -> ChatMessage:
    """Return a line of chat as clients read it."""
    system: SystemMessage | None = None
    if message.move is not None:
        system = {"code": message.move, "name": message.name, "online": message.online or 0}
    return {
        "id": message.id,
        "room": message.room,
        "author": {"id": message.author, "name": message.name},
        "text": message.text,
        "sent_at": message.sent_at,
        "system": system,
    }
