"""How a store turns entities into its engine's documents."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, cast

from db import journal
from db.ballots import Ballots
from db.engine import Engine
from db.entity_reads import EntityReads
from db.names import Names
from db.preparing import Preparation, Preparing
from db.rows import Json, ballot_row, name_row, row_of
from db.tables import TABLES
from voting.model.ballots import Ballot
from voting.model.entities import Entity
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.model.rooms import RemovedRow, Row
from voting.store import Duplicate, K

REVISED = (RemovedRow, Row)
"""The types whose changes `revision` counts."""


class EntityWrites(EntityReads):
    """The part of a `Store` that stores and removes entities, and reads them."""

    def __init__(self, engine: Engine, ballots: Ballots, names: Names) -> None:
        super().__init__(engine, ballots, names)
        self._preparing = Preparing()
        self._revisions = Counter[tuple[type, str]]()

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

    def replace_ballots(self, poll_id: int, ballots: Iterable[Ballot]) -> bool:
        return self._ballots.replace(poll_id, ballots)

    def add_names(self, poll_id: int, names: Iterable[RecordName]) -> bool:
        return self._names.fill(poll_id, names)

    def clear_poll(self, poll_id: int) -> None:
        self._ballots.clear(poll_id)
        self._names.clear(poll_id)


def _document_of(entity: Entity) -> Json:
    """Return the document of an entity that is not a ballot."""
    unique = TABLES[type(entity)].unique
    return row_of(entity) | {field: value(entity) for field, value in unique.items()}
