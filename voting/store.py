"""The store's interface: what the rules ask of any store."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from math import inf
from typing import Any, NamedTuple, Protocol, TypeVar

from voting.ballot_box import BallotBox
from voting.chain import Head
from voting.model.entities import Entity
from voting.rest import Rest

T = TypeVar("T")
K = TypeVar("K", bound=Entity)


class Within(NamedTuple):
    """The ids between two others: the first `limit` of them, or with a limit of -n the last n."""

    after: int = -1
    before: float = inf
    limit: int | None = None


ALL = Within()
READ_AT_ONCE = 100


class Duplicate(Exception):
    """A unique field's value is taken. The message leaves the value out: it may be personal."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} must be unique")
        self.field = field


class Step(NamedTuple):
    """One durable change of one thing: the thing before and after it, None if there was none.

    Candidates have steps of their own, so a poll's `before` may lack candidates that were removed
    with it.
    """

    before: Entity | None
    after: Entity | None


class Spread(Protocol):
    """How values are spread: `counts` of those within each of `bounds`, then of those above all;
    `total` is their sum.
    """

    @property
    def bounds(self) -> tuple[float, ...]: ...
    @property
    def counts(self) -> list[int]: ...
    @property
    def total(self) -> float: ...


class Store(BallotBox, Protocol):
    """What every store does. `tests/db/test_store_contract.py` tests it.

    Each stored thing is a frozen dataclass or a named tuple with an `id`. Write in a transaction. A
    read sees everything that is published, also what is not durable yet. So if a response depends
    on a read, read in a transaction too: it ends once everything that it could read is durable.

    Unique, each raising `Duplicate`: an account's `email_key`, `voting_key` and `reset_code`, the
    `code` of an invitation and of a room, a row's email, ref, account and claim code, a ballot's
    `voter`, a person's attendance of a meeting (`who_key_of`), the admission of a row to a poll, a
    message's `sent_key`, a place in a room's log, a revocation's `token_id`, a recorded name's
    `receipt_key`, a record tree's `poll_key`.
    """

    epoch: int
    """Grows only when a backup is restored."""

    @property
    def hours(self) -> float:
        """For how many hours the store has been open in all, by a clock that nobody can set.

        It may be too few, never too many: closing the store loses the hours since a session was
        last ended.
        """

    @property
    def sequence(self) -> int:
        """How many batches have become durable, ever. It only grows."""

    @property
    def restored(self) -> bool:
        """Whether a backup was restored and `accept_restored` has not been called since."""

    @property
    def replaced_logs(self) -> Mapping[str, Head]:
        """Of rooms by their codes, how far their logs had come in the store that a backup replaced,
        where the backup's logs are others. Empty once `accept_restored` has been called.
        """

    def accept_restored(self) -> None:
        """Note that the work after a restore is done; return once that is on disk."""

    @property
    def failure(self) -> Exception | None:
        """Why nothing can be written any more; None while all is well."""

    @property
    def worker(self) -> str | None:
        """The name of this process among those that share the store; None if none can."""

    @property
    def leads(self) -> bool:
        """Whether this process does what one of those that share the store has to do."""

    @property
    def outdated(self) -> bool:
        """Whether what can be read is too old to be shown, because others can't be heard."""

    def send_note(self, note: str) -> None:
        """Send a note to all other processes that share the store, soon. It may be lost, and is not
        stored.

        note: at most 1,000 characters
        """

    def hear_notes(self, listener: Callable[[str], None]) -> None:
        """Have the notes of other processes heard. The listener must not block."""

    def is_gone(self, worker: str) -> bool:
        """Return whether a process that shared the store has ended."""

    def now(self) -> datetime:
        """Return the time (aware UTC); it is the same for all that share the store."""

    def catch_up(self) -> None:
        """Return once everything can be read that was committed anywhere before this call.

        Raises `OutcomeUnknown` if that can't be found out.
        """

    @property
    def settled(self) -> bool:
        """Whether all that can be read is durable, and all that was committed anywhere can be read:
        then a read needs no `reading`.
        """

    @property
    def overlaps(self) -> bool:
        """Whether transactions run while the ones before them are made durable by somebody else,
        so that it takes no longer to have two under way.
        """

    def settling(self) -> AbstractContextManager[None]:
        """Return a context that ends, in whatever way, once everything that could be read inside is
        durable. Others may write meanwhile. Raises `OutcomeUnknown` if it can't be.
        """

    def reading(self) -> AbstractContextManager[bool]:
        """Return a context that only reads, and sees everything that was committed anywhere before
        it. It ends once everything that it could read is durable. Others may write meanwhile if it
        yields.

        It is given whether everything can be read. If not, because others can't be heard, what is
        read is not very old, but no refusal may rest on it.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Return a context in which all writes become durable together, or none does.

        However the block ends, the context then waits until everything that could be read inside is
        durable. Two transactions never interleave. An exception undoes the writes.

        Raises `OutcomeUnknown` if the disk fails: the writes may or may not survive.
        """

    def attempt_each(
        self, acts: Iterable[Callable[..., T]], *given: Any
    ) -> list[tuple[T | None, Exception | None]]:
        """Call `act(*given)` for one act after the other, as parts of the current transaction.
        Return for each what it returned, or what it raised; then its own writes are undone, and no
        others.

        Raises RuntimeError outside a transaction.
        """

    def afterwards(self, work: Callable[[], None]) -> None:
        """Have `work` called after the present transaction, once that is durable and before its
        block returns. It is not called if the transaction is undone.

        Raises RuntimeError outside a transaction.
        """

    def subscribe(
        self, listener: Callable[[list[Step]], None], *kinds: type[Entity], past: bool = True
    ) -> None:
        """Call `listener` with each durable step, in order, before its writer goes on.

        The listener must not block.

        past: call it first with a step for everything that is stored, but for ballots (`counts`)
        kinds: call it only with batches that have a step of one of these kinds
        """

    def get(self, kind: type[K], key: int) -> K | None:
        """Return the thing with this id, in O(1); None if there is none."""

    def find(self, kind: type[K], field: str, value: str) -> K | None:
        """Return the thing whose unique field has this value, in O(1); None if there is none."""

    def group(self, kind: type[K], value: Any, by: str = "room", within: Within = ALL) -> list[K]:
        """Return the things of a group, oldest first; by default those of a room: its rows, guests,
        polls, meetings, attendance, messages or log.

        It takes O(1) for each thing that it returns. `by` names the kind of group, and `value` is

            all         True: accounts, revocations, rooms
            day         revocations: the day on which their tokens expire
            visibility  rooms
            shown       polls: room, whether they are no drafts; messages: room, whether they are
                        not removed
            state       polls: room, state
            account     rows
            email       rows, normalised
            seat        rows: room, role, whether an account has it
            name_mark   rows with neither ref nor email: room, "name", `name_key`
            ref_mark, email_mark  removed rows: room, "ref" or "email", that normalised
            name, look  rows, guests, attendance: room, what the name looks like (`looks_of`)
            who         attendance, of all rooms
            poll        admissions, recorded names, record trees
            author      messages, of all rooms
            meeting     attendance: room, meeting or None; polls: the meeting
            open        attendance that is open (`voting.moving`): room, meeting or None
            checked_in  rows that are checked in: room
            ended       meetings: whether they have ended
            kind        log: room, kind
            person      recorded names, of all polls; mutes: room, person
            voter       recorded names: poll, person
            barred      bars, of all rooms: `Bar.who`
            muted       mutes, of all rooms: `Mute.who`
        """

    def ids(self, kind: type[K], value: Any, by: str = "room") -> Collection[int]:
        """Return the ids of the things of a group, in no order, without making the things."""

    def size(self, kind: type[K], value: Any, by: str = "room") -> int:
        """Return how many things a group has, in O(1)."""

    def values(self, kind: type[K], by: str = "room") -> list[Any]:
        """Return the values for which there are groups, in no order."""

    def each(self, kind: type[K]) -> list[K]:
        """Return everything of a kind, oldest first; ballots in no order."""

    def count(self, kind: type[K]) -> int:
        """Return how many things of a kind there are, in O(1)."""

    def add(self, entity: K) -> K:
        """Store something new; return it with its id, which is never given again.

        A ballot brings a random id, and may get another one. A poll's candidates get ids too, and
        are stored and removed together with the poll.
        """

    def save(self, entity: K) -> K:
        """Replace the thing that has the same id; return it as it is stored."""

    def remove(self, entity: Entity) -> None: ...

    def prepared(self, entities: Iterable[Entity], rest: Rest) -> AbstractContextManager[None]:
        """Do now what `add` and `save` of these very objects, no ballots or polls, would do in the
        context; they are then quick. Use it outside a transaction that stores many things.

        rest: called after each
        """

    def revision(self, kind: type[Entity], room: str) -> int:
        """Return a number that grows with each change of the rows, or removed rows, of a room."""

    def backup(self) -> Iterator[bytes]:
        """Yield the bytes of a backup of what is durable now. Writers go on meanwhile."""

    def figures(self) -> Mapping[str, float | Spread]:
        """Return what an operator wants to know, by the names of metrics with their units: sums
        end in `_total`. It costs next to nothing.
        """

    def close(self) -> None:
        """Write everything to disk and close the files."""


def read_group(store: Store, kind: type[K], value: Any, by: str = "room") -> Iterator[K]:
    """Yield the things of a group, oldest first, which are read `READ_AT_ONCE` at a time."""
    last = -1
    while found := store.group(kind, value, by, Within(after=last, limit=READ_AT_ONCE)):
        yield from found
        last = found[-1].id
