"""The AsyncAPI 3.0 document: every event of Socket.IO in both directions, made of these tables."""

from typing import Any, NamedTuple

from api.ballots import CastDocument
from api.documents.json_schema import Components, Json
from api.documents.openapi import EXAMPLES, VERSION, example_of, new_components, with_examples
from api.legacy.dialect import MESSAGE, Line, PingDocument
from api.live.checking import Report, Sample
from api.live.live import ConnectError, Credentials, Sent, SessionEnded
from api.live.notifier import PollDeleted, RoomDeleted, YouChanged
from api.live.snapshot import Snapshot
from api.presence import PresenceDiff
from api.problems import Problem
from schemas.accounts import NAME
from schemas.live import CAST, CHAT, CHECK, JOIN, LEAVE, PRESENCE
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.rooms import ChatMessage
from voting.tallies import Results

TEXT = CHAT.definition["text"]
MESSAGE_RULES = MESSAGE.definition["message"]


class Said(NamedTuple):
    """What a client says: a schema, and what a good ack brings beside `ok`; None: nothing."""

    asks: Any
    gives: Any
    summary: str


class Told(NamedTuple):
    """What a client is told; it acks only a connection check's samples."""

    brings: Any
    summary: str


SAID = {
    "connect": Said(Credentials, None, "Connect; a bad token is refused with `connect_error`."),
    "room:join": Said(JOIN, Snapshot, "Watch a room; a screen counts for nobody."),
    "room:leave": Said(LEAVE, None, "Watch it no more."),
    "presence:set": Said(PRESENCE, None, "Be online, away, or gone for good."),
    "chat:send": Said(CHAT, Sent, "Write into a room's chat."),
    "ballot:cast": Said(CAST, CastDocument, "Cast a ballot, as over HTTP."),
    "connection:check": Said(CHECK, None, "Have five samples sent, and then a report."),
    "useridInput": Said(NAME, None, "Name oneself, in the dialect of an old client."),
    "my_event": Said(
        TEXT, None, "Say something to all who speak that dialect; without a line, have five pings."
    ),
    "globalChat": Said(TEXT, None, "Say something to all who speak that dialect."),
    "my event": Said(MESSAGE_RULES, None, "Say a line in the dialect of an old chat page."),
}
TOLD = {
    "connect_error": Told(ConnectError, "The connection is refused."),
    "tally:update": Told(Results, "A poll's results: keep the greatest (`epoch`, `version`)."),
    "poll:created": Told(Poll, "A poll was opened; to hosts, drafted."),
    "poll:changed": Told(Poll, "A poll has changed."),
    "poll:deleted": Told(PollDeleted, "A draft was deleted."),
    "room:changed": Told(Room, "The room's settings, or which poll it shows, have changed."),
    "room:deleted": Told(RoomDeleted, "The room is gone, or may not be seen any more."),
    "you:changed": Told(YouChanged, "What one may do has changed."),
    "chat:message": Told(ChatMessage, "Somebody wrote, came or went."),
    "presence:diff": Told(PresenceDiff, "Who came and went; on a gap in `seq`, join again."),
    "connection:sample": Told(Sample, "One of a connection check's five; ack it at once."),
    "connection:report": Told(Report, "What the check found."),
    "session:ended": Told(SessionEnded, "The server disconnects for good."),
    "useridRecieved": Told(str, "One's name, as it was said, in the old client's dialect."),
    "duplicateUserid": Told(str, "Another who speaks it has the name."),
    "usersOnline": Told(int, "How many have named themselves."),
    "msgRecieved": Told(Line, "What somebody said."),
    "my response": Told(dict[str, str], "What somebody said, as the old chat page sent it."),
    "server": Told(PingDocument, "One of five pings, from 0, to an old page that asked for them."),
}
DESCRIPTION = """\
Socket.IO 4 (Engine.IO 4), default namespace, over WebSocket or polling. A payload is an event's
one argument. The server acks every event with `{ok: true, …}` or `{ok: false, error}`. Events may
come before the ack that they follow. The routes are in [openapi.json](/openapi.json).
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
        "description": "A session's token as `auth.token`; strangers send none.",
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
            **{f"say.{key_of(name)}": _said(name) for name in SAID},
            **{f"tell.{key_of(name)}": _told(name) for name in TOLD},
        },
        "components": {
            "messages": messages,
            "schemas": with_examples(components.schemas),
            "securitySchemes": SECURITY,
        },
    }


def key_of(name: str) -> str:
    """Return what a message of the document goes by."""
    return name.replace(":", ".").replace(" ", ".")


def _said(name: str) -> Json:
    operation = {"action": "receive", **_about(name)}
    return operation if name == "connect" else {**operation, "reply": _about(f"{name} ack")}


def _told(name: str) -> Json:
    return {"action": "send", **_about(name)}


def _about(name: str) -> Json:
    message = {"$ref": f"#/channels/socket/messages/{key_of(name)}"}
    return {"channel": {"$ref": "#/channels/socket"}, "messages": [message]}


def _messages(components: Components) -> Json:
    """Return all messages by key; gather the schemas that they refer to."""
    found: list[Json] = []
    problem = components.of(Problem)
    for name, said in SAID.items():
        found.append(_message(name, components.of(said.asks), said.summary))
        if name != "connect":
            ack = _ack_schema(said.gives and components.of(said.gives), problem)
            found.append(_message(f"{name} ack", ack))
    for name, told in TOLD.items():
        found.append(_message(name, components.of(told.brings), told.summary))
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
