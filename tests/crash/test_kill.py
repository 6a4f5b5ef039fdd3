"""The server killed, and stopped, while two hundred people vote: no acknowledged ballot is lost."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from tinydb import TinyDB

from db.journal import offline
from tests.crash.crowd import CANDIDATES, POLL, Crowd, Sent, Voter
from tests.http.hall import Hall
from tests.server import Server

PEOPLE = 200
ROUNDS = 3
SECONDS = 60


class Versions:
    """Somebody who reads the results all the time, and remembers what was told."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stopped = threading.Event()
        self.read = [server.results()]
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def stop(self) -> list[dict[str, Any]]:
        """Return all results that were read, in order."""
        self._stopped.set()
        self._thread.join(SECONDS)
        return self.read

    def _read(self) -> None:
        with requests.Session() as session:
            while not self._stopped.wait(0.02):
                try:
                    url = f"{self._server.url}/polls/{POLL}/results"
                    self.read.append(session.get(url, timeout=30).json())
                except requests.RequestException:
                    return


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One server and its data through all the crashes of this module."""
    server = Hall(tmp_path_factory.mktemp("crash"), PEOPLE)
    server.start()
    yield server
    server.kill()
    assert "Traceback" not in "".join(server.output)


@pytest.fixture(scope="module")
def crowd(running: Hall) -> Crowd:
    return Crowd([Voter(token) for token in running.newcomers(PEOPLE)])


def order(document: dict[str, Any]) -> tuple[int, int]:
    return document["epoch"], document["version"]


def state(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "server_time"}


def check_survivors(server: Server, crowd: Crowd) -> None:
    """Every acknowledged ballot is there; an unanswered one counts once, kept or not."""
    with requests.Session() as session:

        def settle(voter: Voter) -> None:
            if voter.unanswered is not None:
                answers = [voter.cast(server, session, voter.unanswered) for _ in range(2)]
                assert {answer.status_code for answer in answers} <= {200, 201}
                assert answers[0].json()["receipt"] == answers[1].json()["receipt"]
                assert answers[1].status_code == 200
                voter.acknowledged, voter.unanswered = voter.unanswered, None
                voter.receipt = answers[0].json()["receipt"]
            elif voter.acknowledged is not None:
                answer = voter.cast(server, session, voter.acknowledged)
                assert (answer.status_code, answer.json()["receipt"]) == (200, voter.receipt)
                mine = server.request("GET", f"/polls/{POLL}/ballot", voter.token)
                assert (mine.status_code, mine.json()["voted"]) == (200, True)

        crowd.each(settle)


def check_counted_once(server: Server, crowd: Crowd) -> None:
    """The tally is what the voters say, and sums to the number of ballots."""
    results = server.results()
    assert results["ballots"] == sum(crowd.tally().values())
    assert sum(row["votes"] for row in results["tally"]) == results["ballots"]
    assert server.votes() == crowd.tally()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_acknowledged_ballots_survive_when_the_server_is_killed(
    running: Server, crowd: Crowd, turn: int
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    wanted = random.Random(seed).randrange(PEOPLE // 10, 2 * PEOPLE)
    watcher = Versions(running)
    threads = crowd.vote_until_gone(running, wanted, seed)
    assert crowd.enough.wait(SECONDS)

    running.kill()
    for thread in threads:
        thread.join(SECONDS)
    read = watcher.stop()
    running.start()

    assert crowd.refusals == []
    before, least = running.results(), sum(voter.acknowledged is not None for voter in crowd.voters)
    assert least <= before["ballots"] <= PEOPLE
    check_survivors(running, crowd)
    check_counted_once(running, crowd)
    assert [order(document) for document in read] == sorted(order(document) for document in read)
    # the last state that was told has one version, before and after; every later one a greater
    assert order(before) >= order(read[-1])
    assert order(before) > order(read[-1]) or state(before) == state(read[-1])


def test_version_is_greater_than_any_sent_when_a_vote_follows_a_crash(
    running: Server, crowd: Crowd
) -> None:
    voter = crowd.voters[0]
    read = running.results()
    running.kill()
    running.start()

    sent = Sent("0b8f3c1e-7c67-4b55-9f0c-6f8f4c4d2a11", random.choice(CANDIDATES))
    answer = voter.cast(running, requests.Session(), sent)
    voter.acknowledged, voter.receipt = sent, answer.json()["receipt"]

    assert order(running.results()) > order(read)


def test_acknowledged_ballots_survive_when_the_server_is_stopped_in_the_middle(
    running: Server, crowd: Crowd
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    threads = crowd.vote_until_gone(running, PEOPLE // 2, seed)
    assert crowd.enough.wait(SECONDS)

    code = running.stop()
    for thread in threads:
        thread.join(SECONDS)

    assert code == 0
    assert [refusal for refusal in crowd.refusals if not refusal.startswith("503")] == []
    copy = running.folder / "copy.json"
    offline.backup(running.data, copy, lambda chunks, _slices: chunks)
    with TinyDB(copy, access_mode="r") as plain:  # stock TinyDB, no journal
        kept = {row["receipt"] for row in plain.table("ballots")}
    certain = {
        voter.receipt
        for voter in crowd.voters
        if voter.acknowledged is not None and voter.unanswered is None
    }
    assert certain <= kept
    assert len(kept) <= PEOPLE
    running.start()
    check_survivors(running, crowd)
    check_counted_once(running, crowd)


def test_record_has_each_voter_s_last_ballot_when_the_server_was_killed_after_it(
    running: Server, crowd: Crowd
) -> None:
    """Also of those who voted again without a key, just before."""
    for voter, choice in zip(crowd.voters[:20], [*CANDIDATES] * 2, strict=True):
        answer = running.cast(voter.token, [choice])
        assert answer.status_code in (200, 201)
        voter.acknowledged, voter.receipt = Sent("", choice), answer.json()["receipt"]

    running.kill()
    running.start()

    host = crowd.voters[0].token
    running.request("POST", "/auth/admin", host, json={"code": running.setup_code()})
    assert running.request("POST", f"/polls/{POLL}/close", host).json()["state"] == "closed"
    record = running.request("GET", f"/polls/{POLL}/record").json()
    assert {each["receipt"]: each["choices"] for each in record["ballots"]} == {
        voter.receipt: [voter.acknowledged.choice]
        for voter in crowd.voters
        if voter.acknowledged is not None
    }
