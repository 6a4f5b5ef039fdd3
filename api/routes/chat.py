"""The chat over HTTP: reading it, and what hosts do to keep order in it."""

from datetime import datetime
from typing import TypedDict

from flask import Blueprint, Response, jsonify

from api.operations import BEFORE, LIMITED, PAGED, answers
from api.requests import asker
from api.routes.entering import enter_room_as_host, enter_room_as_member
from api.routes.lists import Page, newest, page
from api.services import services
from voting.chat import ChatMessage, message_document, remove_message
from voting.model.rooms import Message, Mute, Room
from voting.muting import end_mute, is_over, mute_person
from voting.people import name_of

chat = Blueprint("chat", __name__, url_prefix="/rooms/<code>")


class Messages(TypedDict):
    """A part of the chat, newest last."""

    items: list[ChatMessage]


class MutedPerson(TypedDict):
    """Somebody who is muted in a room, and what they are called there. `ends_at` is null if only a
    host ends it.
    """

    person: str
    name: str
    muted_at: datetime
    ends_at: datetime | None


@chat.get("/messages")
@answers(Messages, to="member", takes=(LIMITED, BEFORE))
def get_messages(code: str) -> Response:
    """Return the chat, newest last."""
    store, (room, _) = services().store, enter_room_as_member(code)
    messages = store.group(Message, (room.code, True), "shown", newest())
    return jsonify(Messages(items=[message_document(each) for each in messages]))


@chat.delete("/messages/<int:message_id>")
@answers(None, to="host")
def delete_message(code: str, message_id: int) -> tuple[str, int]:
    """Remove a line of the chat; nobody is shown it any more."""
    parts, (room, _) = services(), enter_room_as_host(code)
    remove_message(parts.store, room, message_id, parts.clock(), asker())
    return "", 204


@chat.get("/muted")
@answers(Page[MutedPerson], to="host", takes=PAGED)
def get_muted(code: str) -> Response:
    """Return who is muted."""
    parts, (room, _) = services(), enter_room_as_host(code)
    part = page(lambda within: parts.store.group(Mute, room.code, "room", within))
    now = parts.clock()
    items = [_muted(room, each) for each in part["items"] if not is_over(each, now)]
    return jsonify({**part, "items": items})


@chat.put("/muted/<person>")
@answers(MutedPerson, to="host", refuses="wrong_state")
def put_muted(code: str, person: str) -> Response:
    """Mute somebody in the chat, for as long as the room's `mute_minutes` say."""
    parts, (room, _) = services(), enter_room_as_host(code)
    return jsonify(_muted(room, mute_person(parts.store, room, person, parts.clock())))


@chat.delete("/muted/<person>")
@answers(None, to="host")
def delete_muted(code: str, person: str) -> tuple[str, int]:
    """Let somebody write again."""
    store, (room, _) = services().store, enter_room_as_host(code)
    end_mute(store, room, person)
    return "", 204


def _muted(room: Room, mute: Mute) -> MutedPerson:
    return {
        "person": mute.person,
        "name": name_of(services().store, room, mute.person),
        "muted_at": mute.muted_at,
        "ends_at": mute.ends_at,
    }
