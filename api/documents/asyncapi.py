"""The AsyncAPI 3.0 document of all Socket.IO events, in both directions, made from these tables."""

from typing import Any, NamedTuple

from api.ballots import CastDocument
from api.documents.json_schema import Components, Json
from api.documents.openapi import EXAMPLES, VERSION, example_of, new_components, with_examples
from api.legacy.dialect import MESSAGE, Line, PingDocument
from api.live.checking import Report, Sample
from api.live.events import Sent
from api.live.live import ConnectError, Credentials, ServerStopping, SessionEnded
from api.live.notifier import ChatRemoved, LogGrown, RoomDeleted, YouChanged
from api.live.poll_news import PollDeleted
from api.live.snapshot import Snapshot
from api.presence import PresenceDiff
from api.problems import Problem
from schemas.accounts import NAME
from schemas.live import CAST, CHAT, CHECK, JOIN, LEAVE, PRESENCE
from voting.chat import ChatMessage
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.tallies import Results

TEXT = CHAT.definition["text"]
MESSAGE_RULES = MESSAGE.definition["message"]


class Event(NamedTuple):
    """An event with its payload. `ack`: what the ack of a client's event has beside `ok`, if
    anything. Of the server's events clients ack only the samples of a connection check.
    """

    payload: Any
    summary: str
    ack: Any = None


CLIENT_EVENTS = {
    "connect": Event(Credentials, "Connect; a bad token is refused with `connect_error`."),
    "room:join": Event(JOIN, "Watch a room; a screen is not counted as a person.", Snapshot),
    "room:leave": Event(LEAVE, "Stop watching a room."),
    "presence:set": Event(PRESENCE, "Set one's presence: online, away, or left."),
    "chat:send": Event(CHAT, "Send a message to a room's chat.", Sent),
    "ballot:cast": Event(CAST, "Cast a ballot, as over HTTP.", CastDocument),
    "connection:check": Event(
        CHECK, "Check the connection: the server sends five samples and a report."
    ),
    "useridInput": Event(NAME, "Choose a name, in the dialect of existing frontends."),
    "my_event": Event(
        TEXT, "Send a line to all clients of that dialect; without a line, request five pings."
    ),
    "globalChat": Event(TEXT, "Send a line to all clients of that dialect."),
    "my event": Event(MESSAGE_RULES, "Send a line in the dialect of an existing chat page."),
}
SENT_EVENTS = {
    "connect_error": Event(ConnectError, "The connection is refused."),
    "tally:update": Event(Results, "A poll's results: keep the greatest (`epoch`, `version`)."),
    "poll:created": Event(Poll, "A poll was opened; for hosts, also a new draft."),
    "poll:changed": Event(Poll, "A poll has changed, or has become the current poll."),
    "poll:deleted": Event(PollDeleted, "A draft was deleted."),
    "room:changed": Event(Room, "The room's settings, or which poll it shows, have changed."),
    "room:deleted": Event(
        RoomDeleted, "The room was deleted, or the client may not see it any more."
    ),
    "meeting:changed": Event(Meeting, "A meeting has begun or ended, or has another title."),
    "you:changed": Event(
        YouChanged, "What the client may do in a room, or in its recent polls, has changed."
    ),
    "log:grown": Event(LogGrown, "The room's log has grown: keep the head."),
    "chat:message": Event(ChatMessage, "Somebody wrote, arrived or left."),
    "chat:removed": Event(ChatRemoved, "A host has removed a message: show it no longer."),
    "presence:diff": Event(PresenceDiff, "Who arrived and left; after a gap in `seq`, join again."),
    "connection:sample": Event(
        Sample, "One of the five samples of a connection check; ack it at once."
    ),
    "connection:report": Event(Report, "The result of a connection check."),
    "session:ended": Event(SessionEnded, "The session is over, and the server disconnects."),
    "server:stopping": Event(
        ServerStopping, "The server stops, mostly to start again; the connection ends."
    ),
    "useridRecieved": Event(
        str, "The client's name as it was sent, in the dialect of existing frontends."
    ),
    "duplicateUserid": Event(str, "Another client of that dialect has the name."),
    "usersOnline": Event(int, "How many clients of that dialect have a name."),
    "msgRecieved": Event(Line, "A line in the chat of that dialect."),
    "my response": Event(dict[str, str], "A line, as an existing chat page sent it."),
    "server": Event(
        PingDocument, "One of five pings, numbered from 0, to a page that requested them."
    ),
}
DESCRIPTION = """\
Socket.IO 4 (Engine.IO 4), default namespace, over WebSocket or polling. A payload is an event's
one argument. The server acks every event with `{ok: true, …}` or `{ok: false, error}`. Events may
arrive before the ack of the event that caused them. [openapi.json](/openapi.json) has the routes.
"""


SERVERS: Json = {
    "here": {
        "host": "127.0.0.1:5000",
        "pathname": "/socket.io/",
        "protocol": "socket.io",
        "protocolVersion": "4",
        "security": [{"$ref": "#/components/securitySchemes/token"}],
    }
}
SECURITY: Json = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A session's token as `auth.token`; clients without an account send none.",
    }
}


def asyncapi_document() -> Json:
    """Return the document of all events."""
    components = new_components()
    messages = _messages(components)
    listed = {key: {"$ref": f"#/components/messages/{key}"} for key in messages}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Rollcall live", "version": VERSION, "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": SERVERS,
        "channels": {"socket": {"address": "/", "messages": listed}},
        "operations": {
            **{f"receive.{key_of(name)}": _received(name) for name in CLIENT_EVENTS},
            **{f"send.{key_of(name)}": {"action": "send", **_about(name)} for name in SENT_EVENTS},
        },
        "components": {
            "messages": messages,
            "schemas": with_examples(components.schemas),
            "securitySchemes": SECURITY,
        },
    }


def key_of(name: str) -> str:
    """Return the key of a message in the document."""
    return name.replace(":", ".").replace(" ", ".")


def _received(name: str) -> Json:
    operation = {"action": "receive", **_about(name)}
    return operation if name == "connect" else {**operation, "reply": _about(f"{name} ack")}


def _about(name: str) -> Json:
    message = {"$ref": f"#/channels/socket/messages/{key_of(name)}"}
    return {"channel": {"$ref": "#/channels/socket"}, "messages": [message]}


def _messages(components: Components) -> Json:
    """Return all messages by key, and add the schemas that they refer to."""
    found: list[Json] = []
    problem = components.of(Problem)
    for name, event in (CLIENT_EVENTS | SENT_EVENTS).items():
        found.append(_message(name, components.of(event.payload), event.summary))
        if name in CLIENT_EVENTS and name != "connect":
            ack = _ack_schema(event.ack and components.of(event.ack), problem)
            found.append(_message(f"{name} ack", ack))
    for message in found:
        composed = example_of(message["payload"], components.schemas)
        message["examples"] = [{"payload": EXAMPLES["events"].get(message["name"], composed)}]
    return {key_of(message["name"]): message for message in found}


def _message(name: str, payload: Json, summary: str = "") -> Json:
    message: Json = {"name": name, "contentType": "application/json", "payload": payload}
    return {**message, "summary": summary} if summary else message


def _ack_schema(given: Json | None, problem: Json) -> Json:
    good: Json = {"type": "object", "properties": {"ok": {"const": True}}, "required": ["ok"]}
    refused = {
        "type": "object",
        "properties": {"ok": {"const": False}, "error": problem},
        "required": ["ok", "error"],
    }
    return {"anyOf": [{"allOf": [good, given]} if given else good, refused]}
