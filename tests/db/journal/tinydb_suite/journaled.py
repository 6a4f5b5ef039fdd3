"""A pytest plugin for TinyDB's own tests: wherever they open a TinyDB, they get a journaled one.

Loaded by `test_tinydb_suite.py` in a process of its own. What opens another storage on purpose
(a middleware, a custom class) stays TinyDB's. A test named in `DIFFERENT` must fail: a
difference that is gone has to leave the list. Those of `IDS` run with ids counted anew in an
emptied table, as TinyDB does, and must pass: nothing else differs in them.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinydb
from tinydb.storages import JSONStorage, MemoryStorage

from db.journal import JournaledTinyDB
from db.journal.memory import TableState

CACHE = "there is no query cache: it would hand out what callers may mutate"
NAMES = "the classes have names of their own"
FILE = "the file's layout, and opening it for reading alone, are not the caller's choice"

DIFFERENT = {
    "test_tinydb.py::test_search": CACHE,
    "test_tinydb.py::test_search_path": CACHE,
    "test_tables.py::test_query_cache": CACHE,
    "test_tables.py::test_query_cache_size": CACHE,
    "test_tables.py::test_lru_cache": CACHE,
    "test_tinydb.py::test_repr": NAMES,
    "test_tables.py::test_table_repr": NAMES,
    "test_tinydb.py::test_access_storage": NAMES,
    "test_tinydb.py::test_storage_access": NAMES,
    "test_storages.py::test_json_kwargs": FILE,
    "test_storages.py::test_json_read": FILE,
}
IDS = {
    "test_tinydb.py::test_insert_ids",
    "test_tinydb.py::test_insert_with_doc_id",
    "test_tinydb.py::test_insert_with_duplicate_doc_id",
    "test_tinydb.py::test_insert_multiple_with_ids",
    "test_tinydb.py::test_update_returns_ids",
    "test_tinydb.py::test_doc_ids_json",
    "test_tables.py::test_next_id",
    "test_tables.py::test_truncate_table",
}
UNSAFE = {
    "test_storages.py::test_json_invalid_directory": "the store makes the folder: root would too"
}

_stock = tinydb.TinyDB
_opened: list[JournaledTinyDB] = []
_folders: list[Path] = []
_counts = {"journaled": 0}


def _open(*args: Any, **options: Any) -> Any:
    if options.get("storage", JSONStorage) not in (JSONStorage, MemoryStorage):
        return _stock(*args, **options)
    options.pop("storage", None)
    options.pop("ensure_ascii", None)
    path = args[0] if args else Path(tempfile.mkdtemp(dir=_folders[-1])) / "memory.json"
    database = JournaledTinyDB(path, **options)
    _opened.append(database)
    _counts["journaled"] += 1
    return database


tinydb.TinyDB = _open


def _name(node: pytest.Item) -> str:
    return f"{node.path.name}::{getattr(node, 'originalname', node.name)}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    names = {_name(item) for item in items}
    assert names >= {*DIFFERENT, *IDS, *UNSAFE}, "a test named here is gone"
    for item in items:
        if (name := _name(item)) in UNSAFE:
            item.add_marker(pytest.mark.skip(reason=UNSAFE[name]))
        elif name in DIFFERENT:
            item.add_marker(pytest.mark.xfail(reason=DIFFERENT[name], strict=True))


@pytest.fixture(autouse=True)
def _journaled(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    _folders.append(tmp_path)
    if _name(request.node) in IDS:
        monkeypatch.setattr(TableState, "put", _put_and_count_anew)
    yield
    while _opened:
        _opened.pop().close()


_put = TableState.put


def _put_and_count_anew(self: TableState, *args: Any) -> Any:
    change = _put(self, *args)
    if not self.documents:
        self.next_id = 1
    return change


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"journaled databases opened: {_counts['journaled']}")
