"""The chat of a room: sending lines, and removing them."""

from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from voting.model.rooms import Message, Move, Part, Room, sent_key_of
from voting.muting import refuse_muted
from voting.people import Standing
from voting.refusals import Forbidden, IdempotencyMismatch, NotFound
from voting.store import Store


def find_sent(
    store: Store, room: Room, standing: Standing, text: str, key: str | None
) -> Message | None:
    """Return the line that somebody sent before with this key, also one that was removed since;
    None if the line is new.

    Raises `IdempotencyMismatch` if that line has another text.
    """
    sent_key = key and sent_key_of(room.code, str(standing.person), key)
    kept = store.find(Message, "sent_key", sent_key) if sent_key else None
    if kept is not None and kept.removed_at is None and kept.text != text:
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
    strangers, `Muted` for people whom a host has muted.
    """
    if not standing.member:
        raise Forbidden
    with store.transaction():
        refuse_muted(store, room, standing, now)
        author, role = str(standing.person), standing.role
        return store.add(
            Message(0, room.code, author, standing.name, text, now, key=key, role=role)
        )


def remove_message(store: Store, room: Room, message_id: int, now: datetime, actor: str) -> None:
    """Remove a line of a room's chat; return once that is on disk. Of the line stays who wrote it
    and when, and who removed it. Nothing changes if it is removed already.

    Raises `NotFound`.
    """
    with store.transaction():
        message = store.get(Message, message_id)
        if message is None or message.room != room.code:
            raise NotFound
        if message.removed_at is None:
            store.save(replace(message, text="", removed_at=now, removed_by=actor))


class Author(TypedDict):
    """The author of a line, and their name and role at that time; null in a line of an earlier
    version, and in one of the room itself.
    """

    id: str
    name: str
    role: Part | None


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
        "author": {"id": message.author, "name": message.name, "role": message.role},
        "text": message.text,
        "sent_at": message.sent_at,
        "system": system,
    }


class KeptMessage(ChatMessage):
    """A line of a chat as an export has it: also one that was removed, without its text."""

    removed_at: datetime | None
    removed_by: str | None


def kept_message(message: Message) -> KeptMessage:
    """Return a line of chat as an export has it."""
    removed_at, removed_by = message.removed_at, message.removed_by
    return {**message_document(message), "removed_at": removed_at, "removed_by": removed_by}
