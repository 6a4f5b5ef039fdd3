"""The results document: what it counts, and how it is asked for again."""

from tests.http.hall import HIDDEN, Hall, refusal
from tests.server import Server

MEMBERS = (
    "poll state epoch version method ballots blank eligible turnout tally winners tied rounds"
    " verdict quorum threshold digest server_time"
)
ROW = "candidate name answer votes share passed"


def test_results_have_every_member_of_the_contract(hall: Hall) -> None:
    results = hall.results()

    assert results.keys() == set(MEMBERS.split())
    assert results["tally"][0].keys() == set(ROW.split())
    assert [row["candidate"] for row in results["tally"]] == list(range(1, 11))
    assert [results[key] for key in ("winners", "tied", "rounds", "digest")] == [None] * 4
    assert results["server_time"].endswith("Z")


def test_results_share_the_valid_votes(server: Server) -> None:
    for name, choices in (("ann", [1]), ("bob", [1]), ("eva", [2]), ("dan", [])):
        server.cast(server.sign_up(name), choices)

    results = server.results()

    assert (results["ballots"], results["blank"]) == (4, 1)
    assert (results["eligible"], results["turnout"]) == (None, None)
    shares = {row["candidate"]: row["share"] for row in results["tally"] if row["share"]}
    assert shares == {1: 0.6667, 2: 0.3333}


def test_results_are_not_sent_again_when_nothing_has_changed(hall: Hall) -> None:
    first = hall.request("GET", "/polls/1/results")

    again = hall.request(
        "GET", "/polls/1/results", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert "Authorization" in first.headers["Vary"]
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_results_are_sent_again_when_a_vote_has_come(hall: Hall) -> None:
    first = hall.request("GET", "/polls/1/results")
    hall.cast(hall.newcomer(), [1])

    again = hall.request(
        "GET", "/polls/1/results", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]
    assert again.json()["version"] > first.json()["version"]


def test_results_are_no_business_of_shared_caches(hall: Hall) -> None:
    directives = hall.request("GET", "/polls/1/results").headers["Cache-Control"]

    assert "public" not in directives
    assert "no-cache" in directives


def test_results_hide_all_but_the_turnout_when_they_come_at_the_close(hall: Hall) -> None:
    before = hall.results(HIDDEN)
    hall.cast(hall.newcomer(), hall.candidates(HIDDEN)[:1], poll=HIDDEN)

    after = hall.results(HIDDEN)

    assert after["ballots"] == before["ballots"] + 1
    hidden = ("blank", "tally", "winners", "tied", "rounds", "threshold", "digest")
    assert [after[member] for member in hidden] == [None] * len(hidden)


def test_results_are_the_same_when_the_server_starts_again(server: Server) -> None:
    voters = [server.sign_up(name) for name in ("ann", "bob", "eva")]
    for voter, choice in zip(voters, (3, 3, 9), strict=True):
        server.cast(voter, [choice])
    server.cast(voters[0], [9])
    before = server.results()

    server.kill()
    server.start()

    after = server.results()
    changing = {"version": None, "server_time": None}
    assert {**after, **changing} == {**before, **changing}
    assert after["version"] >= before["version"]
    assert server.cast(voters[0], [9]).status_code == 200
    server.cast(voters[1], [9])
    assert server.results()["version"] > after["version"]


def test_results_are_refused_as_not_found_when_there_is_no_poll(hall: Hall) -> None:
    assert refusal(hall.request("GET", "/polls/999/results")) == (404, "not_found")
