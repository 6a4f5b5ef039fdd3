"""What the clock does by itself: polls open and close at their times.

A step is on the disk in the journal when it is done, an opening's key just before: nobody else
waits for that. What the end of a secret poll leaves to do is done elsewhere, by `voting.ending`.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from voting.ending import ENDED, close_poll
from voting.model.polls import Poll
from voting.polls import find_poll, lacks_key, open_poll
from voting.refusals import Refusal
from voting.store import Step, Store
from voting.times import due_at, is_missed

RETRY = timedelta(minutes=1)

logger = logging.getLogger(__name__)


class Schedule:
    """The polls that are to open or close by the clock. Each look costs a glance at these alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: dict[int, datetime] = {}
        store.subscribe(self._apply, Poll)

    def keep(self, now: datetime) -> bool:
        """Open and close every poll whose time has come, in the order of their times.

        One that can't be stays as it is, and is tried again in a minute. Return whether any has
        ended.
        """
        ended = False
        for _, poll_id in sorted((at, each) for each, at in self._due.items() if at <= now):
            self._due[poll_id] = now + RETRY  # what is done replaces this
            try:
                ended |= keep_time(self._store, poll_id, now).state in ENDED
            except Refusal:
                continue
            except Exception:
                logger.exception("a poll could not be opened or closed at its time")
        return ended

    def follow_clock(self) -> None:
        """Go by each poll's own time again: the clock was set, and the next try may be far off."""
        for poll_id in self._due:
            poll = self._store.get(Poll, poll_id)
            at = None if poll is None else due_at(poll)
            if at is not None:
                self._due[poll_id] = at

    def _apply(self, steps: list[Step]) -> None:
        for before, after in steps:
            match after or before:
                case Poll() as poll:
                    at = due_at(poll) if after else None
                    if at is None:
                        self._due.pop(poll.id, None)
                    else:
                        self._due[poll.id] = at


def keep_time(store: Store, poll_id: int, now: datetime) -> Poll:
    """Return a poll, opened or closed if its time has come: its times may have changed meanwhile.

    A draft whose opening was missed stays one, and says so. Raises `NotFound`.
    """
    found = find_poll(store, poll_id)
    if lacks_key(store, found) and not is_missed(found, now):
        store.prepare_poll_key(poll_id)
    with store.transaction():
        poll = find_poll(store, poll_id)
        at = due_at(poll)
        if at is None or at > now:
            return poll
        if poll.state != "draft":
            return close_poll(store, poll_id, now, finish=False)
        if is_missed(poll, now):
            return store.save(replace(poll, missed_opening=True))
        return open_poll(store, poll_id, now)
