"""Schemathesis asks every operation of the document, with all its checks, as four people."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.rooms.house import House
from tests.server import ROOT

pytestmark = pytest.mark.fuzz

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "3")
"""How many requests a property; a deeper run: FUZZ_EXAMPLES=200."""
SEED = os.environ.get("FUZZ_SEED", "1")
PHASES = {
    "host": "examples,coverage,fuzzing,stateful",
    "voter": "examples,fuzzing,stateful",
    "stranger": "examples,fuzzing,stateful",
    "administrator": "examples,fuzzing,stateful",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("house"), people=2_500)
    running.settings["RATE_LIMITS"] = "off"
    running.start()
    yield running
    running.kill()
    assert "Traceback" not in "".join(running.output), "something unforeseen has happened"


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("person", PHASES)
def test_schemathesis_finds_no_fault(house: House, person: str, tmp_path: Path) -> None:
    room, voter = house.room(), house.newcomer()
    rows = house.enrol(room, {"name": "김하늘"}, {"name": "이바다", "role": "observer"})
    poll = {"title": "Yes?", "candidates": [{"name": "Yes"}, {"name": "No"}], "secrecy": "named"}
    made = house.request("POST", f"{room.path}/polls", room.host, json=poll).json()
    house.request("POST", f"/polls/{made['id']}/open", room.host)
    tokens = {"host": room.host, "voter": voter, "stranger": None}
    token = {**tokens, "administrator": house.administrator}[person]
    world = {
        "token": token,
        "thrown_away": [house.newcomer() for _ in range(int(EXAMPLES) * 20 + 100)],
        "code": room.code,
        "poll_id": made["id"],
        "row_id": rows[0]["id"],
        "user_id": 3,
        "name": "reference.js",
    }
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{house.url}/openapi.json"]
    command += ["--checks", "all", "--mode", "all", "--phases", PHASES[person]]
    command += ["--max-examples", EXAMPLES, "--seed", SEED, "--continue-on-failure"]
    command += ["--no-color", "--warnings", "off", "--generation-database", "none"]
    command += ["--header", f"Authorization: Bearer {token}"] if token else []
    environ = {
        **os.environ,
        "FUZZED_WORLD": json.dumps(world),
        "SCHEMATHESIS_HOOKS": "tests.documents.fuzzing",
        "PYTHONPATH": str(ROOT),
    }

    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
