"""What the clock does by itself: polls open and close at their times.

A step is on the disk in the journal when it is done, an opening's key just before: nobody else
waits for that. What the end of a secret poll leaves to do is done elsewhere, by `voting.ending`.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from voting.closing import begin_close
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.people import find_poll
from voting.polls import lacks_key, open_poll
from voting.refusals import Refusal
from voting.store import Step, Store
from voting.times import due_at, is_missed

RETRY = timedelta(minutes=1)
AT_ONCE = 64
"""How many polls one look opens and closes."""
BATCH_POLLS, BATCH_BALLOTS = 16, 1_000
"""How many of these share a transaction, and with how many ballots."""

logger = logging.getLogger(__name__)


class Schedule:
    """The polls that are to open or close by the clock. Each look costs a glance at these alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: dict[int, datetime] = {}
        store.subscribe(self._apply, Poll)

    def keep(self, now: datetime) -> bool:
        """Open and close the polls whose time has come; a room's in the order of their times.

        Rooms take turns, and of many polls the rest is left to the next look: nobody's polls wait
        for all of another's. One that can't be opened or closed stays as it is, and is tried again
        in a minute. Return whether the end of any has begun.
        """
        due, ended = self._in_turn(now)[:AT_ONCE], False
        self._due |= dict.fromkeys(due, now + RETRY)  # what is done replaces this
        try:
            self._prepare_keys(due, now)
            for some in self._batches(due):
                ended |= self._keep_all(some, now)
        except Exception:
            logger.exception("polls could not be opened or closed at their time")
        return ended

    def _in_turn(self, now: datetime) -> list[int]:
        """Return the polls that are due: the first of each room, then the second of each."""
        due = sorted((at, each) for each, at in self._due.items() if at <= now)
        turns: Counter[str] = Counter()
        order = []
        for at, poll_id in due:
            poll = self._store.get(Poll, poll_id)
            room = "" if poll is None else poll.room
            order.append((turns[room], at, poll_id))
            turns[room] += 1
        return [poll_id for _, _, poll_id in sorted(order)]

    def _prepare_keys(self, due: Iterable[int], now: datetime) -> None:
        """Make the keys of those that are about to open: one file has them all."""
        polls = [poll for each in due if (poll := self._store.get(Poll, each)) is not None]
        lacking = [
            each.id for each in polls if lacks_key(self._store, each) and not is_missed(each, now)
        ]
        if lacking:
            self._store.prepare_poll_keys(lacking)

    def _batches(self, due: Iterable[int]) -> Iterator[list[int]]:
        """Yield polls that share a transaction: while it lasts, nobody else is served."""
        some, ballots = [], 0
        for poll_id in due:
            some.append(poll_id)
            ballots += self._store.size(Ballot, poll_id, "poll")
            if len(some) >= BATCH_POLLS or ballots >= BATCH_BALLOTS:
                yield some
                some, ballots = [], 0
        if some:
            yield some

    def _keep_all(self, poll_ids: Iterable[int], now: datetime) -> bool:
        acts = [partial(keep_time, self._store, poll_id) for poll_id in poll_ids]
        with self._store.transaction():
            results = self._store.attempt_each(acts, now)
        for _, error in results:
            if error is not None and not isinstance(error, Refusal):
                logger.error("a poll could not be opened or closed at its time", exc_info=error)
        return any(poll is not None and poll.closed_at is not None for poll, _ in results)

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

    A draft whose opening was missed stays one, and says so. Call it inside a transaction. Raises
    `NotFound`.
    """
    poll = find_poll(store, poll_id)
    at = due_at(poll)
    if at is None or at > now:
        return poll
    if poll.state != "draft":
        return begin_close(store, poll_id, now, CLOCK)
    if is_missed(poll, now):
        return store.save(replace(poll, missed_opening=True))
    return open_poll(store, poll_id, now, CLOCK)
