"""Fixtures that every kind of test shares: a real server, and what a test needs beside Python."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import conformance
from tests.examples import examples
from tests.server import ROOT, Server

conformance.watch_requests()
settings.register_profile(  # tests assert no time
    "untimed",
    parent=settings(),
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")

OWN_HOSTS = "localhost,127.0.0.1,127.0.0.2,::1"
for name in ("no_proxy", "NO_PROXY"):  # what tests ask, and the programs that they start
    hosts = os.environ.get(name)
    os.environ[name] = hosts if hosts == "*" else f"{hosts},{OWN_HOSTS}" if hosts else OWN_HOSTS

MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 << 30
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
    # tests kill processes, never the machine: their files need no disk, which all would wait for
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

CHROMIUM = "/usr/bin/chromium"
HEADLESS_SHELL = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without windows: its first page takes a third of the processor's time."""

BY_FOLDER = ("browser", "crash", "deploy")
"""Folders whose tests have a marker of the folder's name."""
LONGEST = (
    "documents/test_schemathesis.py",
    "browser/test_phone.py",
    "browser/test_voting.py",
    "http/test_headers.py",
    "http/rooms/test_rights_first.py",
    "http/rooms/test_held_bodies.py",
    "http/test_hostile_addresses.py",
    "crash/test_kill.py",
    "crash/test_bad_disk.py",
    "live/test_wire.py",
    "live/test_connections.py",
    "http/test_hostile_bodies.py",
    "voting/test_secrecy.py",
    "live/test_javascript.py",
    "live/test_chat.py",
    "http/test_sign_in_floods.py",
    "documents/test_schemas.py",
    "http/test_starting.py",
    "voting/test_people.py",
    "http/rooms/test_roll_files.py",
    "crash/test_rehearsal.py",
    "crash/test_closing.py",
    "db/journal/test_crashes.py",
)
"""Files that take longest, in this order: begun first, so that none is left to one process."""


def need(present: bool, what: str, how: str) -> None:
    """Skip a test whose tool is missing, and say how to get it; fail where CI asks for all."""
    if present:
        return
    message = f"{what} is missing: {how}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and begin with the longest files."""
    order = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in BY_FOLDER:
            item.add_marker(folder)


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
    path = HEADLESS_SHELL if Path(HEADLESS_SHELL).exists() else CHROMIUM
    need(Path(path).exists(), "Chromium", "apt-get install chromium-headless-shell fonts-nanum")
    return path


@pytest.fixture(scope="session")
def node() -> str:
    path = shutil.which("node")
    need(path is not None, "Node.js", "install Node 20 or newer")
    return str(path)


def install_packages(folder: Path) -> str:
    """Install what a folder's package.json asks for, unless it is there; return npm's path.

    Of test processes that come at once, one installs and the others wait.
    """
    npm = shutil.which("npm")
    need(npm is not None, "npm", "install Node 20 or newer")
    command = [str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / ".package-lock.json").exists():
            done = subprocess.run(
                command, cwd=folder, check=False, capture_output=True, text=True, timeout=120
            )
            need(done.returncode == 0, "packages", f"npm ci in {folder}: {done.stderr}")
    return str(npm)
