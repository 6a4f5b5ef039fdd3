"""Random histories, with stops of every kind in them, against plain dicts."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.journal import Change, Duplicate, JournaledStorage
from tests.examples import examples

UNIQUE = {"a": ("key",)}
PARTS = {"a": lambda document: "p" if document.get("key", 0) >= 3 else None}
Model = dict[str, dict[int, Any]]

names = st.sampled_from(["a", "b", "Ä: {\n"])
ids = st.integers(1, 12)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=4,
)
documents = st.fixed_dictionaries({}, optional={"key": st.integers(0, 5), "value": values})
writes = st.one_of(
    st.tuples(st.just("insert"), names, documents),
    st.tuples(st.just("put"), names, ids, documents),
    st.tuples(st.just("remove"), names, ids),
    st.tuples(st.just("create"), names),
    st.tuples(st.just("drop"), names),
)
transactions = st.tuples(st.lists(writes, min_size=1, max_size=4), st.booleans())
stops = st.sampled_from(["kill", "close", "compact"])
histories = st.lists(transactions | stops, min_size=1, max_size=15)


class TakenBack(Exception):
    """The transaction is not to be."""


def take_back() -> None:
    raise TakenBack


class Run:
    """A store beside its model. `given` are the ids ever given, `told` what the listener was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model: Model = {}
        self.given: dict[str, int] = {}
        self.notified: Model = {}
        self.sequence = 0
        self.storage = self.open()

    def open(self) -> JournaledStorage:
        options = {"unique": UNIQUE, "parts": PARTS}
        return JournaledStorage(self.folder / "s.json", **options, on_commit=self.listen)

    def listen(self, changes: list[Change]) -> None:
        for change in changes:
            table = self.notified.setdefault(change.table, {})
            if change.document_id is None:
                if change.after is None:
                    del self.notified[change.table]
            elif change.after is None:
                table.pop(change.document_id)
            else:
                table[change.document_id] = change.after

    def stop(self, kind: str) -> None:
        if kind == "compact":
            self.storage.compact()
            return
        if kind == "kill":
            left = {file: file.read_bytes() for file in self.folder.iterdir()}
        self.storage.close()
        if kind == "kill":
            for file, data in left.items():
                file.write_bytes(data)
        self.storage = self.open()

    def transact(self, steps: list[Any], abort: bool) -> None:
        after = deepcopy(self.model)
        try:
            with self.storage.transaction():
                for step in steps:
                    self.step(after, *step)
                if abort:
                    take_back()
        except (TakenBack, Duplicate):
            return
        self.model = after
        for name, table in after.items():
            self.given[name] = max([self.given.get(name, 0), *table])

    def step(self, model: Model, kind: str, name: str, *rest: Any) -> None:
        storage = self.storage
        if kind == "create":
            storage.create(name)
            model.setdefault(name, {})
        elif kind == "drop":
            storage.drop(name)
            model.pop(name, None)
        elif kind == "remove":
            storage.put(name, rest[0], None)
            model.setdefault(name, {}).pop(rest[0], None)
        else:
            document_id = rest[0] if kind == "put" else storage.next_id(name)
            if kind == "insert":
                assert document_id > self.given.get(name, 0), "an id was given twice"
            storage.put(name, document_id, rest[-1])
            model.setdefault(name, {})[document_id] = rest[-1]

    def check(self) -> None:
        found = {name: dict(self.storage.documents(name)) for name in sorted(self.storage.names())}
        assert repr(in_order(found)) == repr(in_order(self.model)), "1, 1.0 and True differ"
        assert in_order(self.notified) == in_order(self.model)
        assert self.storage.sequence >= self.sequence
        self.sequence = self.storage.sequence
        for key in range(6):
            holders = [row for row in self.model.get("a", {}).items() if row[1].get("key") == key]
            assert self.storage.find("a", "key", key) == (holders[0] if holders else None)


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(item) for item in value] if isinstance(value, list) else value


@contextmanager
def running() -> Iterator[Run]:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.exists() else None))
    run = Run(folder)
    try:
        yield run
    finally:
        run.storage.close()
        shutil.rmtree(folder)


@pytest.mark.usefixtures("unsynced")
@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories)
def test_store_holds_what_plain_dicts_hold(history: list[Any]) -> None:
    with running() as run:
        for step in history:
            if isinstance(step, str):
                run.stop(step)
            else:
                run.transact(*step)
            run.check()
        for kind in ("kill", "compact", "kill", "close"):
            run.stop(kind)
            run.check()
