"""Disconnects sockets whose session has ended: it expired, was revoked, or its person was deleted.

A step of the store marks the people whom it may concern. A loop checks their connections, and the
sessions that have expired.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from api.live.connections import Connection, Connections
from api.loops import every, repeat
from api.problems import code_of
from api.tokens import Tokens
from voting.model.accounts import Account, Revocation
from voting.model.rooms import Guest, Room, Row
from voting.people import person_of
from voting.refusals import Refusal
from voting.store import Step, Store

INTERVAL_SECONDS = 1.0
AHEAD = timedelta(seconds=5 * INTERVAL_SECONDS)
"""How long before its end a session is watched for its expiry."""


class Sessions:
    """Calls `end(connection, code)` once for each connection whose session is over."""

    def __init__(
        self,
        connections: Connections,
        store: Store,
        tokens: Tokens,
        clock: Callable[[], datetime],
        end: Callable[[Connection, str], None],
    ) -> None:
        self._connections = connections
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._end = end
        self._revoked: set[str] = set()
        self._people: set[str] = set()
        store.subscribe(self._mark_changed, Revocation, Account, Row, Guest, Room, past=False)

    def run(self) -> None:
        """Check sessions once a second, for ever."""
        repeat(every(INTERVAL_SECONDS), self.sweep, "ending sessions failed")

    def sweep(self) -> None:
        """Check the marked people, and the sessions that have expired."""
        now = self._clock()
        ahead = now + AHEAD
        revoked, self._revoked = self._revoked, set()
        people, self._people = self._people, set()
        for connection, session in self._connections.signed_in():
            marked = session.token_id in revoked or session.person in people
            if not marked and now < session.expires_at:
                if session.expires_at <= ahead:
                    self._connections.expect_expiry(connection, ahead)
                continue
            try:
                self._tokens.authenticate(self._store, str(connection.token), now)
            except Refusal as refusal:
                self._end(connection, code_of(refusal))

    def _mark_changed(self, steps: list[Step]) -> None:
        for before, after in steps:
            match after or before:
                case Revocation() as revocation:
                    self._revoked.add(revocation.token_id)
                case Account() | Row() | Guest() | Room() as holder if before is not None:
                    self._people.add(str(person_of(holder)))
