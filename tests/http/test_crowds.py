"""Many at once: whatever arrives, however often, a person has one ballot, and none is lost."""

import random
from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import requests

from tests.at_once import at_once
from tests.http.hall import FINAL, Hall


def test_one_person_is_counted_once_when_fifty_requests_come_at_once(hall: Hall) -> None:
    voter, key = hall.newcomer(), str(uuid4())
    ballots, votes = hall.results()["ballots"], hall.votes()
    same = [partial(hall.cast, voter, [1], key)] * 17
    other = [partial(hall.cast, voter, [1], str(uuid4())) for _ in range(17)]
    clicks = [partial(hall.request, "GET", "/vote?id=1", voter)] * 16
    calls = [*same, *other, *clicks]
    random.Random(7).shuffle(calls)

    answers = at_once(calls)

    assert {answer.status_code for answer in answers} <= {200, 201, 412}
    assert [answer.status_code for answer in answers].count(201) <= 1
    assert hall.results()["ballots"] == ballots + 1
    assert hall.votes() == {**votes, 1: votes.get(1, 0) + 1}


def test_one_person_is_counted_once_when_one_key_comes_fifty_times_at_once(hall: Hall) -> None:
    voter, key = hall.newcomer(), str(uuid4())
    ballots = hall.results()["ballots"]

    answers = at_once([partial(hall.cast, voter, [2], key)] * 50)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    assert hall.results()["ballots"] == ballots + 1


def test_one_person_is_counted_once_when_changes_are_barred_and_ten_come(hall: Hall) -> None:
    voter, choice = hall.newcomer(), hall.candidates(FINAL)[0]
    ballots = hall.results(FINAL)["ballots"]

    answers = at_once([partial(hall.request, "GET", f"/vote?id={choice}", voter)] * 10)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
    assert hall.results(FINAL)["ballots"] == ballots + 1


def test_every_vote_counts_when_two_hundred_people_vote_at_once(hall: Hall) -> None:
    ballots, votes = hall.results()["ballots"], Counter(hall.votes())
    voters = [(token, n % 10 + 1) for n, token in enumerate(hall.newcomers(200))]

    def vote(token: str, choice: int) -> Any:
        with requests.Session() as session:
            session.headers["Authorization"] = token
            if choice % 2:
                return session.get(f"{hall.url}/vote?id={choice}", timeout=30)
            return session.put(f"{hall.url}/polls/1/ballot", json={"choices": [choice]}, timeout=30)

    answers = at_once([partial(vote, token, choice) for token, choice in voters])

    assert {answer.status_code for answer in answers} == {200, 201}
    assert hall.results()["ballots"] == ballots + 200
    assert Counter(hall.votes()) == votes + Counter(choice for _, choice in voters)


def test_results_are_of_one_moment_whenever_they_are_read(hall: Hall) -> None:
    voters = hall.newcomers(40)

    def read() -> dict[str, Any]:
        return hall.results()

    documents = [
        answer
        for answer in at_once(
            [*(partial(hall.cast, token, [3]) for token in voters), *([read] * 40)]
        )
        if isinstance(answer, dict)
    ]

    for document in documents:
        votes = sum(row["votes"] for row in document["tally"])
        assert votes + document["blank"] == document["ballots"]
    by_version = sorted(documents, key=lambda document: document["version"])
    assert [d["ballots"] for d in by_version] == sorted(d["ballots"] for d in documents)
