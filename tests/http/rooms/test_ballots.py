"""Ballots of each method, who may cast them, and what repeating one means."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room
from tests.live.clients import Client

CHANGING = ("Date", "X-Request-ID")


def marks(poll: dict[str, Any], kind: str, places: Any) -> dict[str, Any]:
    """Return a body whose candidates are the places of `places`; others stay as they are."""
    ids = [candidate["id"] for candidate in poll["candidates"]]
    if kind == "choices":
        return {kind: [ids[place] if place in range(3) else place for place in places]}
    return {kind: {str(ids[place]): points for place, points in places.items()}}


@pytest.mark.parametrize(
    ("rules", "kind", "places", "votes"),
    [
        ({}, "choices", [1], [0, 1, 0]),
        ({}, "choices", [], [0, 0, 0]),
        ({"method": "approval"}, "choices", [2, 0], [1, 0, 1]),
        ({"method": "approval"}, "choices", [], [0, 0, 0]),
        ({"method": "ranked"}, "choices", [2, 0, 1], [0, 0, 1]),
        ({"method": "ranked"}, "choices", [1], [0, 1, 0]),
        ({"method": "score"}, "scores", {0: 5, 2: 1}, [5, 0, 1]),
        ({"method": "score"}, "scores", {1: 0}, [0, 0, 0]),
        ({"method": "score"}, "scores", {}, [0, 0, 0]),
    ],
)
def test_ballot_counts_by_its_method(
    house: House, rules: Any, kind: str, places: Any, votes: list[int]
) -> None:
    poll = house.poll(house.room(), secrecy="named", **rules)
    voter, body = house.newcomer(), marks(poll, kind, places)

    answer = house.vote(voter, poll, json=body)

    assert answer.status_code == 201
    assert answer.json().keys() == {"receipt", "poll", "changed", "server_time"}
    assert len(bytes.fromhex(answer.json()["receipt"])) == 16
    results = house.results(poll["id"])
    assert [row["votes"] for row in results["tally"]] == votes
    assert (results["ballots"], results["blank"]) == (1, not places)
    kept = house.request("GET", f"/polls/{poll['id']}/ballot", voter).json()
    wanted = sorted(body[kind]) if rules.get("method") == "approval" else body[kind]
    assert kept == {
        "poll": poll["id"],
        "voted": True,
        kind: wanted,
        "receipt": answer.json()["receipt"],
    }


@pytest.mark.parametrize(
    ("rules", "body", "found"),
    [
        ({}, {"choices": [0, 1]}, {"choices": "too_long"}),
        ({"method": "approval", "max_choices": 2}, {"choices": [0, 1, 2]}, {"choices": "too_long"}),
        ({"method": "ranked", "max_choices": 1}, {"choices": [0, 1]}, {"choices": "too_long"}),
        ({"method": "approval"}, {"choices": [1, 1]}, {"choices.1": "duplicate"}),
        ({"method": "ranked"}, {"choices": [0, 2, 0]}, {"choices.2": "duplicate"}),
        ({"method": "ranked"}, {"choices": [99999]}, {"choices.0": "unknown_candidate"}),
        ({"method": "score"}, {"scores": {0: 6}}, {"0": "too_large"}),
        ({"method": "score"}, {"scores": {0: -1}}, {"0": "too_small"}),
        ({"method": "score"}, {"scores": {0: 1.5}}, {"0": "wrong_type"}),
        ({"method": "score"}, {"scores": {0: True}}, {"0": "wrong_type"}),
        ({"method": "score", "max_choices": 1}, {"scores": {0: 1, 1: 1}}, {"scores": "too_long"}),
        ({"method": "score"}, {"choices": [0]}, {"choices": "not_allowed"}),
        ({}, {"scores": {0: 1}}, {"scores": "not_allowed"}),
    ],
)
def test_ballot_names_every_mark_that_does_not_fit(
    house: House, rules: Any, body: Any, found: dict[str, str]
) -> None:
    poll = house.poll(house.room(), **rules)
    ((kind, places),) = body.items()
    found = {
        f"scores.{poll['candidates'][0]['id']}" if field == "0" else field: code
        for field, code in found.items()
    }

    answer = house.vote(house.newcomer(), poll, json=marks(poll, kind, places))

    assert faults(answer) == found
    assert house.results(poll["id"])["ballots"] == 0


@pytest.mark.parametrize("body", [{}, {"choices": [], "scores": {}}, {"choices": None}, []])
def test_ballot_is_refused_when_it_has_no_marks_or_two_kinds(house: House, body: Any) -> None:
    poll = house.poll(house.room())

    answer = house.vote(house.newcomer(), poll, json=body)

    assert refusal(answer) == (400, "invalid_request")


def test_candidate_of_another_poll_is_unknown(house: House) -> None:
    room = house.room()
    poll, other = house.poll(room), house.poll(room)
    body = {"choices": [other["candidates"][0]["id"]]}

    answer = house.vote(house.newcomer(), poll, json=body)

    assert faults(answer) == {"choices.0": "unknown_candidate"}


def test_secret_ballot_shows_its_voter_only_that_they_voted(house: House) -> None:
    poll = house.poll(house.room())
    voter = house.newcomer()
    path = f"/polls/{poll['id']}/ballot"

    before = house.request("GET", path, voter)
    house.vote(voter, poll, 0)

    assert refusal(before) == (404, "not_found")
    assert house.request("GET", path, voter).json() == {"poll": poll["id"], "voted": True}


def test_named_ballot_is_its_voters_to_read_after_the_close(house: House) -> None:
    room = house.room()
    poll = house.poll(room, secrecy="named")
    voter = house.newcomer()
    house.vote(voter, poll, 1)

    house.move(room, poll["id"], "close")

    kept = house.request("GET", f"/polls/{poll['id']}/ballot", voter)
    assert kept.json()["choices"] == [poll["candidates"][1]["id"]]


def key(text: str | None) -> dict[str, Any]:
    return {} if text is None else {"headers": {"Idempotency-Key": text}}


def test_same_ballot_without_key_is_not_a_change_in_a_named_poll(house: House) -> None:
    poll, voter = house.poll(house.room(), secrecy="named"), house.newcomer()

    answers = [house.vote(voter, poll, place) for place in (0, 0, 1, 1, 0)]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
    assert [answer.json()["changed"] for answer in answers] == [False, False, True, False, True]
    receipts = [answer.json()["receipt"] for answer in answers]
    assert receipts[0] == receipts[1]
    assert receipts[2] == receipts[3]
    assert len(set(receipts)) == 3
    assert house.results(poll["id"])["ballots"] == 1


@pytest.mark.parametrize("route", ["PUT", "/vote", "ballot:cast"])
@pytest.mark.parametrize("allow_change", [True, False])
def test_guesses_of_a_secret_ballot_are_answered_alike_whether_right_or_wrong(
    house: House, allow_change: bool, route: str
) -> None:
    room, voter = house.room(), house.newcomer()
    polls = [house.poll(room, results="closed", allow_change=allow_change) for _ in range(2)]
    for poll in polls:
        house.vote(voter, poll, 0)

    right, wrong = (
        guess(house, route, voter, poll, place) for poll, place in zip(polls, (0, 1), strict=True)
    )

    assert right == wrong
    assert right["taken"] is allow_change


def guess(house: House, route: str, voter: str, poll: dict[str, Any], place: int) -> dict[str, Any]:
    """Cast a ballot without a key; return all that its answer tells but what is always new."""
    candidate = poll["candidates"][place]["id"]
    if route == "ballot:cast":
        client = Client(house.url, {"token": voter})
        ack = client.call("ballot:cast", {"poll": poll["id"], "choices": [candidate]})
        client.close()
        return {**ack, "taken": ack["ok"], "receipt": "", "server_time": "", "poll": 0}
    if route == "PUT":
        answer = house.vote(voter, poll, place)
        seen = {**answer.json(), "receipt": "", "server_time": "", "poll": 0}
    else:
        answer = house.request("GET", f"/vote?id={candidate}", voter)
        seen = {"text": answer.text}
    same = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    return {**seen, "taken": answer.ok, "status": answer.status_code, "headers": same}


def test_retry_with_its_key_gives_the_same_receipt_and_never_overwrites(house: House) -> None:
    poll, voter = house.poll(house.room()), house.newcomer()
    first, second = str(uuid4()), str(uuid4())

    made = house.vote(voter, poll, 0, **key(first))
    again = house.vote(voter, poll, 0, **key(first.upper()))
    other = house.vote(voter, poll, 1, **key(first))
    newer = house.vote(voter, poll, 1, **key(second))
    same = house.vote(voter, poll, 1, **key(str(uuid4())))
    late = [house.vote(voter, poll, 0, **key(old)) for old in (first, second)]

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["receipt"] == again.json()["receipt"]
    assert again.json()["changed"] is False
    assert refusal(other) == (422, "idempotency_mismatch")
    assert newer.json()["changed"] is True
    assert same.json()["changed"] is True
    assert same.json()["receipt"] != newer.json()["receipt"]
    assert [refusal(answer) for answer in late] == [(412, "stale")] * 2
    assert house.votes(poll["id"]) == {poll["candidates"][1]["id"]: 1}


def test_change_is_refused_where_barred_but_a_retry_is_not(house: House) -> None:
    poll, voter = house.poll(house.room(), allow_change=False), house.newcomer()
    own = str(uuid4())

    made = house.vote(voter, poll, 0, **key(own))
    again = house.vote(voter, poll, 0, **key(own))
    mismatch = house.vote(voter, poll, 1, **key(own))
    refused = [
        house.vote(voter, poll, place, **key(each))
        for place, each in ((0, None), (1, None), (0, str(uuid4())))
    ]

    assert (again.status_code, again.json()["receipt"]) == (200, made.json()["receipt"])
    assert refusal(mismatch) == (422, "idempotency_mismatch")
    assert [refusal(answer) for answer in refused] == [(409, "already_voted")] * 3


def test_key_is_refused_when_it_is_not_a_uuid(house: House) -> None:
    poll = house.poll(house.room())

    answer = house.vote(house.newcomer(), poll, 0, **key("again"))

    assert faults(answer) == {"idempotency_key": "format"}


@pytest.mark.parametrize("state", ["paused", "closed", "void"])
def test_ballot_is_refused_when_the_poll_is_not_open(house: House, state: str) -> None:
    room = house.room()
    poll, voter = house.poll(room, state), house.newcomer()

    answer = house.vote(voter, poll, 0)

    assert refusal(answer) == (409, "poll_not_open")
    assert answer.json()["state"] == state
    assert answer.json()["server_time"].endswith("Z")


WHO = ("stranger", "guest", "tablet", "member", "observer", "account", "administrator")
MAY = {
    "roll": {"tablet", "member"},
    "accounts": {"member", "account", "administrator"},
    "anyone": {"guest", "tablet", "member", "account", "administrator"},
}


def token_for(house: House, room: Room, who: str) -> str | None:
    makers: dict[str, Any] = {
        "stranger": lambda: None,
        "guest": lambda: house.guest(room),
        "tablet": lambda: house.tablet(room),
        "member": lambda: house.member(room),
        "observer": lambda: house.member(room, "observer"),
        "account": house.newcomer,
        "administrator": lambda: house.administrator,
    }
    token: str | None = makers[who]()
    return token


@pytest.mark.parametrize("eligibility", MAY)
def test_ballot_is_accepted_from_eligible_people(house: House, eligibility: str) -> None:
    room = house.room()
    house.member(room)
    tokens = {who: token_for(house, room, who) for who in WHO}
    poll = house.poll(room, eligibility=eligibility)

    for who in WHO:
        answer = house.vote(tokens[who], poll, 0)
        if who == "stranger":
            assert refusal(answer) == (401, "unauthenticated")
        elif who in MAY[eligibility]:
            assert answer.status_code == 201, who
        else:
            assert refusal(answer) == (403, "not_eligible"), who
    results = house.results(poll["id"])
    assert results["ballots"] == len(MAY[eligibility])
    assert (results["eligible"] is None) == (eligibility != "roll")
    assert (results["turnout"] is None) == (eligibility != "roll")


def test_ballot_is_accepted_only_from_people_present_where_the_poll_asks(house: House) -> None:
    room = house.room()
    voter = house.tablet(room)
    row = house.roll(room)[-1]["id"]
    poll = house.poll(room, eligibility="roll", require_presence=True)
    path = f"{room.path}/roll/{row}"

    away = house.vote(voter, poll, 0)
    house.request("PATCH", path, room.host, json={"checked_in": True})
    there = house.vote(voter, poll, 0)
    house.request("PATCH", path, room.host, json={"checked_in": False})
    gone = house.vote(voter, poll, 1)

    assert refusal(away) == refusal(gone) == (403, "not_present")
    assert there.status_code == 201


def test_row_added_while_the_poll_is_open_votes_once_it_is_admitted(house: House) -> None:
    room = house.room()
    poll = house.poll(room, eligibility="roll")
    before = house.results(poll["id"])["eligible"]

    late = house.tablet(room)
    row = house.roll(room)[-1]["id"]
    outside = house.vote(late, poll, 0)
    admitted = house.admit(room, poll, row)
    again = house.admit(room, poll, row)

    assert refusal(outside) == (403, "not_eligible")
    assert "after this poll had opened" in outside.json()["detail"]
    assert (admitted.status_code, again.status_code) == (201, 200)
    assert admitted.json() == again.json()
    assert admitted.json()["electorate"]["admitted"] == 1
    assert house.vote(late, poll, 0).status_code == 201
    assert house.results(poll["id"])["eligible"] == before + 1
    house.move(room, poll["id"], "close")
    house.tablet(room)
    assert house.results(poll["id"])["eligible"] == before + 1


@pytest.mark.parametrize("who", ["guest", "tablet"])
def test_old_vote_is_cast_by_whoever_may_vote(house: House, who: str) -> None:
    room = house.room()
    poll = house.poll(room, eligibility="anyone")
    voter, choice = getattr(house, who)(room), poll["candidates"][1]["id"]

    answer = house.request("GET", f"/vote?id={choice}", voter)

    assert answer.status_code == 200
    assert house.results(poll["id"])["tally"][1]["votes"] == 1
