"""Closes polls in slices. Each is counted once, however many ask, and also if they go away."""

import logging
from collections.abc import Callable
from datetime import datetime

import gevent
from gevent.event import AsyncResult

from api.slices import Rests
from db import OutcomeUnknown
from voting.closing import begin_close, finish_close
from voting.model.polls import Poll
from voting.people import find_poll
from voting.refusals import NotFound
from voting.store import Store

logger = logging.getLogger(__name__)

WAIT_SECONDS = 50
"""How long a request waits for a count: many proxies cut off a request that takes a minute."""


class Closings:
    """The closes that are being counted. Each has a greenlet of its own, and they share what others
    leave of the event loop.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._counting: dict[int, AsyncResult] = {}

    def __len__(self) -> int:
        return len(self._counting)

    def close(self, poll_id: int, now: datetime, actor: str) -> Poll:
        """Close a poll at `now`; return it as `finish` does. Call it outside a transaction.

        Raises as `begin_close`.
        """
        begin_close(self._store, poll_id, now, actor)
        return self.finish(poll_id)

    def finish(self, poll_id: int) -> Poll:
        """Return a poll whose close has begun, once it is counted and that is on the disk, and a
        secret poll's key is gone from the files; after `WAIT_SECONDS` as it is then, still closing.
        The count goes on.

        Raises `NotFound`.
        """
        try:
            finished: Poll = self.count(poll_id).get(timeout=WAIT_SECONDS)
        except gevent.Timeout:
            return find_poll(self._store, poll_id)
        return finished

    def count(self, poll_id: int) -> AsyncResult:
        """Begin to count a closing poll, if that hasn't begun; return what is to be waited for."""
        if poll_id not in self._counting:
            self._counting[poll_id] = AsyncResult()
            gevent.spawn(self._count, poll_id, self._counting[poll_id])
        return self._counting[poll_id]

    def _count(self, poll_id: int, result: AsyncResult) -> None:
        try:
            result.set(finish_close(self._store, poll_id, self._clock, Rests(self.__len__)))
        except (OutcomeUnknown, NotFound) as error:
            # the store has failed or is closed, and says so itself; or the poll's room, in which it
            # was voided meanwhile, is deleted
            result.set_exception(error)
        except BaseException as error:  # whoever waits raises it; nobody does if it was the clock
            logger.exception("a closing poll could not be counted: it is tried again")
            result.set_exception(error)
        finally:
            del self._counting[poll_id]
