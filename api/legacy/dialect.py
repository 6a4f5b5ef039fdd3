"""The Socket.IO dialects of old pages: a chat client with names, a chat page without, a ping page.

Clients of a dialect are in the lobby's chat only. They are not counted as present, nothing that
they send is stored, and only other clients of a dialect receive it. (The events are spelled as in
those pages.)
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import gevent
from flask_socketio import SocketIO, join_room

from api.live.connections import Connection
from api.live.events import Ping
from api.live.ticker import Ticker
from schemas.accounts import NAME
from schemas.live import CHAT
from schemas.strings import require_text, show_text
from schemas.validation import Schema
from voting.confusables import looks_of
from voting.faults import Fault, Invalid
from voting.refusals import Forbidden, NicknameTaken
from voting.text import tidy

Fields = dict[str, Any]

SPEAKERS, NAMED = "dialect", "dialect/named"


class SingleValue(Schema):
    """The schema of an event whose payload is a single value of any type."""

    def __init__(self, field: str, rule: Fields) -> None:
        super().__init__({field: rule})
        self._field = field

    def parse(self, document: object, *, ignore_unknown: bool = False) -> Fields:
        """Return the value as it was sent, under its field's name. Raises `Invalid`."""
        super().parse({self._field: document}, ignore_unknown=ignore_unknown)
        return {self._field: document}


class LineOrNothing(SingleValue):
    """The schema of `my_event`: a chat client sends a line, a ping page nothing."""

    def parse(self, document: object, *, ignore_unknown: bool = False) -> Fields:
        """Return the line under its field's name, or no field. Raises `Invalid`."""
        if document is None or document == {}:
            return {}
        return super().parse(document, ignore_unknown=ignore_unknown)


USERID = SingleValue("userid", {**NAME, "coerce": tidy})  # sent on as it came: nothing is removed
TEXT = SingleValue("data", CHAT.definition["text"])
TEXT_OR_NOTHING = LineOrNothing("data", CHAT.definition["text"])
MESSAGE = SingleValue(
    "message",
    {
        "type": "dict",
        "maxlength": 8,
        "keysrules": {"type": "string", "maxlength": NAME["maxlength"]},
        "valuesrules": {"type": "string", "maxlength": CHAT.definition["text"]["maxlength"]},
    },
)
"""A chat page's line with any fields, such as a name and a message."""
LETTERS = CHAT.definition["text"]["maxlength"] + NAME["maxlength"]
"""The letters of such a line, all its fields together: as many as a name and a message have."""


class Line(TypedDict):
    """A line of chat in the dialect of existing frontends."""

    userid: str
    data: str


class PingDocument(TypedDict):
    """A ping for an existing page: its number, from 0, and how long it took."""

    data1: int
    data: str


class Guest(NamedTuple):
    """A name as it was sent, and the forms in which it is compared."""

    userid: str
    skeletons: frozenset[str]


class Dialect:
    """The clients of a dialect and their names. `install` adds its events."""

    def __init__(self, socketio: SocketIO) -> None:
        self._emit = socketio.emit
        self._speakers: set[str] = set()
        self._guests: dict[str, Guest] = {}
        self._holders: dict[str, str] = {}
        self._unsent: set[str] = set()
        self._sent = 0
        self._ticker = Ticker(self._send_online)

    def install(
        self, on: Callable[[str, Schema, Callable[[Connection, Fields], None]], None], ping: Ping
    ) -> None:
        """Add the events by `on(event, schema, handle)`, and start the loop that sends."""
        self._ping = ping
        on("useridInput", USERID, self._name)
        on("my_event", TEXT_OR_NOTHING, self._say_or_ping)
        on("globalChat", TEXT, self._say)
        on("my event", MESSAGE, self._repeat)
        gevent.spawn(self._ticker.run)

    def forget(self, sid: str) -> None:
        """Free the name of a connection that has ended; the loop sends the new count."""
        self._speakers.discard(sid)
        self._free(sid)

    def _name(self, connection: Connection, fields: Fields) -> None:
        userid, sid = fields["userid"], self._listen(connection)
        looks = frozenset(looks_of(userid).values())
        if any(self._holders.get(each, sid) != sid for each in looks):
            self._emit("duplicateUserid", userid, to=sid)
            raise NicknameTaken
        self._free(sid)
        self._guests[sid] = Guest(userid, looks)
        self._holders |= dict.fromkeys(looks, sid)
        self._ticker.mark({SPEAKERS})
        join_room(NAMED)
        self._emit("useridRecieved", userid, to=sid)

    def _say(self, connection: Connection, fields: Fields) -> None:
        guest = self._guests.get(self._listen(connection))
        if guest is None:
            raise Forbidden
        connection.charge_chat(time.monotonic())
        line = Line(userid=guest.userid, data=require_text("data", fields["data"]))
        self._emit("msgRecieved", line, to=NAMED)

    def _repeat(self, connection: Connection, fields: Fields) -> None:
        """Send a chat page's line to everybody as it came: it contains its author's name."""
        letters = sum(len(field) + len(text) for field, text in fields["message"].items())
        if letters > LETTERS:
            raise Invalid(Fault("message", "too_long", LETTERS))
        connection.charge_chat(time.monotonic())
        self._listen(connection)
        shown = {field: show_text(text) for field, text in fields["message"].items()}
        self._emit("my response", shown, to=SPEAKERS)

    def _say_or_ping(self, connection: Connection, fields: Fields) -> None:
        if fields:
            self._say(connection, fields)
            return

        def hear(number: int, milliseconds: float | None) -> None:
            took = "no answer" if milliseconds is None else f"time={milliseconds:.1f} ms"
            self._emit("server", PingDocument(data1=number, data=took), to=connection.sid)

        self._ping(connection, hear)

    def _listen(self, connection: Connection) -> str:
        """Send the dialect to a client from its first event on; return the client's id."""
        sid = connection.sid
        if sid not in self._speakers:
            self._speakers.add(sid)
            join_room(SPEAKERS)
            self._unsent.add(sid)
            self._ticker.mark({SPEAKERS})
        return sid

    def _free(self, sid: str) -> None:
        guest = self._guests.pop(sid, None)
        if guest is not None:
            for each in guest.skeletons:
                del self._holders[each]
            self._ticker.mark({SPEAKERS})

    def _send_online(self, everybody: str) -> None:
        online, (unsent, self._unsent) = len(self._guests), (self._unsent, set())
        for audience in [everybody] if online != self._sent else unsent:
            self._emit("usersOnline", online, to=audience)
        self._sent = online
