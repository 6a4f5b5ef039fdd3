"""A voter proves that the record has their ballot, also while the record is hidden."""

import json
from functools import partial
from typing import Any

import pytest

from tests.at_once import at_once
from tests.http.hall import faults, refusal
from tests.http.rooms.house import House
from voting.verify.proofs import check_proof, read_proof


def path_of(poll: dict[str, Any], receipt: str) -> str:
    return f"/polls/{poll['id']}/proof?receipt={receipt}"


def holds(proof: dict[str, Any], receipt: str) -> bool:
    """Check a proof without a server."""
    return all(agrees is not False for agrees, _ in check_proof(read_proof(proof), receipt))


@pytest.mark.parametrize("secrecy", ["secret", "named"])
@pytest.mark.parametrize("method", ["plurality", "approval", "ranked"])
def test_every_voter_can_prove_their_ballot(house: House, secrecy: str, method: str) -> None:
    poll = house.poll(house.room(), secrecy=secrecy, method=method)
    receipts = [house.vote(house.newcomer(), poll, each % 3).json()["receipt"] for each in range(5)]
    house.request("POST", f"/polls/{poll['id']}/close", house.administrator)
    record = house.request("GET", f"/polls/{poll['id']}/record").json()
    ballots = {ballot["receipt"]: ballot for ballot in record["ballots"]}

    for receipt in receipts:
        proof = house.request("GET", path_of(poll, receipt)).json()
        assert set(proof) == {"leaf", "index", "size", "path", "root"}
        assert proof["root"] == record["digest"]
        expected = {**ballots[receipt], "poll": poll["id"], "ballots": 5}
        assert json.loads(proof["leaf"]) == expected
        assert proof["index"] == 3 + sorted(receipts).index(receipt)
        assert proof["size"] == 9
        assert holds(proof, receipt)


def test_proof_is_given_while_the_record_is_hidden_and_shows_nothing_of_the_result(
    house: House,
) -> None:
    room = house.room()
    poll = house.poll(room, results="host")
    voter = house.newcomer()
    receipt = house.vote(voter, poll, 1).json()["receipt"]
    house.vote(house.newcomer(), poll, 0)
    house.move(room, poll["id"], "close")

    hidden = house.request("GET", f"/polls/{poll['id']}/record", voter)
    proof = house.request("GET", path_of(poll, receipt), voter)
    house.move(room, poll["id"], "publish")
    record = house.request("GET", f"/polls/{poll['id']}/record").json()

    assert refusal(hidden) == (403, "results_hidden")
    assert holds(proof.json(), receipt)
    assert proof.headers["Cache-Control"] == "no-store"
    assert proof.json()["root"] == record["digest"]
    assert json.loads(proof.json()["leaf"])["choices"] == [poll["candidates"][1]["id"]]
    assert record["salt"] not in proof.text


@pytest.mark.parametrize("state", ["open", "paused", "void"])
def test_proof_is_refused_when_the_poll_is_not_closed(house: House, state: str) -> None:
    poll = house.poll(house.room(), state)

    answer = house.request("GET", path_of(poll, "0" * 32))

    assert refusal(answer) == (409, "wrong_state")
    assert answer.json()["state"] == state


def test_proof_is_not_found_for_another_receipt(house: House) -> None:
    poll, other = (house.poll(house.room()) for _ in range(2))
    receipt = house.vote(house.newcomer(), other, 0).json()["receipt"]
    for each in (poll, other):
        house.request("POST", f"/polls/{each['id']}/close", house.administrator)

    for wrong in (receipt, "0" * 32, "f" * 32):
        assert refusal(house.request("GET", path_of(poll, wrong))) == (404, "not_found")
    assert house.request("GET", path_of(other, receipt)).status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "required"), ("?receipt=", "format"), ("?receipt=4F0C", "format")],
)
def test_proof_names_what_is_wrong_with_a_receipt(house: House, query: str, code: str) -> None:
    poll = house.poll(house.room(), "closed")

    answer = house.request("GET", f"/polls/{poll['id']}/proof{query}")

    assert faults(answer) == {"receipt": code}


def test_proof_is_of_a_room_that_the_asker_may_see(house: House) -> None:
    room = house.room(visibility="members")
    member = house.member(room)
    poll = house.poll(room, eligibility="roll")
    receipt = house.vote(member, poll, 0).json()["receipt"]
    house.move(room, poll["id"], "close")

    outsider, insider = (
        house.request("GET", path_of(poll, receipt), token) for token in (None, member)
    )

    assert refusal(outsider) == (401, "unauthenticated") or outsider.status_code == 404
    assert insider.status_code == 200


def test_two_hundred_phones_prove_their_ballots_at_once_after_a_restart(house: House) -> None:
    room = house.room()
    poll = house.poll(room)
    receipts = [house.vote(house.newcomer(), poll, 0).json()["receipt"] for _ in range(20)]
    house.move(room, poll["id"], "close")
    house.kill()
    house.start()

    asked = [partial(house.request, "GET", path_of(poll, each)) for each in receipts * 10]
    answers = at_once(asked)

    assert {answer.status_code for answer in answers} == {200}
    for receipt, answer in zip(receipts * 10, answers, strict=True):
        assert holds(answer.json(), receipt)
