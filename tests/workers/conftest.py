"""Three workers on one database: processes of `run.py`, each at a port of its own, so that a test
chooses whom it asks.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import postgres
from tests.db.postgres.conftest import cluster
from tests.http.hall import KEY
from tests.http.rooms.house import House
from tests.live.conftest import connect
from tests.postgres import Cluster, schema_url
from tests.server import Server

__all__ = ["cluster", "connect"]


class First(House):
    """The first worker, with accounts for all."""

    def __init__(self, folder: Path, url: str, people: int) -> None:
        self.database_url: str | None = url
        super().__init__(folder, people)
        self.settings["WORKER"] = "1"


class Other(Server):
    """Another worker: it shares the folder, as on one machine."""

    def __init__(self, folder: Path, url: str, name: str, **settings: str) -> None:
        super().__init__(folder, SECRET_KEY=KEY, WORKER=name, **settings)
        self.database_url = url


Workers = tuple[First, Other, Other]


def start_three(folder: Path, url: str, people: int = 300) -> Workers:
    """Start three workers of an empty database."""
    made = First(folder, url, people), Other(folder, url, "2"), Other(folder, url, "3")
    for each in made:
        each.start()
    return made


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Three workers that a module's tests leave running."""
    name = postgres.take()
    made = start_three(tmp_path_factory.mktemp("workers"), schema_url(name))
    yield made
    for each in made:
        each.kill()
    with suppress(Exception):
        postgres.release(name)


@pytest.fixture
def doomed(cluster: Cluster, tmp_path: Path) -> Iterator[Workers]:
    """Three workers, and a PostgreSQL, that a test may stop and kill."""
    cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made = start_three(tmp_path, cluster.url, 60)
    yield made
    for each in made:
        each.kill()
