"""Ends the connections of a process that is cut off from the database: its data is out of date.

Its clients are told when to come back, as by a server that stops. They find another worker, or are
refused until this one has heard of the others again.
"""

import logging
from collections.abc import Callable

from api.loops import every, repeat
from voting.store import Store

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Outages:
    """Watches whether what the store has may still be shown.

    drain: ends all connections, and refuses new ones
    reopen: takes new ones again
    """

    def __init__(self, store: Store, drain: Callable[[], None], reopen: Callable[[], None]) -> None:
        self._store, self._drain, self._reopen = store, drain, reopen
        self._seen = self._away = False

    def run(self) -> None:
        """Look once a second, for ever, if other processes write what this one shows."""
        if self._store.worker is not None:
            repeat(every(LOOK_SECONDS), self.look, "looking for an outage failed")

    def look(self) -> None:
        """End connections when an outage begins; take new ones when it is over."""
        outdated, before = self._store.outdated, self._seen
        self._seen = outdated
        if outdated and before and not self._away:  # a process that slept may hear at once
            logger.error("the database can't be reached: all connections end")
            self._away = True
            self._drain()
        elif self._away and not outdated:
            self._away = False
            self._reopen()
