"""The tables that people read are those that were measured, and their commands are there."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from bench import live, scaling
from bench.curves import Curve, draw
from bench.hall import CANDIDATES, Hall, make_hall
from bench.report import PAGES, RESULTS, fill
from bench.subjects import EXPERTS, HERE, SUBJECTS, check, running
from bench.turn import Costs, simulate
from tests import conformance
from tests.server import ROOT

VOTERS, POLLS = 3, 3


@pytest.fixture(autouse=True)
def conforms() -> Iterator[None]:
    """Let the peers answer as they do: no document of ours describes them."""
    yield
    conformance.faults.clear()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_shows_what_was_measured(page: Path) -> None:
    text = page.read_text()

    assert "<!-- bench:" in text
    assert fill(text) == text, "python -m bench.report makes the tables again"


def test_every_kept_result_is_shown() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text()

    seen = set(re.findall(r"<!-- bench: whole (\w+) -->", text))

    assert seen == {path.stem for path in RESULTS.glob("*.json")}


def test_command_of_a_page_is_a_module() -> None:
    pages = [*PAGES, ROOT / "bench" / "README.md", ROOT / "docs" / "operations.md"]

    named = {name for page in pages for name in re.findall(r"bench\.([a-z_]+)\b", page.read_text())}

    assert "votes" in named
    assert {name for name in named if not (ROOT / "bench" / f"{name}.py").exists()} == set()


def test_simulated_people_wait_longer_where_votes_come_faster_than_turns() -> None:
    costs = Costs(turn=0.003, ballot=0.001, work=0.0001, other=0.00001, request=0.0001)

    calm, rush = (simulate(voters, 2, costs) for voters in (1_000, 120_000))

    assert costs.turn + costs.ballot < calm.half <= calm.most < 1
    assert calm.late < 1
    assert rush.late > 60, "120,000 ballots of 1 ms each were stored within two minutes"


def test_curve_stands_where_its_values_are() -> None:
    picture = draw("ballots", [Curve("a vote, µs", [(100, 10), (10_000, 10), (1_000_000, 1_000)])])

    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', picture)]
    across = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', picture)]

    assert heights[0] == heights[1] > heights[2]
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)
    assert "a vote, µs" in picture


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    (HERE / "out").mkdir(exist_ok=True)
    return make_hall(tmp_path, VOTERS, POLLS)


@pytest.mark.parametrize("name", [name for name, subject in SUBJECTS.items() if subject.same])
def test_subject_does_the_same_work_as_the_others(name: str, hall: Hall) -> None:
    if not SUBJECTS[name].present:
        pytest.skip("make bench installs it")

    with running(SUBJECTS[name], hall) as one:
        check(one)


@pytest.mark.parametrize("name", [scaling.POSTGRES, scaling.PEER])
@pytest.mark.parametrize("workers", [1, 2])
def test_server_on_postgresql_does_the_same_work_as_the_others(name: str, workers: int) -> None:
    if not scaling.subject_of(name, workers).present:
        pytest.skip("make bench installs it")

    with scaling.serving(name, workers, VOTERS, POLLS) as one:
        check(one)


@pytest.mark.parametrize("name", ["rollcall", *EXPERTS])
def test_refusal_takes_back_its_own_vote_alone_when_many_come_at_once(
    name: str, hall: Hall
) -> None:
    if not SUBJECTS[name].present:
        pytest.skip("make bench installs it")
    tokens, last = hall.tokens.read_text().split(), CANDIDATES * POLLS
    votes = [(token, last) for token in tokens * 8] + [(tokens[0], 1)] * 8

    with running(SUBJECTS[name], hall) as one, ThreadPoolExecutor(len(votes)) as pool:

        def cast(vote: tuple[str, int]) -> int:
            token, candidate = vote
            url = f"{one.url}/polls/{POLLS}/ballot"
            head = {"Authorization": f"Bearer {token}"}
            body = {"choices": [candidate]}
            return requests.put(url, json=body, headers=head, timeout=60).status_code

        seen = Counter(pool.map(cast, votes))

    assert seen[201] == VOTERS
    assert seen[409] + seen[400] + seen[422] == len(votes) - VOTERS


@pytest.mark.parametrize("name", live.SUBJECTS)
def test_server_of_a_hall_notifies_all_who_joined(name: str) -> None:
    if not live.present(name):
        pytest.skip("make bench installs it")

    with live.hall_of(name, 3) as (server, crowd, _):
        crowd.ask(do="gather", frames=6)
        server.ask(updates=2, hz=0)

        assert crowd.answer()["updates"] == 6
