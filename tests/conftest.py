"""Fixtures that every kind of test shares: a real server, and what a test needs beside Python."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import conformance
from tests.server import Server

conformance.watch_requests()
settings.register_profile("untimed", parent=settings(), deadline=None)  # tests assert no time
settings.load_profile("untimed")

CHROMIUM = "/usr/bin/chromium"


def need(present: bool, what: str, how: str) -> None:
    """Skip a test whose tool is missing, and say how to get it; fail where CI asks for all."""
    if present:
        return
    message = f"{what} is missing: {how}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(autouse=True)
def conforms() -> Iterator[None]:
    """Fail a test that heard what `/openapi.json` or `/asyncapi.json` doesn't describe."""
    conformance.faults.clear()
    yield
    assert conformance.faults == []


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server of a test's own."""
    running = Server(tmp_path).start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for a module's tests that leave it as usable as they found it."""
    running = Server(tmp_path_factory.mktemp("server")).start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def chromium() -> str:
    need(Path(CHROMIUM).exists(), "Chromium", "apt-get install chromium fonts-nanum")
    return CHROMIUM


@pytest.fixture(scope="session")
def node() -> str:
    path = shutil.which("node")
    need(path is not None, "Node.js", "install Node 20 or newer")
    return str(path)
