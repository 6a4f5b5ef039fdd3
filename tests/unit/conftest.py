"""A store for the tests of rules, and what they put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.tinydb_store import TinyDBStore
from tests.unit.clock import Clock
from tests.unit.lobby import NOW
from voting.store import Store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = TinyDBStore(tmp_path / "rollcall.json", NOW)
    yield opened
    opened.close()
