"""Fixtures of the journal's tests."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest

from db.journal import disk, files
from tests.db.journal.calls import Calls, Gate


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: thousands of small files come and go."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as made:
        yield Path(made)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Say nothing where thousands of stores are opened."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the disk where what is tested is only what the files hold."""
    without = SimpleNamespace(**{**vars(os), "fsync": lambda descriptor: None})
    monkeypatch.setattr(files, "os", without)
    monkeypatch.setattr(disk, "os", without)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The store's system calls, to count and to interfere with."""
    made = Calls()
    monkeypatch.setattr(files, "os", made)
    monkeypatch.setattr(disk, "os", made)
    return made


@pytest.fixture
def gate() -> Iterator[Gate]:
    """What holds up a system call."""
    made = Gate()
    yield made
    made.open()
    made.close()
