"""A store for the tests of rules, and what they put into it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.tinydb_store import TinyDBStore
from tests.unit.clock import Clock
from tests.unit.lobby import NOW
from tests.unit.records import Verify
from voting.store import Store
from voting.verify.__main__ import main


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = TinyDBStore(tmp_path / "rollcall.json", NOW)
    yield opened
    opened.close()


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Verify documents (or bytes): the exit code, all that was printed, and what was wrong."""

    def run(*documents: Any) -> tuple[int, str, list[str]]:
        arguments = []
        for number, document in enumerate(documents):
            if isinstance(document, str):
                arguments.append(document)
                continue
            path = tmp_path / f"{number}.json"
            held = document if isinstance(document, bytes) else json.dumps(document).encode()
            path.write_bytes(held)
            arguments.append(str(path))
        code = main(arguments)
        printed = capsys.readouterr().out
        wrong = [line.split()[1].rstrip(":") for line in printed.splitlines() if "WRONG" in line]
        return code, printed, wrong

    return run
