"""What a store answers about entities, from its engine's documents.

A document is never mutated once it is published. So its identity is its version, and an entity is
read once for each version.
"""

from collections.abc import Collection, Iterator, Mapping
from operator import itemgetter
from typing import Any, cast

from db.ballots import Ballots
from db.engine import Engine
from db.journal.groups import between
from db.names import Names
from db.rows import RENAMED, Json, fields_of, read_ballot, read_name
from db.tables import TABLES
from voting.model.ballots import Ballot
from voting.model.entities import Entity
from voting.model.polls import Candidate, Poll, Quorum
from voting.model.records import RecordName
from voting.store import ALL, K, Within

MANY = (Ballot, RecordName)
"""The types of which there may be a million: their entities are not held."""


class EntityReads:
    """The part of a `Store` that reads entities."""

    def __init__(self, engine: Engine, ballots: Ballots, names: Names) -> None:
        self._storage = engine
        self._tables = {kind: engine.table(table.name) for kind, table in TABLES.items()}
        self._cached: dict[type, dict[int, tuple[Json, Any]]] = {kind: {} for kind in TABLES}
        self._ballots, self._names = ballots, names

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
            keys = between(self._names.ids(by, value), *within)
        else:
            keys = self._storage.group(TABLES[kind].name, by, value, within)
        found = (self.get(kind, key) for key in keys)
        return [entity for entity in found if entity is not None]

    def ids(self, kind: type[K], value: Any, by: str = "room") -> Collection[int]:
        if kind is RecordName:
            return self._names.ids(by, value)
        return self._tables[kind].group(by, value).ids

    def size(self, kind: type[K], value: Any, by: str = "room") -> int:
        if kind is Ballot:
            return self._ballots.size(value)
        if kind is RecordName:
            return self._names.size(by, value)
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

    def iter_names(self, poll_id: int) -> Iterator[RecordName]:
        return (self._entity(RecordName, key, row) for key, row in self._names.rows(poll_id))

    def ballot_of(self, poll_id: int, voter: str) -> Ballot | None:
        found = self._ballots.find(poll_id, voter)
        return None if found is None else self._entity(Ballot, *found)

    def counts(self, poll_id: int) -> Mapping[str, int]:
        return self._ballots.counts(poll_id)

    def count(self, kind: type[K]) -> int:
        return len(self._tables[kind].documents)

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
