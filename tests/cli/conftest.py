"""Runs `rollcall` in a folder of the test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT

Ended = subprocess.CompletedProcess[str]
Run = Callable[..., Ended]


def run_in(folder: Path, *arguments: str, given: str = "", **environ: str) -> Ended:
    """Run a command with these settings and nothing but them; `given` is its standard input."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROLLCALL_")}
    kept |= {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "config")}
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env=kept | environ,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def rollcall(tmp_path: Path) -> Run:
    """Run a command on a store in the test's folder."""
    data = {"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}

    def run(*arguments: str, **given: Any) -> Ended:
        return run_in(tmp_path, *arguments, **{**data, **given})

    return run


def read(ended: Ended) -> Any:
    """Return the document that a command printed. It has to have ended well, and said no more."""
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
