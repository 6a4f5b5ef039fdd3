"""The store's interface: what the rules ask of any store."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from math import inf
from typing import Any, NamedTuple, Protocol, TypeVar

from voting.model.accounts import Account, Invitation, Revocation
from voting.model.ballots import Ballot
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Attendance, Bar, Guest, Message, RemovedRow, Room, Row

Kept = (
    Account
    | Attendance
    | Ballot
    | Bar
    | Candidate
    | Guest
    | Invitation
    | Message
    | Poll
    | RemovedRow
    | Revocation
    | Room
    | Row
)


T = TypeVar("T")


K = TypeVar(
    "K",
    Account,
    Attendance,
    Ballot,
    Bar,
    Candidate,
    Guest,
    Invitation,
    Message,
    Poll,
    RemovedRow,
    Revocation,
    Room,
    Row,
)


class Within(NamedTuple):
    """Ids between two others: the first `limit` of them, or with -n the last n."""

    after: int = -1
    before: float = inf
    limit: int | None = None


ALL = Within()


class Duplicate(Exception):
    """A unique field's value is taken. The value is kept out of the message: it may be personal."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} must be unique")
        self.field = field


class Step(NamedTuple):
    """One durable step of something kept: what it was before and is after, None for nothing.

    Candidates have steps of their own: a poll's `before` may lack those that went with it.
    """

    before: Kept | None
    after: Kept | None


class Store(Protocol):
    """What any store does; one suite of tests holds all of them to it.

    Everything kept is a frozen dataclass, or a tuple with names, with an `id`. Writes belong in a
    transaction. Reading sees everything published, also what is not yet durable: an answer that
    rests on it belongs in a transaction too, which waits.

    Unique, each raising `Duplicate`: an account's `email_key`, `voting_key` and `reset_code`, the
    `code` of an invitation and of a room, a row's email, ref, account and claim code, a ballot's
    `voter`, a person's attendance of a room, a message's `sent_key`, a revocation's `token_id`.
    """

    epoch: int
    """Grows only when history is rewound: a backup was restored."""

    @property
    def hours(self) -> float:
        """How many hours it has been open in all, by a clock that nobody sets: never too many;
        those since a session was last ended may be lost when it is closed.
        """

    @property
    def sequence(self) -> int:
        """How many batches have become durable, ever. It only grows."""

    @property
    def restored(self) -> bool:
        """Tell whether a backup was restored that `accept_restored` has not been called for."""

    def accept_restored(self) -> None:
        """Note that what a restored backup asks for is done; return once that is on disk."""

    @property
    def failure(self) -> Exception | None:
        """Why nothing can be written any more; None while all is well."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside becomes durable together, or not at all.

        Left by whatever way, it waits until all that could be read inside is durable. Two
        transactions never interleave. An exception takes the writes back.

        Raises `OutcomeUnknown` where that can't be: the writes may or may not survive.
        """

    def attempt(self, act: Callable[[], T]) -> T:
        """Run `act` as a part of the current transaction; return its result. If it raises, its own
        writes are undone, and no others. Raises RuntimeError outside a transaction.
        """

    def afterwards(self, work: Callable[[], None]) -> None:
        """Call `work` outside the present transaction once it is durable, before whoever made it
        goes on; never if it is taken back. Raises RuntimeError outside a transaction.
        """

    def subscribe(
        self, listener: Callable[[list[Step]], None], *kinds: type[Kept], past: bool = True
    ) -> None:
        """Tell `listener` of all that is there, if `past`; then of each durable step, in order.

        It is told before the writer goes on, and must not block. Polls come before ballots.

        kinds: steps together are told where one is of these, all where none is named
        """

    def get(self, kind: type[K], key: int) -> K | None:
        """Return what has the id, in O(1)."""

    def find(self, kind: type[K], field: str, value: str) -> K | None:
        """Return what has the unique field's value, in O(1)."""

    def group(self, kind: type[K], value: Any, by: str = "room", within: Within = ALL) -> list[K]:
        """Return all of a room, oldest first: rows, guests, polls, attendance, messages.

        Those `within` bounds of their ids are found in O(them). By other things than the room,
        `value` is that of

            all         True: accounts, revocations, rooms
            visibility  rooms
            shown       polls: room, whether they are no drafts
            state       polls: room, state
            account     rows
            email       rows, normalised
            seat        rows: room, role, whether an account has it
            name_mark   rows with neither ref nor email, also removed: room, "name", `name_key`
            ref_mark, email_mark  removed rows: room, "ref" or "email", that normalised
            name, look  rows, guests, attendance: room, what the name looks like (`looks_of`)
            who         attendance, of all rooms
            author      messages, of all rooms
        """

    def size(self, kind: type[K], value: Any, by: str = "room") -> int:
        """Return how many a group has, in O(1)."""

    def values(self, kind: type[K], by: str = "room") -> list[Any]:
        """Return the values that groups have, in no order."""

    def each(self, kind: type[K]) -> list[K]:
        """Return all there is of a kind, oldest first; ballots have no age."""

    def ballots(self, poll_id: int) -> list[Ballot]:
        """Return a poll's ballots, in no order."""

    def iter_ballots(self, poll_id: int) -> Iterator[Ballot]:
        """Yield a poll's ballots, in no order, for who rests in between."""

    def count(self, kind: type[K]) -> int:
        """Return how many there are of a kind, in O(1)."""

    def add(self, kept: K) -> K:
        """Keep something new; return it with its id, which is its own for ever.

        A ballot brings its own random id. A poll's candidates get theirs too, and are kept and
        removed with it.
        """

    def save(self, kept: K) -> K:
        """Put something in the place of what has its id; return it as it is kept."""

    def remove(self, kept: Kept) -> None: ...

    def prepare_poll_keys(self, poll_ids: Collection[int]) -> None:
        """Make drafts' keys before `make_poll_key` asks for them; return once they are on disk.

        In a transaction all others would wait for the file. What fails stops the store.

        Raises `OutcomeUnknown`, or RuntimeError inside a transaction.
        """

    def make_poll_key(self, poll: Poll) -> Poll:
        """Make the key that a poll's voters are pseudonyms under, durable before this returns: the
        one that is prepared, if there is one.

        Return the poll as it is kept from now on, with the key's fingerprint. What fails stops the
        store.
        """

    def pseudonym(self, poll_id: int, voter: str) -> str:
        """Return what a voter's ballot in a poll lies under: HMAC-SHA-256 of the voter under the
        poll's key, in hex (RFC 2104). Raises KeyError where there is no key.
        """

    def keyed_polls(self) -> list[int]:
        """Return the ids of the polls that have a key, or whose forgetting isn't finished."""

    def forget_poll_keys(self, poll_ids: Collection[int]) -> None:
        """Unlink polls' keys, and rewrite the files without what only the journal still held.

        Those who ask while the files are being rewritten share the next time. What fails stops the
        store. A crash in between leaves the polls among `keyed_polls`: then call it again.

        Raises `OutcomeUnknown`, or RuntimeError inside a transaction, which could still take an
        ending back.
        """

    def backup(self) -> Iterator[bytes]:
        """Yield a file that `restore` takes, of what is durable now; writers go on meanwhile."""

    def close(self) -> None:
        """Take everything to disk in order and let the files go."""
