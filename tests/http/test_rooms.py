"""The lobby as a fresh server has it, and rooms and polls as strangers see them."""

import pytest

from tests.http.hall import NAMED, POLLS, Hall, refusal
from tests.server import Server


def test_fresh_server_has_a_lobby_with_one_open_poll(shared_server: Server) -> None:
    room = shared_server.request("GET", "/rooms/lobby").json()
    polls = shared_server.request("GET", "/rooms/lobby/polls").json()

    poll = polls["items"][0]
    assert (room["code"], room["visibility"]) == ("lobby", "public")
    assert room["current_poll"] == poll["id"]
    assert (len(polls["items"]), polls["next"]) == (1, None)
    assert len(poll["candidates"]) == 10
    rules = {
        "room": "lobby",
        "method": "plurality",
        "eligibility": "accounts",
        "secrecy": "secret",
        "results": "live",
        "allow_change": True,
        "state": "open",
    }
    assert {key: poll[key] for key in rules} == rules
    assert poll["opened_at"].endswith("Z")


def test_poll_has_every_member_of_the_contract(shared_server: Server) -> None:
    members = (
        "id room title description follows method seats max_choices score_max candidates"
        " eligibility require_presence secrecy results published allow_change threshold"
        " opens_at closes_at state reason opened_at closed_at quorum"
        " missed_opening rule meeting electorate quorum_rule place"
    )

    poll = shared_server.request("GET", "/polls/1").json()

    assert poll.keys() == set(members.split())
    assert poll["candidates"][0].keys() == {*("id", "name", "description", "answer", "picture")}
    quorum = {"required", "present_at_open", "present_at_close", "present", "met"}
    assert poll["quorum"].keys() == quorum
    assert poll == shared_server.request("GET", "/rooms/lobby/polls").json()["items"][0]


def test_poll_shows_its_times_in_utc(hall: Hall) -> None:
    polls = hall.request("GET", "/rooms/lobby/polls").json()["items"]

    closes = {poll["title"]: poll["closes_at"] for poll in polls}

    assert closes["Over"] == "2026-01-01T00:00:00.000Z"
    assert closes["Final"] is None


def test_polls_are_sent_oldest_first(hall: Hall) -> None:
    polls = hall.request("GET", "/rooms/lobby/polls").json()["items"]

    assert [poll["title"] for poll in polls] == [poll["title"] for poll in POLLS]
    assert [poll["id"] for poll in polls] == list(range(1, len(POLLS) + 1))


@pytest.mark.parametrize("code", ["LOBBY", "Lobby"])
def test_room_is_found_when_its_code_is_typed_otherwise(hall: Hall, code: str) -> None:
    assert hall.request("GET", f"/rooms/{code}").json()["code"] == "lobby"


@pytest.mark.parametrize("code", ["K7M2QX", "lobby1", "%00", "%ff", "가", "H1DDEN", "hidden"])
def test_unknown_room_is_not_found(hall: Hall, code: str) -> None:
    for path in (f"/rooms/{code}", f"/rooms/{code}/polls"):
        assert refusal(hall.request("GET", path)) == (404, "not_found")


@pytest.mark.parametrize("poll", ["0", "999", "9" * 30, "x"])
def test_poll_is_not_found_when_there_is_none(hall: Hall, poll: str) -> None:
    assert refusal(hall.request("GET", f"/polls/{poll}")) == (404, "not_found")


def test_hangul_is_sent_unescaped(hall: Hall) -> None:
    for path in ("/polls/1", "/polls/1/results", "/rooms/lobby/polls", "/candidates"):
        answer = hall.request("GET", path)

        assert "후보 1".encode() in answer.content
        assert answer.headers["Content-Type"] == "application/json"


def test_named_poll_shows_strangers_no_names(hall: Hall) -> None:
    choice = hall.candidates(NAMED)[0]
    hall.cast(hall.token_of(hall.people[5]), [choice], poll=NAMED)

    for path in (f"/polls/{NAMED}", f"/polls/{NAMED}/results"):
        assert "사람 5" not in hall.request("GET", path).text
