"""The tables that people read are those that were measured, and their commands are there."""

import re
from pathlib import Path

import pytest

from bench.curves import Curve, draw
from bench.report import PAGES, RESULTS, fill
from tests.server import ROOT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_tells_what_was_measured(page: Path) -> None:
    text = page.read_text()

    assert "<!-- bench:" in text
    assert fill(text) == text, "python -m bench.report makes the tables again"


def test_every_kept_result_is_told() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text()

    told = set(re.findall(r"<!-- bench: whole (\w+) -->", text))

    assert told == {path.stem for path in RESULTS.glob("*.json")}


def test_command_of_a_page_is_a_module() -> None:
    pages = [*PAGES, ROOT / "bench" / "README.md", ROOT / "docs" / "operations.md"]

    named = {name for page in pages for name in re.findall(r"bench\.([a-z_]+)\b", page.read_text())}

    assert "votes" in named
    assert {name for name in named if not (ROOT / "bench" / f"{name}.py").exists()} == set()


def test_curve_stands_where_its_values_are() -> None:
    picture = draw("ballots", [Curve("a vote, µs", [(100, 10), (10_000, 10), (1_000_000, 1_000)])])

    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', picture)]
    across = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', picture)]

    assert heights[0] == heights[1] > heights[2]
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)
    assert "a vote, µs" in picture
