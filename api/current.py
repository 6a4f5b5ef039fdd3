"""Reads where processes share a store: what others have committed before them is waited for.

All reads of the lane that arrive in one turn of the event loop wait together.
"""

from collections.abc import Callable

import gevent
from gevent.event import Event

from api.loops import repeat
from db import OutcomeUnknown
from voting.store import Store

Read = Callable[[bool], object]
"""It is given whether everything can be read that was committed before it arrived."""


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
    """Has reads done once the store has caught up. None of them may wait."""

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
        self._arrived.clear()
        reads, self._waiting = self._waiting, []
        try:
            self._store.catch_up()
            current = True
        except OutcomeUnknown:
            current = False
        for read in reads:
            read(current)
