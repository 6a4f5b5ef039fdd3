"""This process among those that share a store: it says that it is there, and clears up after those
that have ended.
"""

import hashlib
import logging
from contextlib import suppress
from dataclasses import replace

from api.loops import every, repeat
from api.presence import Presence
from db import OutcomeUnknown
from voting.attendance import end_connections
from voting.model.workers import Lease, Worker
from voting.store import Store

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
AT_ONCE = 500
"""How many leases of a worker that has ended are removed in one transaction."""


class OtherSecret(Exception):
    """The worker's tokens, or its file of polls' keys, would not be those of the others."""


class Workers:
    """The processes that share a store. In a store of one process it only begins.

    key: of the tokens, which must be the same for all
    """

    def __init__(self, store: Store, presence: Presence, key: str) -> None:
        self._store, self._presence = store, presence
        self._secret = hashlib.sha256(f"rollcall worker {key}".encode()).hexdigest()[:16]
        self._keys = str(getattr(store, "keys_name", ""))
        self._reloads, self._ended = self._count_reloads(), False

    def begin(self) -> None:
        """Say that this process is there, and take everybody offline who no worker has.

        Raises `OtherSecret`.
        """
        if self._store.worker is not None:
            with self._store.transaction():
                for each in self._others():
                    if not self._store.is_gone(each.name):
                        self._compare(each)
            self._announce()
        end_connections(self._store, self._store.now())

    def run(self) -> None:
        """Look after the workers once a second, for ever."""
        if self._store.worker is not None:
            repeat(every(LOOK_SECONDS), self.look, "looking after the workers failed")

    def end(self) -> None:
        """Say that this process ends, so that nobody waits for it."""
        own, self._ended = self._find_own(), True
        if own is not None and self._store.failure is None:
            with suppress(OutcomeUnknown):
                self._remove(own)

    def look(self) -> None:
        """Clear up after workers that have ended; say again that this one is there if others don't
        know, or it has read everything again.
        """
        if self._store.failure is not None:
            return
        for each in self._others():
            if self._store.is_gone(each.name):
                logger.warning("worker %s has ended: its connections are gone", each.name)
                self._remove(each)
        reloads = self._count_reloads()
        if self._ended:
            return
        if self._find_own() is None or reloads != self._reloads:
            self._announce()
            self._reloads = reloads
            self._presence.hold_again()

    def _compare(self, other: Worker) -> None:
        """Raises `OtherSecret`."""
        secret, _, keys = other.secret.partition(" ")
        if secret != self._secret:
            raise OtherSecret("another worker has another ROLLCALL_SECRET_KEY: give all the same")
        if keys and keys != self._keys:
            raise OtherSecret(
                "another worker has another file of polls' keys: give all the same folder as "
                "ROLLCALL_INSTANCE, on several machines one that they share"
            )

    def _announce(self) -> None:
        with self._store.transaction():
            own = self._find_own()
            if own is None:
                secret = f"{self._secret} {self._keys}".strip()
                self._store.add(Worker(0, str(self._store.worker), 1, secret))
            else:
                self._store.save(replace(own, announced=own.announced + 1))

    def _remove(self, worker: Worker) -> None:
        while True:
            with self._store.transaction():
                if self._store.get(Worker, worker.id) is None:
                    return
                leases = self._store.group(Lease, worker.name, "worker")
                for lease in leases[:AT_ONCE]:
                    self._store.remove(lease)
                if len(leases) <= AT_ONCE:
                    self._store.remove(worker)

    def _others(self) -> list[Worker]:
        return [each for each in self._store.each(Worker) if each.name != self._store.worker]

    def _find_own(self) -> Worker | None:
        return self._store.find(Worker, "name", str(self._store.worker))

    def _count_reloads(self) -> int:
        return int(getattr(self._store, "reloads", 0))
