"""The polls that a client is sent when it joins a room: few, however many the room has had.

Nothing here reads a poll that it doesn't return.
"""

from typing import NamedTuple

from voting.model.polls import ENDED, ONGOING, Poll
from voting.model.rooms import Room
from voting.store import Store, Within

ENDED_SENT = 10
"""How many polls that have ended are sent: the newest."""
ONGOING_SENT = 100
"""How many open and paused polls are sent; to hosts as many drafts, too."""


class RecentPolls(NamedTuple):
    """The recent polls of a room, oldest first. All others that one may see are older than the poll
    `next`; it is None if there are no others.
    """

    polls: list[Poll]
    next: int | None


def recent_polls(store: Store, room: Room, *, drafts: bool) -> RecentPolls:
    """Return the current poll, the newest of those that are open or paused, the newest that have
    ended and, with `drafts`, the newest drafts.
    """
    wanted: dict[tuple[str, ...], int] = {ONGOING: ONGOING_SENT, ENDED: ENDED_SENT}
    if drafts:
        wanted["draft",] = ONGOING_SENT
    found, cut = dict[int, Poll](), list[int]()
    for states, most in wanted.items():
        newest = _newest(store, room, states, most + 1)
        sent = newest[-most:]
        found |= {poll.id: poll for poll in sent}
        if len(newest) > most:
            cut.append(sent[0].id)
    current = None if room.current_poll is None else store.get(Poll, room.current_poll)
    if current is not None and (drafts or current.state != "draft"):
        found[current.id] = current
    return RecentPolls([found[poll_id] for poll_id in sorted(found)], max(cut, default=None))


def _newest(store: Store, room: Room, states: tuple[str, ...], most: int) -> list[Poll]:
    """Return the newest polls in one of the states, oldest first."""
    last = Within(limit=-most)
    found = [
        poll for each in states for poll in store.group(Poll, (room.code, each), "state", last)
    ]
    return sorted(found, key=lambda poll: poll.id)[-most:]
