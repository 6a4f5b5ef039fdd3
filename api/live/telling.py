"""What sockets are told as things change: polls, tallies, rooms, messages, what one may do.

Durable steps of the store only mark; the loops here alone emit.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import gevent

from api.live.connections import Connection, Connections
from api.live.doubts import Doubts
from api.live.signals import Signals
from api.live.snapshot import You, you_document
from api.live.sockets import SocketIO
from api.live.ticker import Ticker
from api.live.watching import HOSTS, MEMBERS, OUTSIDERS, Watchers, audiences
from api.presence import PresenceDiff
from api.services import Services
from voting.model.accounts import Account, Revocation
from voting.model.polls import Poll
from voting.model.rooms import Bar, Guest, Message, Room, Row
from voting.people import person_of
from voting.refusals import Refusal
from voting.rooms import message_document
from voting.store import Step, Store
from voting.tallies import results_hidden

BATCH = 20
"""After how many people others are served before the next."""


class PollDeleted(TypedDict):
    """A draft that is no more."""

    id: int
    room: str


class RoomDeleted(TypedDict):
    """A room that is no more."""

    code: str


class YouChanged(You):
    """What one may do has changed."""

    room: str


class Teller:
    """Tells a server's connections what changes from now on."""

    def __init__(
        self,
        connections: Connections,
        socketio: SocketIO,
        parts: Services,
        watchers: Watchers,
        signals: Signals,
    ) -> None:
        self._connections, self._parts, self._watchers = connections, parts, watchers
        self._emit = socketio.emit
        self._emit_latest = socketio.emit_latest
        self._polls = Ticker(self._tell_poll)
        self._rooms = Ticker(self._tell_room)
        self._messages = Ticker(self._tell_message)
        self._people = Ticker(self._tell_person)
        self._crowds = Ticker(self._tell_crowd)
        self._stirred: set[str] = set()
        """Rooms where what somebody may do may have changed."""
        self._doubted = Ticker(self._settle)
        self._tickers = (
            self._doubted,
            self._polls,
            self._rooms,
            self._messages,
            self._people,
            self._crowds,
        )
        self._spared: dict[int, str] = {}
        self._doubts = Doubts(
            connections, parts.store, parts.clock, self._tell_yours, self._doubted.mark
        )
        self._told = {poll.id: poll for poll in parts.store.each(Poll)}
        self._listen(parts.store, signals)

    def _listen(self, store: Store, signals: Signals) -> None:
        """Note from now on what changes."""
        signals.tallied.connect(self._polls.mark)
        signals.voted.connect(self._mark_person)
        signals.presence.connect(self._tell_presence)
        store.subscribe(
            self._doubts.doubt_changed, Revocation, Room, Row, Account, Guest, past=False
        )
        store.subscribe(
            self._mark_changed, Poll, Room, Row, Account, Guest, Message, Bar, past=False
        )

    @property
    def loops(self) -> list[Callable[[], None]]:
        """What has to run so that anything is told."""
        return [each.run for each in self._tickers]

    @property
    def rounds(self) -> int:
        """How often something was told, ever."""
        return sum(each.rounds for each in self._tickers)

    def _mark_person(self, person: str) -> None:
        """Note that what somebody may do has changed: they have voted, say."""
        if self._connections.of(person):
            self._people.mark({person})

    def spare(self, sid: str, message_id: int) -> None:
        """Don't send a connection the line of chat that it has sent, which is not durable yet."""
        self._spared[message_id] = sid

    def _tell_presence(self, code: str, diff: PresenceDiff, named: bool) -> None:
        """Send a room's presence; `named`: to all members with names, not to hosts alone."""
        self._settle(code)
        knowing = (HOSTS, MEMBERS) if named else (HOSTS,)
        others = (OUTSIDERS,) if named else (MEMBERS, OUTSIDERS)
        self._emit("presence:diff", diff, to=audiences(code, *knowing))
        counts: PresenceDiff = {**diff, "joins": None, "leaves": None}
        self._emit("presence:diff", counts, to=audiences(code, *others))

    def _mark_changed(self, steps: Sequence[Step]) -> None:
        for before, after in steps:
            match after or before:
                case Poll() as poll:
                    self._polls.mark({poll.id})
                    self._crowds.mark({poll.room})
                case Room() as room:
                    self._mark_room(room, before, after)
                case Bar(person=person):
                    self._people.mark({person})
                case Row() as row:
                    self._mark_row(row, before, after)
                case Account() | Guest() as holder if before is not None:
                    self._people.mark({str(person_of(holder))})
                case Message() as message if before is None:
                    self._messages.mark({message.id})

    def _mark_room(self, room: Room, before: Any, after: Any) -> None:
        """Few changes of a room concern what anybody may do there."""
        self._rooms.mark({room.code})
        if before is None or after is None or _rights(before) != _rights(after):
            self._stirred.add(room.code)

    def _mark_row(self, row: Row, before: Any, after: Any) -> None:
        """Most changes of a row concern its own people; some who is a voter at all."""
        if before is None or after is None or (before.role, before.email) != (row.role, row.email):
            self._crowds.mark({row.room})
        claimants = {each.claimant for each in (before, after) if each is not None}
        self._people.mark({row.person, *filter(None, claimants)})

    def _settle(self, code: str) -> None:
        """Go on once it is clear who hears what in a room."""
        self._doubts.settle(code)

    # -- polls ------------------------------------------------------------------------

    def _tell_poll(self, poll_id: int) -> None:
        told = self._parts.store.get(Poll, poll_id) or self._told.get(poll_id)
        if told is not None:
            self._settle(told.room)
        tally, before = self._parts.tallies.of(poll_id), self._told.pop(poll_id, None)
        if tally is None:
            if before is not None:
                deleted: PollDeleted = {"id": before.id, "room": before.room}
                self._emit("poll:deleted", deleted, to=_knowing(before))
            return
        self._told[poll_id] = poll = tally.poll
        if poll != before:
            self._tell_change(poll, before)
        if poll.state != "draft":
            self._tell_tally(poll)

    def _tell_change(self, poll: Poll, before: Poll | None) -> None:
        """To all but hosts a draft that opens is new."""
        news = "poll:created" if before is None else "poll:changed"
        self._emit(news, poll, to=audiences(poll.room, HOSTS))
        if poll.state != "draft":
            new = before is None or before.state == "draft"
            others = audiences(poll.room, MEMBERS, OUTSIDERS)
            self._emit("poll:created" if new else "poll:changed", poll, to=others)

    def _tell_tally(self, poll: Poll) -> None:
        """Each state supersedes those before it: a slow client is given the newest alone."""
        now, results = self._parts.clock(), self._parts.results
        key = f"tally/{poll.id}"
        document = results.document(poll.id, now)
        if results_hidden(poll) == results_hidden(poll, host=True):
            self._emit_latest("tally:update", document, audiences(poll.room), key)
            return
        for_hosts = results.document(poll.id, now, host=True)  # both of one moment: telling yields
        others = audiences(poll.room, MEMBERS, OUTSIDERS)
        self._emit_latest("tally:update", document, others, key)
        self._emit_latest("tally:update", for_hosts, audiences(poll.room, HOSTS), key)

    # -- rooms ------------------------------------------------------------------------

    def _tell_room(self, code: str) -> None:
        self._settle(code)
        room = self._parts.store.find(Room, "code", code)
        if room is not None:
            if code in self._stirred:
                self._stirred.discard(code)
                self._tell_crowd(code)  # first: some may not see the room any more
            self._emit("room:changed", room, to=audiences(code))
            return
        self._stirred.discard(code)
        deleted: RoomDeleted = {"code": code}
        self._emit("room:deleted", deleted, to=audiences(code))
        for connection in self._connections.watching(code):
            self._watchers.leave(connection, code)

    def _tell_message(self, message_id: int) -> None:
        message = self._parts.store.get(Message, message_id)
        spared = self._spared.pop(message_id, None)
        if message is not None:
            self._settle(message.room)
            members = audiences(message.room, HOSTS, MEMBERS)
            self._emit("chat:message", message_document(message), to=members, skip_sid=spared)

    # -- what one may do --------------------------------------------------------------

    def _tell_crowd(self, code: str) -> None:
        watching = self._connections.watching(code)
        for start in range(0, len(watching), BATCH):
            self._tell_yours([(each, code) for each in watching[start : start + BATCH]])
            gevent.sleep(0)

    def _tell_person(self, person: str) -> None:
        own = [(each, code) for each in self._connections.of(person) for code in each.rooms]
        for start in range(0, len(own), BATCH):
            self._tell_yours(own[start : start + BATCH])
            gevent.sleep(0)

    def _tell_yours(self, watches: list[tuple[Connection, str]]) -> None:
        with self._parts.store.transaction():  # left, all that it has read is durable
            news = [self._news(connection, code) for connection, code in watches]
        for (connection, _), told in zip(watches, news, strict=True):
            if told is not None:
                self._emit(*told, to=connection.sid)

    def _news(
        self, connection: Connection, code: str
    ) -> tuple[str, YouChanged | RoomDeleted] | None:
        """Return what to tell a connection of its rights in a room; None: nothing is new."""
        if code not in connection.rooms:
            return None
        try:
            seen = self._watchers.look_again(connection, code)
        except Refusal:  # its session is over: it is told no more, and `sessions` ends it
            self._watchers.leave_all(connection)
            return None
        if seen is None:
            return "room:deleted", {"code": code}
        room, watch = seen
        you: YouChanged = {"room": code, **you_document(self._parts, room, watch.standing)}
        return ("you:changed", you) if watch.renew(you) else None


def _rights(room: Room) -> tuple[Any, ...]:
    return room.visibility, room.trust_email, room.hold_minutes


def _knowing(poll: Poll) -> list[str]:
    """Return the audiences that know of a poll."""
    return audiences(poll.room, HOSTS) if poll.state == "draft" else audiences(poll.room)
