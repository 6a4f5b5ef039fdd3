"""What is kept, and the store's interface: what the rules ask of any store.

`tinydb_store` keeps it in TinyDB with a journal (`journal/`), `poll_keys` the keys of polls.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from db.journal.errors import Duplicate, JournalError, OutcomeUnknown, StorageFull, Unavailable
from schemas.accounts import Account
from schemas.ballots import Ballot
from schemas.polls import Poll, Room

__all__ = [
    "Duplicate",
    "JournalError",
    "OutcomeUnknown",
    "Step",
    "StorageFull",
    "Store",
    "Unavailable",
]


Kept = Account | Ballot | Poll


class Step(NamedTuple):
    """One durable step of something kept: what it was before and is after, None for nothing."""

    before: Kept | None
    after: Kept | None


class Store(Protocol):
    """What any store does; one suite of tests holds all of them to it.

    Writes belong in a transaction. Reading sees everything published, also what is not yet
    durable: an answer that rests on it belongs in a transaction too, which waits.
    """

    epoch: int
    """Grows only when history is rewound: a backup was restored."""

    @property
    def sequence(self) -> int:
        """How many batches have become durable, ever. It only grows."""

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing can be written any more; None while all is well."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside becomes durable together, or not at all.

        Left by whatever way, it waits until all that could be read inside is durable. Two
        transactions never interleave. An exception takes the writes back.

        Raises `OutcomeUnknown` where that can't be: the writes may or may not survive.
        """

    def subscribe(self, listener: Callable[[list[Step]], None]) -> None:
        """Tell `listener` of all that is there, then of each durable step, in order.

        It is told before the writer goes on, and must not block.
        """

    def account(self, account_id: int) -> Account | None: ...

    def account_by_email(self, email_key: str) -> Account | None: ...

    def add_account(self, account: Account) -> Account:
        """Keep a new account; return it with its id. Raises `Duplicate` for a taken email."""

    def save_account(self, account: Account) -> None: ...

    def has_administrator(self) -> bool: ...

    def revoke(self, token_id: str, expires_at: datetime) -> None:
        """Refuse a token from now on; it may be forgotten once it has expired."""

    def is_revoked(self, token_id: str) -> bool: ...

    def rooms(self) -> list[Room]: ...

    def room(self, code: str) -> Room | None: ...

    def save_room(self, room: Room) -> None: ...

    def poll(self, poll_id: int) -> Poll | None: ...

    def polls(self, room: str) -> list[Poll]:
        """Return a room's polls, oldest first."""

    def poll_of_candidate(self, candidate_id: int) -> int | None: ...

    def add_poll(self, poll: Poll) -> Poll:
        """Keep a new poll and its key; return it with its id and its candidates' ids."""

    def poll_key(self, poll_id: int) -> bytes:
        """Return the key that a poll's voters are pseudonyms under. Raises KeyError."""

    def ballot(self, voter: str) -> Ballot | None:
        """Return the ballot that lies under a pseudonym."""

    def add_ballot(self, ballot: Ballot) -> None:
        """Keep a voter's first ballot. Raises `Duplicate` where the pseudonym has one."""

    def replace_ballot(self, ballot: Ballot) -> None:
        """Put a ballot in the place of the one with its id."""

    def backup(self) -> Iterator[bytes]:
        """Yield a file that `restore` takes, of what is durable now; writers go on meanwhile."""

    def close(self) -> None:
        """Take everything to disk in order and let the files go."""
