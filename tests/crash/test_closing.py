"""A poll's ending, killed at each of its steps: of a secret poll no file leads from a voter to a
ballot, and the record of a named one has the name of each voter.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from db.tinydb_store import TinyDBStore
from tests.records import public_record
from tests.server import ROOT, Server
from tests.unit.lobby import NOW, add_account, add_poll
from tests.voting.secrecy import (
    VOTERS,
    Known,
    cast,
    check_documents,
    find_leaks,
    make_secret_poll,
    read_ballots,
)
from voting.ending import close_poll, finish_endings, void_poll
from voting.leaves import digest
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName

ENDED = {"close": "closed", "count": "closed", "void": "void"}
LEAST_STEPS = 10
BARRIER = 12
SERVED = 3


def die(template: Path, dead: Path, how: str, poll: int) -> None:
    """End a poll in copies of a store that die at each system call."""
    given = [template, dead, how, str(poll)]
    command = [sys.executable, "-m", "tests.voting.dying", *given]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)


@pytest.fixture(scope="module", params=ENDED)
def deaths(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Known, list[Path]]:
    """A poll's ending killed at every call: how it ended, its secrets, a folder a death."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "template").mkdir()
    known = make_secret_poll(folder / "template" / "rollcall.json")
    (folder / "dead").mkdir()
    die(folder / "template", folder / "dead", request.param, known.poll)
    places = sorted((folder / "dead").iterdir())
    assert len(places) > LEAST_STEPS
    return request.param, known, places


def test_files_hold_no_secret_of_an_ended_poll_when_the_ending_was_killed_anywhere(
    deaths: tuple[str, Known, list[Path]], tmp_path: Path
) -> None:
    how, known, places = deaths
    outcomes, finished = [], 0

    for dead in places:
        place = shutil.copytree(dead, tmp_path / dead.name)
        store = TinyDBStore(place / "rollcall.json", NOW)
        finish_endings(store, NOW)
        found = store.get(Poll, known.poll)
        assert found is not None
        if found.state == "open":  # it died before the barrier: nobody was told of an end
            assert len(store.each(Ballot)) == VOTERS
            end = None if how == "void" else close_poll(store, known.poll, NOW, CLOCK)
            found = end or void_poll(store, known.poll, NOW, CLOCK, "a test")
        else:
            finished += 1
        leaks = find_leaks(place, known)
        outcomes.append((found.state, found.outcome))
        store.close()

        assert leaks + find_leaks(place, known) == [], place.name
        check_documents(read_ballots(place / "rollcall.json"), known.receipts)
    assert 0 < finished < len(places), "it has to die before the barrier and after it"
    assert {state for state, _ in outcomes} == {ENDED[how]}
    assert all(outcome == outcomes[0][1] for _, outcome in outcomes)


def test_record_has_every_name_once_when_the_close_of_a_named_poll_was_killed_anywhere(
    tmp_path: Path,
) -> None:
    template, dead = tmp_path / "template", tmp_path / "dead"
    store = TinyDBStore(template / "rollcall.json", NOW)
    poll = add_poll(store, secrecy="named")
    voters = {f"voter{number}": add_account(store, f"voter{number}") for number in range(VOTERS)}
    for voter in voters.values():
        cast(store, poll.id, voter, poll.candidates[0].id, str(uuid4()))
    store.close()
    dead.mkdir()
    die(template, dead, "count", poll.id)

    finished = 0
    for place in sorted(dead.iterdir()):
        store = TinyDBStore(place / "rollcall.json", NOW)
        kept = store.each(RecordName)
        finish_endings(store, NOW)
        finished += store.get(Poll, poll.id) != poll
        close_poll(store, poll.id, NOW, CLOCK)
        record, found = public_record(store, poll.id), store.each(RecordName)
        by_person = [store.size(RecordName, each.person, "person") for each in voters.values()]
        store.close()

        assert found[: len(kept)] == kept, place.name
        assert sorted(record["names"].values()) == sorted(voters), place.name
        assert digest(record) == record["digest"], place.name
        assert by_person == [1] * VOTERS, place.name
        assert len(list(place.glob("*.part.*"))) == 2, place.name
    assert 0 < finished < len(list(dead.iterdir()))


def test_server_finishes_the_ending_before_it_answers_when_it_starts_again(
    deaths: tuple[str, Known, list[Path]], tmp_path: Path
) -> None:
    how, known, places = deaths
    after_the_barrier = places[BARRIER:]
    records = set()

    for dead in after_the_barrier[:: -(-len(after_the_barrier) // SERVED)]:
        place = shutil.copytree(dead, tmp_path / dead.name)
        server = Server(place).start()
        try:
            leaks, results = find_leaks(place, known), server.results(known.poll)
            record = server.request("GET", f"/polls/{known.poll}/record")
        finally:
            server.stop()
        records.add(record.text)

        assert leaks + find_leaks(place, known) == []
        assert (results["state"], results["ballots"]) == (ENDED[how], VOTERS)
        assert not any(receipt in "".join(server.output) for receipt in known.receipts)
    assert len(records) == 1
