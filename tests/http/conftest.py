"""The hall that the tests over HTTP share, and the ways by which they come to the app."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.http.hall import Hall
from tests.server import PLAIN, Server

S = TypeVar("S", bound=Server)
WAYS = ("whole", "plain")
"""The product's own server, and the app on a stock WSGI server."""
BOTH_WAYS = ("test_ballots", "test_existing_frontends", "test_results")
"""Modules whose tests hold either way: a ballot is the same wherever the app is served."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let the tests of some modules run once a way."""
    if metafunc.module.__name__.rpartition(".")[2] in BOTH_WAYS and "way" in metafunc.fixturenames:
        metafunc.parametrize("way", WAYS)


@pytest.fixture
def way() -> str:
    return "whole"


@pytest.fixture(scope="session")
def whole_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    yield from serve(Hall(tmp_path_factory.mktemp("hall")))


@pytest.fixture(scope="session")
def plain_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    yield from serve(Hall(tmp_path_factory.mktemp("plain-hall")), "plain")


def serve(running: S, way: str = "whole") -> Iterator[S]:
    """Yield a server while it runs, one of the two `WAYS`. Fails if a traceback was logged."""
    if way == "plain":
        running.command = PLAIN
    running.start()
    yield running
    running.kill()
    assert "Traceback" not in "".join(running.output), "something unforeseen has happened"


@pytest.fixture
def hall(way: str, request: pytest.FixtureRequest) -> Hall:
    """A full hall for tests that take newcomers and compare before with after."""
    served: Hall = request.getfixturevalue(f"{way}_hall")
    return served


@pytest.fixture
def server(way: str, tmp_path: Path) -> Iterator[Server]:
    """A fresh server of a test's own."""
    running = Server(tmp_path)
    if way == "plain":
        running.command = PLAIN
    yield running.start()
    running.kill()
