"""The Socket.IO dialect of an old chat client: names, how many there are, and lines to all.

Who names themselves is a guest of the lobby in this dialect alone: they are on no list of
presence, nothing of theirs is stored, and only those who speak it are sent it. (The spelling of
the events is that client's.)
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import gevent
from flask_socketio import SocketIO, join_room

from api.live.connections import Connection
from api.live.ticker import Ticker
from schemas.accounts import NAME
from schemas.confusables import looks_of
from schemas.live import CHAT
from schemas.refusals import Forbidden, NicknameTaken
from schemas.strings import require_text
from schemas.text import tidy
from schemas.validation import Schema

Fields = dict[str, Any]

SPEAKERS, NAMED = "dialect", "dialect/named"


class Said(Schema):
    """The schema of an event that says one string and no object."""

    def __init__(self, field: str, rule: Fields) -> None:
        super().__init__({field: rule}, coerces=True)
        self._field = field

    def parse(self, document: object, *, ignore_unknown: bool = False) -> Fields:
        """Return the string, as it was said, under its field's name. Raises `Invalid`."""
        super().parse({self._field: document}, ignore_unknown=ignore_unknown)
        return {self._field: document}


USERID = Said("userid", {**NAME, "coerce": tidy})  # told as it was sent: nothing is removed
TEXT = Said("data", CHAT.definition["text"])


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
        self, on: Callable[[str, Schema, Callable[[Connection, Fields], None]], None]
    ) -> None:
        """Take its events by `on(event, schema, handle)`, and start the loop that tells."""
        on("useridInput", USERID, self._name)
        on("my_event", TEXT, self._say)
        on("globalChat", TEXT, self._say)
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
        self._emit("msgRecieved", {"userid": guest.userid, "data": line}, to=NAMED)

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
