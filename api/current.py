"""Reads that have to wait: until what they show is durable, and, where processes share a store, for
what others have committed before them.

All reads of the lane that arrive in one turn of the event loop wait together.
"""

from collections.abc import Callable

import gevent
from gevent.event import Event

from api.loops import call_each, repeat
from db import OutcomeUnknown
from voting.store import Store

MOST = 256
"""The most reads that are done together. Other work runs before the next."""

Read = Callable[[bool, Exception | None], Callable[[], object]]
"""It is given what `Store.reading` gives, and the error if it can't read; it returns what sends the
response. It is called again if what it has read can't become durable.
"""


def follow(store: Store) -> bool:
    """Return once everything can be read that was committed anywhere before this call, or False if
    that can't be found out now, and what can be read is not very old.

    Raises `OutcomeUnknown` if it is.
    """
    try:
        store.catch_up()
    except OutcomeUnknown:
        if store.outdated:
            raise
        return False
    return True


class Reads:
    """Has reads done by `Store.reading`. None of them may wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Read] = []
        self._arrived = Event()
        self._loop: object = None

    def add(self, read: Read) -> None:
        """Have a read done."""
        if self._loop is None:
            self._loop = gevent.spawn(repeat, self._arrived.wait, self._run, "a read failed")
        self._waiting.append(read)
        self._arrived.set()

    def _run(self) -> None:
        reads, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        if not self._waiting:
            self._arrived.clear()
        try:
            with self._store.reading() as current:
                sends = [read(current, None) for read in reads]
        except Exception as error:  # noqa: BLE001 (it becomes the responses)
            sends = [read(False, error) for read in reads]
        call_each(sends, "the sender of a read could not be answered")
