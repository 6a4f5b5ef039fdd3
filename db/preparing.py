"""Prepares the many entities that a transaction will store, before it begins.

A transaction of thousands of entities delays everybody else. So their documents and the values by
which these are grouped are made outside, and the transaction uses them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from db.journal import Prepared
from db.rows import Json
from voting.model.entities import Entity

Preparation = tuple[Entity, Entity, Prepared]
"""An entity, the entity with its id, and its document."""


class Preparing:
    """Prepared entities, by the identity of the object, because comparing them would take
    as long.
    """

    def __init__(self) -> None:
        self._ready: dict[int, Preparation] = {}
        self._replaced: dict[int, tuple[Json, Entity]] = {}

    @contextmanager
    def prepared(self, each: Iterable[Preparation], rest: Callable[[], None]) -> Iterator[None]:
        """Keep preparations while the context lasts. `rest` is called after each."""
        own = []
        try:
            for ready in each:
                self._ready[id(ready[0])] = ready
                own.append(id(ready[0]))
                rest()
            yield
        finally:
            for key in own:
                self._ready.pop(key, None)

    def take(self, entity: Entity) -> tuple[Entity, Prepared] | None:
        """Remove and return the preparation of an entity."""
        found = self._ready.pop(id(entity), None)
        return None if found is None else found[1:]

    def note_replaced(self, known: tuple[Json, Entity] | None) -> None:
        """Keep an entity whose document is being replaced, until that is durable."""
        if known is not None:
            self._replaced[id(known[0])] = known

    def replaced(self, row: Json) -> Entity | None:
        """Remove and return the entity of a replaced document, if it was kept."""
        known = self._replaced.pop(id(row), None)
        return known[1] if known is not None and known[0] is row else None
