"""A store over an engine: what holds whatever keeps the documents.

It turns entities into documents and back, keeps the keys of polls, and notifies listeners. The
engine keeps the documents: see `db.engine`.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from db import journal
from db.ballots import Ballots, TableBallots
from db.engine import Engine, OnCommit
from db.journal import Change, OutcomeUnknown
from db.journal.errors import disk_fault, renewed
from db.journal.memory import between
from db.journal.runner import Runner
from db.names import Names, TableNames
from db.poll_keys import PollKeys, check_keys, find_faults
from db.preparing import Preparation, Preparing
from db.replaced_logs import REPLACED
from db.rows import RENAMED, Json, ballot_row, fields_of, name_row, read_ballot, read_name, row_of
from db.sharing import SharedRun
from db.tables import KINDS, TABLES
from db.upgrading import FORMAT, META_ID, add_first_meetings, format_of
from voting.chain import Head
from voting.model.accounts import Revocation
from voting.model.ballots import Ballot
from voting.model.entities import Entity
from voting.model.polls import ENDED, ONGOING, Candidate, Poll, Quorum
from voting.model.records import RecordName
from voting.model.rooms import RemovedRow, Row
from voting.store import ALL, Duplicate, K, Spread, Step, T, Within

REVISED = (RemovedRow, Row)
"""The types whose changes `revision` counts."""
MANY = (Ballot, RecordName)
"""The types of which there may be a million: their entities are not held."""


class EntityStore:
    """A `Store` over an engine.

    open_engine: opens the engine; it is given what to call with each durable batch's changes
    keys: the file of the polls' keys
    now: revocations of tokens that had expired long before are forgotten (aware UTC)
    """

    def __init__(
        self,
        open_engine: Callable[[OnCommit], Engine],
        keys: Path,
        now: datetime,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listeners: list[tuple[Callable[[list[Step]], None], frozenset[type]]] = []
        self._cached: dict[type, dict[int, tuple[Json, Any]]] = {kind: {} for kind in TABLES}
        self._preparing = Preparing()
        self._revisions = Counter[tuple[type, str]]()
        self._storage = open_engine(self._landed)
        self._tables = {kind: self._storage.table(table.name) for kind, table in TABLES.items()}
        self._ballots, self._names = self._open_ballots(), self._open_names()
        self._forgetting, self._run = SharedRun(self._forget), Runner()
        try:
            upgraded = format_of(self._storage.documents("meta")) == FORMAT
            self._keys = self._open_keys(keys)
            self._accept_keys()
        except BaseException:
            self.close()
            raise
        with self.transaction():
            revocations = self.each(Revocation)
            self._monotonic, self._opened = monotonic, monotonic()
            self._hours_before = max((each.hours for each in revocations), default=0.0)
            for revocation in revocations:
                if revocation.is_over(now, self.hours):
                    self.remove(revocation)
            add_first_meetings(self, self._storage.documents("attendance"))
            if not upgraded:
                self._storage.put("meta", META_ID, {**self._meta, "format": FORMAT})
        self.epoch: int = self._meta.get("epoch", 1)

    def _open_ballots(self) -> Ballots:
        return TableBallots(self._storage)

    def _open_names(self) -> Names:
        return TableNames(self._storage)

    def _open_keys(self, path: Path) -> PollKeys:
        return PollKeys(path, self._run)

    @property
    def hours(self) -> float:
        return self._hours_before + (self._monotonic() - self._opened) / 3_600

    @property
    def sequence(self) -> int:
        return self._storage.sequence

    @property
    def restored(self) -> bool:
        return bool(self._meta.get("restored"))

    @property
    def replaced_logs(self) -> Mapping[str, Head]:
        replaced: Mapping[str, Head] = self._meta.get(REPLACED, {})
        return replaced

    def accept_restored(self) -> None:
        done = ("restored", REPLACED)
        with self.transaction():
            rest = {key: value for key, value in self._meta.items() if key not in done}
            self._storage.put("meta", 1, rest)

    @property
    def failure(self) -> OutcomeUnknown | None:
        return self._storage.failure

    @property
    def worker(self) -> str | None:
        return None

    @property
    def leads(self) -> bool:
        return True

    @property
    def outdated(self) -> bool:
        return False

    def send_note(self, _note: str) -> None:
        """Nobody else is there."""

    def hear_notes(self, _listener: Callable[[str], None]) -> None:
        """Nobody else is there."""

    def is_gone(self, _worker: str) -> bool:
        return False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def catch_up(self) -> None:
        """Return at once: nobody else writes."""

    @property
    def settled(self) -> bool:
        return self._storage.settled

    @contextmanager
    def settling(self) -> Iterator[None]:
        failed = self._storage.failure
        try:
            yield
        finally:
            self._storage.barrier()
            failure = self._storage.failure
            if failure is not None and failed is None:  # what was read may be undone
                raise renewed(failure)

    @contextmanager
    def reading(self) -> Iterator[bool]:
        with self._storage.transaction():
            yield True

    def transaction(self) -> AbstractContextManager[None]:
        return self._storage.transaction()

    def attempt_each(
        self, acts: Iterable[Callable[..., T]], *given: Any
    ) -> list[tuple[T | None, Exception | None]]:
        return self._storage.attempt_each(acts, *given)

    def afterwards(self, work: Callable[[], None]) -> None:
        self._storage.afterwards(work)

    def subscribe(
        self, listener: Callable[[list[Step]], None], *kinds: type[Entity], past: bool = True
    ) -> None:
        self._storage.barrier()
        with self._storage.mutex:
            if past:
                stored = (each for kind in TABLES if kind not in MANY for each in self.each(kind))
                listener([Step(None, entity) for entity in stored])
            self._listeners.append((listener, frozenset(kinds or KINDS.values())))

    def backup(self) -> Iterator[bytes]:
        return self._storage.backup()

    def figures(self) -> Mapping[str, float | Spread]:
        engine: Any = self._storage
        found: Mapping[str, float | Spread] = engine.figures() if hasattr(engine, "figures") else {}
        return found

    def close(self) -> None:
        self._forgetting.settle()
        self._storage.close()
        self._run.close()

    # -- entities --------------------------------------------------------------------

    def get(self, kind: type[K], key: int) -> K | None:
        row, known = self._tables[kind].documents.get(key), self._cached[kind].get(key)
        if known is not None and known[0] is row:
            entity: K = known[1]
            return entity
        return None if row is None else self._entity(kind, key, row)

    def find(self, kind: type[K], field: str, value: str) -> K | None:
        if kind is RecordName and field == "receipt_key":
            poll_id, _, receipt = value.partition("/")
            found = self._names.find(int(poll_id), receipt)
        else:
            found = self._tables[kind].find(field, value)
        return None if found is None else self._entity(kind, *found)

    def group(self, kind: type[K], value: Any, by: str = "room", within: Within = ALL) -> list[K]:
        if kind is RecordName:
            keys = between(self._names.ids(by, value), *within)  # type: ignore[arg-type]
        else:
            keys = self._storage.group(TABLES[kind].name, by, value, within)
        found = (self.get(kind, key) for key in keys)
        return [entity for entity in found if entity is not None]

    def ids(self, kind: type[K], value: Any, by: str = "room") -> Collection[int]:
        if kind is RecordName:
            return self._names.ids(by, value)  # type: ignore[arg-type]
        return self._tables[kind].group(by, value).ids

    def size(self, kind: type[K], value: Any, by: str = "room") -> int:
        if kind is Ballot:
            return self._ballots.size(value)
        if kind is RecordName:
            return self._names.size(by, value)  # type: ignore[arg-type]
        return len(self._tables[kind].group(by, value).ids)

    def values(self, kind: type[K], by: str = "room") -> list[Any]:
        return self._storage.values(TABLES[kind].name, by)

    def each(self, kind: type[K]) -> list[K]:
        with self._storage.mutex:
            rows = self._storage.documents(TABLES[kind].name)
            if kind is Ballot:
                return [self._entity(kind, key, row) for key, row in rows.items()]
            # what a failed transaction had removed was put back last
            ordered = sorted(rows.items(), key=itemgetter(0))
            return [self._entity(kind, key, row) for key, row in ordered]

    def ballots(self, poll_id: int) -> list[Ballot]:
        return list(self.iter_ballots(poll_id))

    def iter_ballots(self, poll_id: int) -> Iterator[Ballot]:
        return (self._entity(Ballot, key, row) for key, row in self._ballots.rows(poll_id))

    def replace_ballots(self, poll_id: int, ballots: Iterable[Ballot]) -> bool:
        return self._ballots.replace(poll_id, ballots)

    def add_names(self, poll_id: int, names: Iterable[RecordName]) -> bool:
        return self._names.fill(poll_id, names)

    def iter_names(self, poll_id: int) -> Iterator[RecordName]:
        return (self._entity(RecordName, key, row) for key, row in self._names.rows(poll_id))

    def clear_poll(self, poll_id: int) -> None:
        self._ballots.clear(poll_id)
        self._names.clear(poll_id)

    def ballot_of(self, poll_id: int, voter: str) -> Ballot | None:
        found = self._ballots.find(poll_id, voter)
        return None if found is None else self._entity(Ballot, *found)

    def counts(self, poll_id: int) -> Mapping[str, int]:
        return self._ballots.counts(poll_id)

    def count(self, kind: type[K]) -> int:
        return len(self._tables[kind].documents)

    def add(self, entity: K) -> K:
        if isinstance(entity, Ballot):
            numbered = self._ballots.numbered(entity)
            self._put_one_of_many(numbered, ballot_row(numbered))
            return cast(K, numbered)
        return self._save_prepared(entity) or self.save(self._numbered(entity))

    def _numbered(self, entity: Any) -> Any:
        if isinstance(entity, RecordName):
            return replace(entity, id=self._names.new_id(entity))
        return replace(entity, id=self._storage.next_id(TABLES[type(entity)].name))

    def save(self, entity: K) -> K:
        if isinstance(entity, Ballot):
            self._put_one_of_many(entity, ballot_row(entity))
            return entity
        if isinstance(entity, RecordName):
            self._put_one_of_many(entity, name_row(entity))
            return entity
        if isinstance(entity, Poll):
            entity = self._with_candidates(entity)
        if self._save_prepared(entity) is None:
            self._put(entity, _document_of(entity))
        return entity

    def _put_one_of_many(self, entity: Ballot | RecordName, row: Json) -> None:
        kind = type(entity)
        try:
            self._storage.put(TABLES[kind].name, entity.id, row, given=True)
        except journal.Duplicate as error:
            raise Duplicate(error.field) from error
        self._cached[kind][entity.id] = row, entity

    def prepared(
        self, entities: Iterable[Entity], rest: Callable[[], None]
    ) -> AbstractContextManager[None]:
        listed = list(entities)
        new = Counter(TABLES[type(each)].name for each in listed if not each.id)
        ids = {name: iter(self._storage.issue_ids(name, count)) for name, count in new.items()}
        return self._preparing.prepared((self._prepare(each, ids) for each in listed), rest)

    def _prepare(self, entity: Any, ids: Mapping[str, Iterator[int]]) -> Preparation:
        name = TABLES[type(entity)].name
        numbered = entity if entity.id else replace(entity, id=next(ids[name]))
        return entity, numbered, self._storage.prepare(name, numbered.id, _document_of(numbered))

    def revision(self, kind: type[Entity], room: str) -> int:
        return self._revisions[kind, room]

    def _save_prepared(self, entity: K) -> K | None:
        """Store an entity that was prepared, and return it as it is stored; None for another."""
        found = self._preparing.take(entity)
        if found is None:
            return None
        numbered, ready = found
        cached = self._cached[type(entity)]
        self._preparing.note_replaced(cached.get(numbered.id))
        self._put(numbered, ready)
        cached[numbered.id] = ready.document, numbered
        return cast(K, numbered)

    def _put(self, entity: Entity, row: Json | journal.Prepared | None) -> None:
        """Store what stands for an entity; no ballot comes here, for speed."""
        name = TABLES[type(entity)].name
        if isinstance(entity, REVISED):
            self._revisions[type(entity), entity.room] += 1
        try:
            if isinstance(row, journal.Prepared):
                self._storage.put_prepared(name, entity.id, row)
            else:
                self._storage.put(name, entity.id, row)
        except journal.Duplicate as error:
            raise Duplicate(error.field) from error

    def _with_candidates(self, poll: Any) -> Any:
        before = self.get(Poll, poll.id)
        for dropped in set(before.candidates if before else ()).difference(poll.candidates):
            self.remove(dropped)
        candidates = [
            each if each.id else self.add(replace(each, poll=poll.id)) for each in poll.candidates
        ]
        return replace(poll, candidates=tuple(candidates))

    def remove(self, entity: Entity) -> None:
        if isinstance(entity, Poll):
            for candidate in entity.candidates:
                self.remove(candidate)
        self._put(entity, None)
        self._cached[type(entity)].pop(entity.id, None)

    # -- polls' keys ------------------------------------------------------------------

    def prepare_poll_keys(self, poll_ids: Collection[int]) -> None:
        self._storage.refuse_inside()
        with self._or_give_up():
            self._keys.create(poll_ids)

    def make_poll_key(self, poll: Poll) -> Poll:
        with self.transaction(), self._or_give_up():
            self._keys.create([poll.id])
            return self.save(replace(poll, key_fingerprint=self._keys.fingerprint(poll.id)))

    def pseudonym(self, poll_id: int, voter: str) -> str:
        return self._keys.pseudonym(poll_id, voter)

    def keyed_polls(self) -> list[int]:
        return list(self._keys)

    def forget_poll_keys(self, poll_ids: Collection[int]) -> None:
        self._storage.refuse_inside()
        if wanted := set(poll_ids).intersection(self._keys):
            self._forgetting.join(wanted)

    def _forget(self, poll_ids: set[int]) -> None:
        if left := poll_ids.intersection(self._keys):
            with self._or_give_up():
                self._keys.remove(left)
        for poll_id in left:
            self._ballots.rest(poll_id)  # they are sealed

    @contextmanager
    def _or_give_up(self) -> Iterator[None]:
        """A failure inside stops the store, because nobody knows what the files contain then."""
        if self.failure is not None:
            raise renewed(self.failure)
        try:
            yield
        except Exception as error:
            raise self._storage.give_up(error) from error

    # -- helpers ----------------------------------------------------------------------

    @property
    def _meta(self) -> Json:
        return self._storage.documents("meta").get(1, {})

    def _landed(self, changes: list[Change]) -> None:
        steps, changed = [], set()
        for change in changes:
            key, before, after = change.document_id, change.before, change.after
            kind = KINDS.get(change.table)
            if kind is not None and key is not None:
                changed.add(kind)
                entity = self._entity(kind, key, after) if after else None
                steps.append(Step(self._replaced(kind, key, before) if before else None, entity))
                if kind is Poll and after and after["state"] in ENDED:
                    self._note_end(key, before, after)
                if kind is RecordName and before:
                    self._names.rest(before["poll"])  # nothing may be left of a name that is gone
        for listener, kinds in self._listeners:
            if not kinds.isdisjoint(changed):
                listener(steps)

    def _note_end(self, poll_id: int, before: Json | None, after: Json) -> None:
        """Let the ballots and names of a named poll that has just ended rest; the ballots of others
        are sealed first.
        """
        if after["secrecy"] == "named" and (before is None or before["state"] not in ENDED):
            self._ballots.rest(poll_id)
            self._names.rest(poll_id)

    def _replaced(self, kind: Any, key: int, row: Json) -> Entity:
        """Return the entity of a row that was replaced or removed."""
        return self._preparing.replaced(row) or self._read(kind, key, row)

    def _entity(self, kind: type[K], key: int, row: Json) -> Any:
        """Return a row's entity, read once for each version of the row."""
        cached = self._cached[kind]
        if kind in MANY:  # each is read once, when it becomes durable
            known = cached.pop(key, None)
            return known[1] if known is not None and known[0] is row else self._read(kind, key, row)
        known = cached.get(key)
        if known is None or known[0] is not row:  # a published row is never mutated
            known = cached[key] = (row, self._read(kind, key, row))
        return known[1]

    def _read(self, kind: Any, key: int, row: Json) -> Entity:
        if kind is Ballot:
            return read_ballot(key, row)
        if kind is RecordName:
            return read_name(key, row)
        if kind is Poll:
            return self._poll(key, row)
        fields = fields_of(row)
        for computed in fields.keys() - kind.__dataclass_fields__.keys():
            del fields[computed]  # a unique field, of this version or of an earlier one
        return cast(Entity, kind(id=key, **fields))

    def _poll(self, key: int, row: Json) -> Poll:
        candidates = (self.get(Candidate, each) for each in row["candidates"])
        fields = fields_of(row) | {
            "candidates": tuple(candidate for candidate in candidates if candidate is not None),
            "quorum": Quorum(**row["quorum"]),
        }
        for before, now in RENAMED.items():
            if before in fields:
                fields[now] = fields.pop(before)
        return Poll(id=key, **fields)

    def _accept_keys(self) -> None:
        """Accept the existing keys if they belong to the polls. Raises `Mismatch`.

        After a restore they may be others: `voting.ending.finish_endings` closes polls that have
        lost their own. Keys of earlier versions, without a fingerprint, are accepted.
        """
        polls = self._storage.documents("polls")
        if not self.restored:
            check_keys(self._keys, polls)
        for poll_id, fault in find_faults(self._keys, polls).items():
            if fault == "has another":
                self._keys.ignore(poll_id)
        try:
            self._keys.seal()
        except OSError as error:
            raise disk_fault(error, f"{self._keys.path} can't be written") from error
        if not self.restored:
            with self.transaction():
                for poll in self.each(Poll):
                    fingerprint = self._keys.fingerprint(poll.id)
                    known = poll.key_fingerprint is not None or fingerprint is None
                    needed = poll.state in ONGOING or poll.secrecy == "named"
                    if not known and needed and poll.state != "draft":
                        self.save(replace(poll, key_fingerprint=fingerprint))


def _document_of(entity: Entity) -> Json:
    """Return the document of an entity that is not a ballot."""
    unique = TABLES[type(entity)].unique
    return row_of(entity) | {field: value(entity) for field, value in unique.items()}
