"""The Socket.IO dialects of old pages: a chat client with names, a chat page without, a ping page.

Who speaks here is a guest of the lobby in these dialects alone: they are on no list of presence,
nothing of theirs is stored, and only those who speak one are sent it. (The spelling of the events
is those pages'.)
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

import gevent
from flask_socketio import SocketIO, join_room

from api.live.connections import Connection
from api.live.live import Ping
from api.live.ticker import Ticker
from schemas.accounts import NAME
from schemas.live import CHAT
from schemas.strings import require_text, show_text
from schemas.validation import Schema
from voting.confusables import looks_of
from voting.refusals import Forbidden, NicknameTaken
from voting.text import tidy

Fields = dict[str, Any]

SPEAKERS, NAMED = "dialect", "dialect/named"


class Said(Schema):
    """The schema of an event that says one value, whatever object that is."""

    def __init__(self, field: str, rule: Fields) -> None:
        super().__init__({field: rule})
        self._field = field

    def parse(self, document: object, *, ignore_unknown: bool = False) -> Fields:
        """Return the value, as it was said, under its field's name. Raises `Invalid`."""
        super().parse({self._field: document}, ignore_unknown=ignore_unknown)
        return {self._field: document}


class LineOrNothing(Said):
    """The schema of `my_event`: a chat client says a line with it, a ping page nothing."""

    def parse(self, document: object, *, ignore_unknown: bool = False) -> Fields:
        """Return the line under its field's name, or no field. Raises `Invalid`."""
        if document is None or document == {}:
            return {}
        return super().parse(document, ignore_unknown=ignore_unknown)


USERID = Said("userid", {**NAME, "coerce": tidy})  # told as it was sent: nothing is removed
TEXT = Said("data", CHAT.definition["text"])
TEXT_OR_NOTHING = LineOrNothing("data", CHAT.definition["text"])
MESSAGE = Said(
    "message",
    {
        "type": "dict",
        "maxlength": 8,
        "keysrules": {"type": "string", "maxlength": NAME["maxlength"]},
        "valuesrules": {"type": "string", "maxlength": CHAT.definition["text"]["maxlength"]},
    },
)
"""Whatever fields a chat page's line has: a name and a message, say."""


class Line(TypedDict):
    """What somebody said, in the dialect of an old client."""

    userid: str
    data: str


class PingDocument(TypedDict):
    """A ping that a server sent for an old page: its number, from 0, and how long it took."""

    data1: int
    data: str


class Guest(NamedTuple):
    """Somebody's name as they sent it, and what it compares by."""

    userid: str
    skeletons: frozenset[str]


class Dialect:
    """Who speaks the dialect and who they are; `install` puts it beside the other events."""

    def __init__(self, socketio: SocketIO) -> None:
        self._emit = socketio.emit
        self._speakers: set[str] = set()
        self._guests: dict[str, Guest] = {}
        self._holders: dict[str, str] = {}
        self._untold: set[str] = set()
        self._told = 0
        self._ticker = Ticker(self._tell_online)

    def install(
        self, on: Callable[[str, Schema, Callable[[Connection, Fields], None]], None], ping: Ping
    ) -> None:
        """Take its events by `on(event, schema, handle)`, and start the loop that tells."""
        self._ping = ping
        on("useridInput", USERID, self._name)
        on("my_event", TEXT_OR_NOTHING, self._say_or_ping)
        on("globalChat", TEXT, self._say)
        on("my event", MESSAGE, self._repeat)
        gevent.spawn(self._ticker.run)

    def forget(self, sid: str) -> None:
        """Free the name of a connection that has gone; the loop tells what that changes."""
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
        connection.chat.take(time.monotonic())
        line = require_text("data", fields["data"])
        told: Line = {"userid": guest.userid, "data": line}
        self._emit("msgRecieved", told, to=NAMED)

    def _repeat(self, connection: Connection, fields: Fields) -> None:
        """Send a chat page's line to all as it was said: it names its author itself."""
        connection.chat.take(time.monotonic())
        self._listen(connection)
        shown = {field: show_text(text) for field, text in fields["message"].items()}
        self._emit("my response", shown, to=SPEAKERS)

    def _say_or_ping(self, connection: Connection, fields: Fields) -> None:
        if fields:
            self._say(connection, fields)
            return

        def hear(number: int, milliseconds: float | None) -> None:
            took = "no answer" if milliseconds is None else f"time={milliseconds:.1f} ms"
            told: PingDocument = {"data1": number, "data": took}
            self._emit("server", told, to=connection.sid)

        self._ping(connection, hear)

    def _listen(self, connection: Connection) -> str:
        """Send the dialect to who speaks now, from the first event on; return their id."""
        sid = connection.sid
        if sid not in self._speakers:
            self._speakers.add(sid)
            join_room(SPEAKERS)
            self._untold.add(sid)
            self._ticker.mark({SPEAKERS})
        return sid

    def _free(self, sid: str) -> None:
        guest = self._guests.pop(sid, None)
        if guest is not None:
            for each in guest.skeletons:
                del self._holders[each]
            self._ticker.mark({SPEAKERS})

    def _tell_online(self, everybody: str) -> None:
        online, (untold, self._untold) = len(self._guests), (self._untold, set())
        for audience in [everybody] if online != self._told else untold:
            self._emit("usersOnline", online, to=audience)
        self._told = online
