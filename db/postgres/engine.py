"""The engine: the tables in memory of one worker, which PostgreSQL keeps, orders and tells others.

It publishes what others have committed, and turns what its own transactions have changed into SQL.
`turns` decides when: only who has the turn may run a transaction.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager

from db.engine import OnCommit
from db.journal.committer import Flight
from db.journal.documents import ByTable, Change, Document, settle
from db.journal.errors import OutcomeUnknown
from db.journal.measures import Histogram
from db.journal.memory import Grouping
from db.journal.parts import Rule
from db.journal.snapshot import Position, Writer
from db.journal.tables import Tables
from db.postgres import statements
from db.postgres.loading import Loaded, load
from db.postgres.part_tables import write_parts
from db.postgres.session import Command, Rows, Session
from db.postgres.statements import COMMIT, ROLLBACK, Author, Encoded, States
from db.postgres.transaction import Transaction
from db.postgres.turns import Turns

Place = tuple[str, int, Document]


class PostgresEngine(Tables):
    """Tables in memory, stored in the PostgreSQL database at `url` (a URL or a conninfo string).

    worker: the name of this process among the workers of the database
    unique, grouping, parts: as `db.journal.JournaledStorage` takes them. Each part is a table
    on_commit: called with each durable batch's changes, of any worker, in the log's order, before
    its own writers continue; it must not block
    on_apply: called before that with the changes of other workers
    passing: the tables that a backup lacks
    announcement: returns the table, id and document by which others learn that this worker has read
    everything again; it is given what was read

    Raises `Unavailable` if the database can't be used.
    """

    def __init__(
        self,
        url: str,
        worker: str,
        *,
        unique: Mapping[str, tuple[str, ...]],
        grouping: Mapping[str, Grouping],
        parts: Mapping[str, Rule],
        on_commit: OnCommit,
        on_apply: OnCommit = lambda _changes: None,
        passing: tuple[str, ...] = (),
        announcement: Callable[[ByTable], Place | None] = lambda _read: None,
    ) -> None:
        super().__init__(unique, grouping, parts, lambda _part: 0)
        self.stored = ("meta", *unique)
        """The names of the tables."""
        self._on_commit, self._on_apply = on_commit, on_apply
        self._passing, self._announcement = passing, announcement
        self._issued: set[str] = set()
        self.worker = worker.encode()
        self.sequence = 0
        self.owner: int | None = None
        """The thread, or greenlet, whose transaction is under way."""
        self.turns = Turns(self, url)

    @property
    def failure(self) -> OutcomeUnknown | None:
        """Why nothing is written now; None while all is well."""
        return self.turns.health.failure

    def figures(self) -> dict[str, float | Histogram]:
        """Return what an operator wants to know: see `db.postgres.health`."""
        return self.turns.health.figures()

    # -- transactions -----------------------------------------------------------------

    def transaction(self) -> AbstractContextManager[None]:
        """Everything written inside is one batch: all of it or nothing. It waits for the turn.

        However the block ends, the context then waits until everything that could be read inside is
        durable. An exception undoes the writes. A transaction inside another belongs to it, but is
        undone separately.

        Raises `OutcomeUnknown` if PostgreSQL can't be reached.
        """
        return Transaction(self)

    @property
    def settled(self) -> bool:
        """False: another worker may have committed something that can't be read here yet."""
        return False

    def barrier(self) -> None:
        """Return once everything published so far is durable. Raises `OutcomeUnknown`."""
        if not self.is_inside:
            self.turns.waiting.flight.wait()

    @property
    def ended(self) -> Flight | None:
        """The last batch, if it is durable or undone; None if it still can be either."""
        flight = self.turns.waiting.flight
        return flight if flight.landed.is_set() else None

    @property
    def is_inside(self) -> bool:
        """Whether the caller is in a transaction."""
        return self.owner == threading.get_ident()

    def catch_up(self) -> None:
        """Return once all that any worker had committed before this call is published here."""
        self.turns.waiting.catch_up()

    def issue_ids(self, name: str, count: int) -> range:
        """Issue the next ids of a table: inside a transaction, or in one of their own.

        Nobody gets ids whose batch is refused: what would use them fails, too. So it is right that
        they may be issued again.
        """
        if not self.is_inside:
            with self.transaction():
                return self.issue_ids(name, count)
        self._issued.add(name)
        state = self.table(name)
        state.next_id += count
        return range(state.next_id - count, state.next_id)

    def give_up(self, error: Exception) -> OutcomeUnknown:
        """Write nothing more until the store is opened again. Return the error to raise."""
        return self.turns.give_up(error)

    def forget(self, table: str, values: Iterable[object]) -> None:
        """Remove all lines of the log, and what is left of parts of a table; return once no file
        has them. Raises `OutcomeUnknown`.
        """
        parts = [statements.drop_part(f"{table}_{each}") for each in values]
        self.turns.waiting.errand([*parts, statements.FORGET_LOG])

    def backup(self) -> Iterator[bytes]:
        """Yield everything that is durable now as TinyDB's file, in slices."""
        with self.transaction():
            kept = [name for name in self.stored if name not in self._passing]
            tables = {name: dict(self.documents(name)) for name in kept}
            next_ids = {name: self.table(name).next_id for name in kept}
            position = Position(self.sequence, self.worker.decode(), next_ids=next_ids)
        return iter(Writer(tables, position))

    def close(self) -> None:
        """Commit everything that waits, and end the session."""
        self.refuse_inside()
        self.turns.close()

    # -- what this worker commits -------------------------------------------------------

    def take_issued(self) -> dict[str, int]:
        """Return the next ids of the tables of which ids were issued since the last call."""
        names, self._issued = self._issued, set()
        return {name: self.table(name).next_id for name in names}

    def commands(
        self, encoded: Encoded, next_ids: dict[str, int], by: Author, *, alone: bool
    ) -> list[Command]:
        """Return what commits a batch that is published in memory. alone: no worker has to hear."""
        finals = statements.last_states(encoded)
        commands: list[Command] = []
        for name, rows in finals.items():
            unique, rule = self._unique.get(name, ()), self.parts.rules.get(name)
            if rule is None:
                commands += statements.write(name, rows, unique)
            else:
                commands += write_parts(name, rows, unique, rule, self.table(name).sizes)
        commands.append(statements.append(self.sequence + 1, finals, next_ids, by, alone=alone))
        return [*commands, COMMIT]

    def announce(self, found: Loaded, by: Author) -> list[Command]:
        """Add to what was read that this worker has read it, as one more batch; return the
        statements that commit that.
        """
        place = self._announcement(found.tables)
        if place is None:
            return [ROLLBACK]
        name, key, document = place
        change = Change(name, key, found.tables[name].get(key), document)
        finals = statements.last_states(statements.encode_each([change]))
        found.tables[name][key] = document
        found.sequence += 1
        commands = statements.write(name, finals[name], self._unique[name])
        return [*commands, statements.append(found.sequence, finals, {}, by), COMMIT]

    def landed(self, changes: list[Change]) -> None:
        """Note that a batch is durable, and notify."""
        with self.mutex:
            self.sequence += 1
            self._on_commit(statements.net(changes))

    def undo(self, changes: list[Change]) -> None:
        """Undo changes that never became durable."""
        with self.mutex:
            self._undo(changes)

    # -- what others commit -------------------------------------------------------------

    def load(self, session: Session) -> None:
        """Read everything at the start."""
        found = load(session, self.stored)
        with self.mutex:
            self._fill(found)

    def replace(self, found: Loaded) -> None:
        """Publish what differs in what was read again, as one batch."""
        states = {
            name: {**dict.fromkeys(self.documents(name)), **documents}
            for name, documents in found.tables.items()
        }
        with self.mutex:
            self._publish_states(states, found.next_ids, found.sequence)

    def apply(self, head: int, rows: Rows) -> bool:
        """Publish lines of the log; return whether they reach from the last one to the head."""
        if head < self.sequence or (head > self.sequence and not rows):
            return False
        for number, body in rows:
            if int(number or 0) != self.sequence + 1:
                return False
            states, next_ids = statements.read_line(body)
            with self.mutex:
                self._publish_states(states, next_ids, self.sequence + 1)
        return True

    def _fill(self, found: Loaded) -> None:
        for name, documents in found.tables.items():
            state, rule = self.table(name), self.parts.rules.get(name)
            state.load(documents)
            state.reserve(found.next_ids.get(name, 1) - 1)
            if rule is not None:
                places = map(rule, documents.values())
                state.sizes.update(each for each in places if each is not None)
            state.build_indexes()
        self.sequence = found.sequence

    def _publish_states(self, states: States, next_ids: Mapping[str, int], sequence: int) -> None:
        """Publish documents as others have left them, and notify."""
        changes: list[Change] = []
        for name, rows in states.items():
            changes += self._bring(name, rows)
        for name, next_id in next_ids.items():
            self.table(name).reserve(next_id - 1)
        self.sequence = sequence
        self._on_apply(changes)
        self._on_commit(changes)

    def _bring(self, name: str, rows: Mapping[int, Document | None]) -> list[Change]:
        """Bring documents of a table to their states; those that give up a unique value first."""
        state, unique = self.table(name), self._unique.get(name, ())
        changes = []
        before = {key: state.documents.get(key) for key in rows}
        for key, after in rows.items():
            if statements.frees(before[key], after, unique):
                state.put(key, None)
        for key, after in rows.items():
            if after is not None:
                state.put(key, settle(after))
            now = state.documents.get(key)
            if now is not before[key]:
                changes.append(Change(name, key, before[key], now))
        return changes
