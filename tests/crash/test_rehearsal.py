"""The rehearsal says that nothing is lost where nothing is, and finds what is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.rehearsal import compare
from tests.server import ROOT, Server


def rehearse(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli", "rehearse", "--over", "0", *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False
    )


@pytest.mark.parametrize(("option", "what"), [("--kill", "killed"), ("--restart", "stopped")])
def test_rehearsal_loses_nothing_when_the_server_ends_in_the_middle(option: str, what: str) -> None:
    done = rehearse("--voters", "12", option)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"the server was {what}" in done.stderr
    assert "connections refused: 0" in done.stdout or option == "--kill"
    assert "lost: 0 twice: 0 gave up: 0" in done.stdout
    assert re.search(r"vote again\s+\S\s+12 ", done.stdout)


def test_rehearsal_fails_when_the_server_loses_and_doubles_ballots(tmp_path: Path) -> None:
    faulty = Server(tmp_path, RATE_LIMITS="off")
    faulty.command[1] = str(Path(__file__).with_name("faulty.py"))
    faulty.start()

    done = rehearse("--voters", "12", "--url", faulty.url)
    rooms = faulty.request("GET", "/rooms", faulty.sign_up("ada")).json()["items"]
    faulty.kill()

    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"lost: [1-9]\d* twice: [1-9]", done.stdout)
    assert [room["code"] for room in rooms] == ["lobby"], "it left its room behind"


@pytest.mark.parametrize(
    ("answered", "recorded", "counted", "found"),
    [
        ({"a", "b"}, ["a", "b"], 2, (0, 0)),
        ({"a", "b"}, ["a"], 1, (1, 0)),
        ({"a"}, ["a", "a"], 2, (0, 1)),
        ({"a"}, ["a", "b"], 2, (0, 1)),
        ({"a"}, ["a"], 2, (0, 1)),
        ({"a", "b"}, ["b", "c"], 2, (1, 1)),
    ],
)
def test_lost_and_doubled_ballots_are_found_in_the_record(
    answered: set[str | None], recorded: list[str], counted: int, found: tuple[int, int]
) -> None:
    assert compare(answered, recorded, counted) == found
