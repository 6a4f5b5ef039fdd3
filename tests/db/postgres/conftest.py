"""Fixtures: a schema for several workers, and a PostgreSQL of a module's own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.postgres import PostgresStore
from tests.postgres import Cluster, schema

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

Open = Callable[..., PostgresStore]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that a module's tests may stop and kill."""
    made = Cluster()
    yield made
    made.remove()


@pytest.fixture
def opened() -> Iterator[list[PostgresStore]]:
    """The stores of a test, which are closed in the end."""
    stores: list[PostgresStore] = []
    yield stores
    for each in stores:
        each.close()


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a database of the test's own."""
    with schema() as made:
        yield made


@pytest.fixture
def open_worker(url: str, tmp_path: Path, opened: list[PostgresStore]) -> Iterator[Open]:
    """Return what opens one more worker of the test's own database."""

    def open_one(**options: Any) -> PostgresStore:
        opened.append(PostgresStore(url, tmp_path / "polls.keys", NOW, **options))
        return opened[-1]

    yield open_one
    while opened:
        opened.pop().close()
