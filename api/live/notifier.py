"""Sends what changes to the sockets that watch it: polls, tallies, rooms, messages, rights.

A durable step of the store only marks what has changed. Only the loops here emit.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import gevent

from api.chances import You, you_document
from api.live.connections import Connection, Connections
from api.live.doubts import Doubts
from api.live.poll_news import PollNews
from api.live.signals import Signals
from api.live.sockets import SocketIO
from api.live.ticker import SECONDS, Ticker
from api.live.watching import HOSTS, MEMBERS, OUTSIDERS, Watchers, audiences
from api.presence import PresenceDiff
from api.services import Services
from db.journal.measures import Histogram
from voting.chain import Head
from voting.chat import message_document
from voting.model.accounts import Account, Revocation
from voting.model.ballots import Ballot
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Poll
from voting.model.rooms import Bar, Guest, Message, Mute, Room, Row
from voting.people import person_of
from voting.refusals import Refusal
from voting.store import Step, Store

NEWS = (Account, Bar, Guest, LogEntry, Meeting, Message, Mute, Poll, Room, Row)
"""The kinds of which a change is sent."""
BATCH = 20
"""How many connections are handled before other work runs."""


class RoomDeleted(TypedDict):
    """A room that was deleted."""

    code: str


class LogGrown(Head):
    """The head of a room's log, which has grown."""

    room: str


class ChatRemoved(TypedDict):
    """A line of a room's chat that a host has removed."""

    room: str
    id: int


class YouChanged(You):
    """What the client may do in a room has changed."""

    room: str


class Notifier:
    """Sends to the server's connections what changes from now on."""

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
        self.poll_news = PollNews(parts, socketio, self._settle)
        self.took = Histogram(SECONDS)
        """How long the rounds of the tickers took."""
        self._polls = Ticker(self.poll_news.send, self.took)
        self._rooms = Ticker(self.send_room, self.took)
        self._messages = Ticker(self.send_message, self.took)
        self._people = Ticker(self._send_person, self.took)
        self._crowds = Ticker(self.send_crowd, self.took)
        self._logs = Ticker(self.send_log, self.took)
        self._meetings = Ticker(self.send_meeting, self.took)
        self._heads: dict[str, Head] = {}
        self._stirred: set[str] = set()
        """Rooms in which somebody's rights may have changed."""
        self._doubted = Ticker(self._settle, self.took)
        self._tickers = (
            self._doubted,
            self._polls,
            self._rooms,
            self._messages,
            self._people,
            self._crowds,
            self._logs,
            self._meetings,
        )
        self._spared: dict[int, str] = {}
        self._doubts = Doubts(
            connections, parts.store, parts.clock, self.send_rights, self._doubted.mark
        )
        self._listen(parts.store, signals)

    def _listen(self, store: Store, signals: Signals) -> None:
        """Note from now on what changes."""
        signals.tallied.connect(self._polls.mark)
        signals.voted.connect(self._mark_person)
        signals.presence.connect(self._send_presence)
        store.subscribe(
            self._doubts.doubt_changed, Revocation, Room, Row, Account, Guest, past=False
        )
        store.subscribe(self._mark_changed, *NEWS, past=False)
        if store.worker is not None:
            store.subscribe(self._mark_voters, Ballot, past=False)

    @property
    def loops(self) -> list[Callable[[], None]]:
        """The loops that have to run so that anything is sent."""
        return [each.run for each in self._tickers]

    @property
    def rounds(self) -> int:
        """How many ticks there were, ever."""
        return sum(each.rounds for each in self._tickers)

    def _mark_person(self, person: str) -> None:
        """Note that a person's rights have changed, because they have voted, for example."""
        if self._connections.of(person):
            self._people.mark({person})

    def _mark_voters(self, steps: Sequence[Step]) -> None:
        """Mark people who have connections to other processes, too, by which they may have voted.

        A secret ballot doesn't tell whose it is, so all of a room are looked at again who have.
        """
        polls = {each.poll for step in steps for each in step if isinstance(each, Ballot)}
        for poll in filter(None, (self._parts.store.get(Poll, each) for each in polls)):
            for sid in self._parts.presence.shared.split(poll.room):
                if sid in self._connections and (session := self._connections[sid].session):
                    self._people.mark({session.person})

    def spare(self, sid: str, message_id: int) -> None:
        """Don't send a message back to the connection that it came from."""
        self._spared[message_id] = sid

    def _send_presence(self, code: str, diff: PresenceDiff, named: bool) -> None:
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
                case Bar(person=person) | Mute(person=person):
                    self._people.mark({person})
                case Row() as row:
                    self._mark_row(row, before, after)
                case Account() | Guest() as holder if before is not None:
                    self._people.mark({str(person_of(holder))})
                case Message() as message if before is None or message.removed_at is not None:
                    self._messages.mark({message.id})
                case Meeting() as meeting if _title_and_end(before) != _title_and_end(after):
                    self._meetings.mark({meeting.id})
                case LogEntry(room=code, n=n, hash=hashed) if before is None:
                    self._heads[code] = {"n": n, "hash": hashed}
                    self._logs.mark({code})

    def _mark_room(self, room: Room, before: Any, after: Any) -> None:
        """Mark a room; look at its people's rights again only if the change can concern them."""
        self._rooms.mark({room.code})
        if before is None or after is None or _rights(before) != _rights(after):
            self._stirred.add(room.code)
        if before is not None and after is not None and before.current_poll != after.current_poll:
            self._show_current(after)

    def _show_current(self, room: Room) -> None:
        """Have a room's new current poll sent: it may be older than those that clients have."""
        if room.current_poll is not None:
            self.poll_news.show(room.current_poll)
            self._polls.mark({room.current_poll})
            self._crowds.mark({room.code})

    def _mark_row(self, row: Row, before: Any, after: Any) -> None:
        """Most changes of a row concern its own people. Some change who is a voter at all."""
        if before is None or after is None or (before.role, before.email) != (row.role, row.email):
            self._crowds.mark({row.room})
        claimants = {each.claimant for each in (before, after) if each is not None}
        self._people.mark({row.person, *filter(None, claimants)})

    def _settle(self, code: str) -> None:
        """Return once everybody in a room is in the right audience."""
        self._doubts.settle(code)

    # -- rooms ------------------------------------------------------------------------

    def send_room(self, code: str) -> None:
        """Send a room as it is, or that it was deleted."""
        self._settle(code)
        room = self._parts.store.find(Room, "code", code)
        if room is not None:
            if code in self._stirred:
                self._stirred.discard(code)
                self.send_crowd(code)  # first: some may not see the room any more
            self._emit("room:changed", room, to=audiences(code))
            return
        self._stirred.discard(code)
        self._emit("room:deleted", RoomDeleted(code=code), to=audiences(code))
        for connection in self._connections.watching(code):
            self._watchers.leave(connection, code)

    def send_message(self, message_id: int) -> None:
        """Send a message of a room's chat, or that it was removed, to the room's members."""
        message = self._parts.store.get(Message, message_id)
        spared = self._spared.pop(message_id, None)
        if message is None:
            return
        self._settle(message.room)
        members = audiences(message.room, HOSTS, MEMBERS)
        if message.removed_at is None:
            self._emit("chat:message", message_document(message), to=members, skip_sid=spared)
        else:
            removed = ChatRemoved(room=message.room, id=message.id)
            self._emit("chat:removed", removed, to=members)

    def send_log(self, code: str) -> None:
        """Send the head of a room's log; a slow client gets only the newest."""
        self._settle(code)
        newest = self._heads.pop(code, None)
        if newest is not None:
            grown: LogGrown = {"room": code, **newest}
            self._emit_latest("log:grown", grown, audiences(code), f"log/{code}")

    def send_meeting(self, meeting_id: int) -> None:
        """Send a meeting that has begun or ended, or has another title."""
        meeting = self._parts.store.get(Meeting, meeting_id)
        if meeting is not None:
            self._settle(meeting.room)
            self._emit("meeting:changed", meeting, to=audiences(meeting.room))

    # -- what one may do --------------------------------------------------------------

    def send_crowd(self, code: str) -> None:
        """Send everybody in a room what they may do there, if that has changed."""
        self._send_in_turns([(each, code) for each in self._connections.watching(code)])

    def _send_person(self, person: str) -> None:
        own = self._connections.of(person)
        self._send_in_turns([(each, code) for each in own for code in each.rooms])

    def _send_in_turns(self, watches: list[tuple[Connection, str]]) -> None:
        for start in range(0, len(watches), BATCH):
            self.send_rights(watches[start : start + BATCH])
            gevent.sleep(0)

    def send_rights(self, watches: list[tuple[Connection, str]]) -> None:
        """Send connections what they may do in a room, if that has changed."""
        with self._parts.store.transaction():  # left, all that it has read is durable
            news = [self._news(connection, code) for connection, code in watches]
        for (connection, _), event in zip(watches, news, strict=True):
            if event is not None:
                self._emit(*event, to=connection.sid)

    def _news(
        self, connection: Connection, code: str
    ) -> tuple[str, YouChanged | RoomDeleted] | None:
        """Return the event about a connection's rights in a room; None if nothing is new."""
        if code not in connection.rooms:
            return None
        try:
            seen = self._watchers.look_again(connection, code)
        except Refusal:  # its session is over: it gets nothing more, and `sessions` ends it
            self._watchers.leave_all(connection)
            return None
        if seen is None:
            return "room:deleted", {"code": code}
        room, watch = seen
        you: YouChanged = {"room": code, **you_document(self._parts, room, watch.standing)}
        return ("you:changed", you) if watch.renew(you) else None


def _rights(room: Room) -> tuple[Any, ...]:
    return room.is_open, room.admits_guests, room.trust_email, room.hold_minutes, room.meeting


def _title_and_end(meeting: Any) -> tuple[Any, ...]:
    return () if meeting is None else (meeting.title, meeting.ended_at)
