"""What frontends written against an earlier server rely on: contract, section 3."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.at_once import at_once
from tests.http.hall import (
    FINAL,
    HIDDEN,
    LOBBY_POLL,
    OVER,
    PASSWORD,
    ROLL_ONLY,
    Hall,
    faults,
    refusal,
)
from tests.server import Server


@pytest.fixture(params=["GET", "POST"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_candidates_are_sent_with_their_votes(hall: Hall) -> None:
    hall.cast(hall.newcomer(), [7])

    answer = hall.request("GET", "/candidates")

    rows = answer.json()
    assert [row.keys() for row in rows] == [{"id", "name", "voteCount"}] * 10
    assert [row["id"] for row in rows] == list(range(1, 11))
    assert {row["id"]: row["voteCount"] for row in rows if row["voteCount"]} == hall.votes()
    assert "후보 7" in answer.text


def test_candidates_may_be_kept_a_second_and_asked_for_again(hall: Hall) -> None:
    first = hall.request("GET", "/candidates")

    again = hall.request("GET", "/candidates", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, no-cache"
    assert "Origin" in first.headers["Vary"]
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_candidates_have_another_etag_when_a_vote_has_come(hall: Hall) -> None:
    first = hall.request("GET", "/candidates")
    hall.cast(hall.newcomer(), [1])

    again = hall.request("GET", "/candidates", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]
    assert again.json() != first.json()


@pytest.mark.parametrize("matching", ["{}", "W/{}", '"other", {}', "*"])
def test_candidates_are_not_sent_again_to_clients_that_have_them(hall: Hall, matching: str) -> None:
    etag = hall.request("GET", "/candidates").headers["ETag"]

    headers = {"If-None-Match": matching.format(etag)}

    assert hall.request("GET", "/candidates", headers=headers).status_code == 304


def test_candidates_come_with_the_same_headers_whatever_way_they_take(hall: Hall) -> None:
    """Flask answers HEAD; GET is answered before it, with the headers of each origin."""
    origins = [f"http://localhost:{port}" for port in range(3_000, 3_300)]

    for origin in [*origins[:2], "http://evil.example", *origins, origins[0]]:
        get = hall.request("GET", "/candidates", headers={"Origin": origin}).headers
        if origin in (*origins[:2], "http://evil.example"):
            head = hall.request("HEAD", "/candidates", headers={"Origin": origin}).headers
            assert own(get) == own(head)
        assert get.get("Access-Control-Allow-Origin") == (None if "evil" in origin else origin)


def own(headers: Any) -> dict[str, str]:
    """Return headers but those that differ from answer to answer."""
    return {name: headers[name] for name in headers if name not in ("Date", "X-Request-ID")}


def test_candidates_are_not_limited_when_they_are_fetched_in_a_loop(hall: Hall) -> None:
    def fetch() -> set[int]:
        return {hall.request("GET", "/candidates").status_code for _ in range(20)}

    assert at_once([fetch] * 10) == [{200}] * 10


def test_vote_is_counted_for_the_candidate(hall: Hall, method: str) -> None:
    votes = hall.votes()

    answer = hall.request(method, "/vote?id=5", hall.newcomer())

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == "text/plain"
    assert 0 < len(answer.text) < 100
    assert answer.headers["Cache-Control"] == "no-store"
    assert hall.votes() == {**votes, 5: votes.get(5, 0) + 1}


def test_vote_takes_its_candidate_from_a_form(hall: Hall) -> None:
    votes = hall.votes()

    answer = hall.request("POST", "/vote", hall.newcomer(), data={"id": "5"})

    assert answer.status_code == 200
    assert hall.votes() == {**votes, 5: votes.get(5, 0) + 1}


def test_vote_is_refused_when_a_form_has_another_id(hall: Hall) -> None:
    before = hall.results()["ballots"]

    for query, form in (("?id=5", "id=6"), ("", "id=5&id=6")):
        listed = hall.request(
            "POST",
            f"/vote{query}",
            hall.newcomer(),
            data=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert [fault["code"] for fault in listed.json()["errors"]] == ["duplicate"]

    assert hall.results()["ballots"] == before


def test_vote_takes_the_bare_token(hall: Hall, method: str) -> None:
    headers = {"Authorization": hall.newcomer()}

    answer = hall.request(method, "/vote?id=5", headers=headers)

    assert answer.status_code == 200


def test_vote_replaces_the_first_when_it_is_the_second(hall: Hall, method: str) -> None:
    voter = hall.newcomer()
    ballots, votes = hall.results()["ballots"], hall.votes()

    for choice in (8, 8, 9):
        assert hall.request(method, f"/vote?id={choice}", voter).status_code == 200

    assert hall.results()["ballots"] == ballots + 1
    assert hall.votes() == {**votes, 9: votes.get(9, 0) + 1}


def test_vote_is_one_ballot_with_that_of_the_api(hall: Hall) -> None:
    voter = hall.newcomer()
    ballots = hall.results()["ballots"]

    hall.request("GET", "/vote?id=1", voter)
    answer = hall.cast(voter, [1])

    assert (answer.status_code, answer.json()["changed"]) == (200, True)
    assert hall.results()["ballots"] == ballots + 1


def test_vote_goes_to_the_poll_of_the_candidate(hall: Hall, method: str) -> None:
    voter, choice = hall.newcomer(), hall.candidates(FINAL)[1]
    ballots = hall.results(FINAL)["ballots"]

    first = hall.request(method, f"/vote?id={choice}", voter)
    second = hall.request(method, f"/vote?id={choice}", voter)

    assert first.status_code == 200
    assert refusal(second) == (409, "already_voted")
    assert hall.results(FINAL)["ballots"] == ballots + 1


@pytest.mark.parametrize(
    ("poll", "refused"), [(OVER, (409, "poll_not_open")), (ROLL_ONLY, (403, "not_eligible"))]
)
def test_vote_is_refused_as_any_ballot(
    hall: Hall, method: str, poll: int, refused: tuple[int, str]
) -> None:
    choice = hall.candidates(poll)[0]

    assert refusal(hall.request(method, f"/vote?id={choice}", hall.newcomer())) == refused


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?id",
        "?id=",
        "?ID=1",
        "?id=x",
        "?id=1.0",
        "?id=1e0",
        "?id=0x1",
        "?id=1_0",
        "?id=٣",
        "?id=1%00",
        "?id=NaN",
        "?id=1&id=2",
        "?id=1&id=1",
        "?id=1&_=2&id=",
        "?id=" + "9" * 5_000,
    ],
)
def test_vote_is_refused_when_its_id_is_not_an_integer(hall: Hall, method: str, query: str) -> None:
    before = hall.results()["ballots"]

    answer = hall.request(method, f"/vote{query}", hall.newcomer())

    assert faults(answer).keys() == {"id"}
    assert hall.results()["ballots"] == before


@pytest.mark.parametrize("choice", ["0", "-1", "999999", "9" * 19, "9" * 30, "-" + "9" * 30])
def test_vote_is_not_found_when_nobody_has_the_id(hall: Hall, method: str, choice: str) -> None:
    answer = hall.request(method, f"/vote?id={choice}", hall.newcomer())

    assert refusal(answer) == (404, "not_found")


@pytest.mark.parametrize("token", [None, "no.such.token"])
def test_vote_asks_who_casts_it(hall: Hall, method: str, token: str | None) -> None:
    code = "unauthenticated" if token is None else "token_invalid"

    for path in ("/vote?id=1", "/vote", "/vote?id=x"):
        assert refusal(hall.request(method, path, token)) == (401, code)


def test_vote_casts_nothing_when_only_its_head_is_asked_for(hall: Hall) -> None:
    voter, before = hall.newcomer(), hall.results()["ballots"]

    answer = hall.request("HEAD", "/vote?id=1", voter)

    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert hall.results()["ballots"] == before


def test_vote_casts_nothing_when_a_preflight_asks(hall: Hall) -> None:
    before = hall.results()["ballots"]

    answer = hall.request("OPTIONS", "/vote?id=1", hall.newcomer())

    assert answer.status_code == 200
    assert hall.results()["ballots"] == before


def test_votes_of_a_hidden_tally_are_shown_as_none(tmp_path: Path) -> None:
    seed = tmp_path / "hidden.json"
    seed.write_text(
        '{"rooms": [{"code": "lobby", "name": "L", "visibility": "public", "polls": '
        '[{"title": "T", "results": "closed", "candidates": [{"name": "Yes"}, {"name": "No"}]}]}]}'
    )
    server = Server(tmp_path, SEED=str(seed)).start()
    try:
        answer = server.request("GET", "/vote?id=1", server.sign_up("ann"))

        assert answer.status_code == 200
        assert [row["voteCount"] for row in server.request("GET", "/candidates").json()] == [0, 0]
        results = server.results()
        assert results["ballots"] == 1
        hidden = ("blank", "tally", "winners", "tied", "rounds", "threshold")
        assert {results[member] for member in hidden} == {None}
    finally:
        server.kill()


def test_candidates_of_another_poll_are_not_shown(hall: Hall) -> None:
    listed = {row["id"] for row in hall.request("GET", "/candidates").json()}

    assert listed == set(hall.candidates(LOBBY_POLL))
    assert not listed & set(hall.candidates(HIDDEN))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("fresh")).start()
    yield running
    running.kill()


def test_whole_way_of_an_old_frontend_works(fresh: Server) -> None:
    """Signs up and in with forms, keeps the body for the token, votes, and sees it counted."""
    origin = {"Origin": "http://localhost:3000"}
    send = partial(fresh.request, headers=origin)
    person = {"email": "old@example.org", "password": PASSWORD}

    signup = send("POST", "/auth/signup", data={**person, "name": "옛 사람", "part": "WEB"})
    again = send("POST", "/auth/signup", data={**person, "name": "옛 사람"})
    missing = send("POST", "/auth/signup", data=person)
    refused = send("POST", "/auth/login", data={**person, "password": "wrong-horse"})
    token = send("POST", "/auth/login", data=person).text
    vote = fresh.request("GET", "/vote?id=3", headers={**origin, "Authorization": token})

    assert [a.status_code for a in (signup, again, missing, refused)] == [201, 409, 400, 404]
    assert vote.status_code == 200
    assert vote.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    counts = {row["id"]: row["voteCount"] for row in send("GET", "/candidates").json()}
    assert counts == {number: int(number == 3) for number in range(1, 11)}
