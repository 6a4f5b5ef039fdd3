"""TinyDB's own tests, fetched as TinyDB's source distribution, run over the journaled tables."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PLUGIN = Path(__file__).parent / "tinydb_suite"


@pytest.fixture(scope="session")
def tinydb_tests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    version = importlib.metadata.version("tinydb")
    archive = request.config.cache.mkdir("tinydb") / f"tinydb-{version}.tar.gz"
    if not archive.exists() and not download(version, archive.parent):
        unreachable = pytest.fail if os.environ.get("CI") else pytest.skip
        unreachable("TinyDB's source distribution can't be had")
    locked = sha256(archive.read_bytes()).hexdigest()
    assert locked in locked_hashes(), f"{archive} is not the one in uv.lock: remove it"

    folder = tmp_path_factory.mktemp("tinydb")
    with tarfile.open(archive) as source:
        tests = [file for file in source if file.name.startswith(f"tinydb-{version}/tests/")]
        source.extractall(folder, members=tests, filter="data")
    return folder / f"tinydb-{version}" / "tests"


def download(version: str, folder: Path) -> bool:
    pips = [[sys.executable, "-m", "pip"], ["pip"], ["uv", "tool", "run", "pip"]]
    options = ["download", "--no-binary", ":all:", "--no-deps", "--dest", folder]
    for pip in pips:
        if shutil.which(pip[0]):
            done = subprocess.run(
                [*pip, *options, f"tinydb=={version}"], check=False, capture_output=True
            )
            if done.returncode == 0:
                return True
    return False


def locked_hashes() -> set[str]:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    return {
        package["sdist"]["hash"].removeprefix("sha256:")
        for package in lock["package"]
        if package["name"] == "tinydb"
    }


@pytest.mark.again
def test_tinydb_passes_its_own_tests_when_journaled(tinydb_tests: Path) -> None:
    paths = os.pathsep.join([str(PLUGIN), str(ROOT)])
    options = ["-p", "journaled", "-p", "no:cacheprovider", "--rootdir", tinydb_tests.parent]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tinydb_tests],
        check=False,
        cwd=tinydb_tests.parent,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    opened = re.search(r"journaled databases opened: (\d+)", done.stdout)
    assert opened is not None
    assert int(opened[1]) >= 150
