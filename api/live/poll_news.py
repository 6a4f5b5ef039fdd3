"""Sends polls and their tallies as they change."""

from collections.abc import Callable
from typing import TypedDict

from api.live.sockets import SocketIO
from api.live.watching import HOSTS, MEMBERS, OUTSIDERS, audiences
from api.services import Services
from voting.model.polls import Poll
from voting.tallies import results_hidden


class PollDeleted(TypedDict):
    """A draft that was deleted."""

    id: int
    room: str


class PollNews:
    """Sends what has changed of a poll since it was last sent.

    settle: is called with a room before anything is sent there
    """

    def __init__(self, parts: Services, socketio: SocketIO, settle: Callable[[str], None]) -> None:
        self._parts, self._settle = parts, settle
        self._emit, self._emit_latest = socketio.emit, socketio.emit_latest
        self._sent = {poll.id: poll for poll in parts.store.each(Poll)}
        self._shown: set[int] = set()

    def show(self, poll_id: int) -> None:
        """Send a poll next time even if it is as before: it has become a room's current poll, and
        may be older than those that clients were given.
        """
        self._shown.add(poll_id)

    def send(self, poll_id: int) -> None:
        """Send a poll, or that it was deleted."""
        known = self._parts.store.get(Poll, poll_id) or self._sent.get(poll_id)
        if known is not None:
            self._settle(known.room)
        tally, before = self._parts.tallies.of(poll_id), self._sent.pop(poll_id, None)
        shown = poll_id in self._shown
        self._shown.discard(poll_id)
        if tally is None:
            if before is not None:
                deleted = PollDeleted(id=before.id, room=before.room)
                self._emit("poll:deleted", deleted, to=_knowing(before))
            return
        self._sent[poll_id] = poll = tally.poll
        if poll != before or shown:
            self._send_change(poll, before)
        if poll.state != "draft":
            self._send_tally(poll)

    def _send_change(self, poll: Poll, before: Poll | None) -> None:
        """Send a change of a poll. To everybody but hosts, a draft that opens is new."""
        news = "poll:created" if before is None else "poll:changed"
        self._emit(news, poll, to=audiences(poll.room, HOSTS))
        if poll.state != "draft":
            new = before is None or before.state == "draft"
            others = audiences(poll.room, MEMBERS, OUTSIDERS)
            self._emit("poll:created" if new else "poll:changed", poll, to=others)

    def _send_tally(self, poll: Poll) -> None:
        """Send a poll's results; a slow client gets only the newest."""
        now, results = self._parts.clock(), self._parts.results
        key = f"tally/{poll.id}"
        document = results.document(poll.id, now)
        if results_hidden(poll) == results_hidden(poll, host=True):
            self._emit_latest("tally:update", document, audiences(poll.room), key)
            return
        for_hosts = results.document(poll.id, now, host=True)  # both of one moment: sending yields
        others = audiences(poll.room, MEMBERS, OUTSIDERS)
        self._emit_latest("tally:update", document, others, key)
        self._emit_latest("tally:update", for_hosts, audiences(poll.room, HOSTS), key)


def _knowing(poll: Poll) -> list[str]:
    """Return the audiences that may know of a poll."""
    return audiences(poll.room, HOSTS) if poll.state == "draft" else audiences(poll.room)
