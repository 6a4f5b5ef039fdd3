"""Motions and verdicts over HTTP: how a motion is made and changed, and what each close decides."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room
from tests.server import ROOT

MAJORITY = {"num": 1, "den": 2, "of": "valid", "rule": "more_than"}
NAMES = {
    "en": ["For", "Against", "Abstain"],
    "ko": ["찬성", "반대", "기권"],
}
CHOICE = [{"name": "Ada"}, {"name": "Noah"}]


def put_motion(house: House, room: Room, language: str = "en", **fields: Any) -> Any:
    return house.request(
        "POST",
        f"{room.path}/polls",
        room.host,
        json={"title": "The budget", "method": "motion", **fields},
        headers={"Accept-Language": language},
    )


def hold(house: House, votes: list[int | None], **settings: Any) -> dict[str, Any]:
    """Return the results of a motion in a room with a quorum of five and four people present."""
    room = house.room(quorum={"count": 5}, **settings)
    rows = house.enrol(room, *({"name": f"N{n}"} for n in range(6)))
    for row in rows[:4]:
        path = f"{room.path}/roll/{row['id']}"
        house.request("PATCH", path, room.host, json={"checked_in": True})
    poll = house.poll(room, method="motion", eligibility="roll")
    for row, place in zip(rows, votes, strict=False):
        token = house.claim(room, row["id"])["token"]
        marks = () if place is None else (place,)
        assert house.vote(token, poll, *marks).status_code == 201
    house.move(room, poll["id"], "close")
    return {**house.results(poll["id"]), "path": room.path, "host": room.host}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_motion_is_made_with_its_three_answers_in_the_language_of_the_request(
    house: House, language: str
) -> None:
    made = put_motion(house, house.room(), language)

    assert made.status_code == 201
    poll = made.json()
    assert [each["name"] for each in poll["candidates"]] == NAMES[language]
    assert [each["answer"] for each in poll["candidates"]] == ["for", "against", "abstain"]
    assert (poll["seats"], poll["max_choices"], poll["rule"]) == (1, None, None)
    assert poll["threshold"] == MAJORITY


def test_motion_keeps_the_threshold_that_it_was_given(house: House) -> None:
    two_thirds = {"num": 2, "den": 3, "of": "cast", "rule": "at_least"}

    assert put_motion(house, house.room(), threshold=two_thirds).json()["threshold"] == two_thirds


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"candidates": CHOICE}, "candidates", "made_by_server"),
        ({"seats": 2}, "seats", "too_large"),
        ({"max_choices": 1}, "max_choices", "not_allowed"),
        ({"rule": "irv"}, "rule", "not_allowed"),
    ],
)
def test_motion_refuses_what_only_elections_have(
    house: House, fields: dict[str, Any], field: str, code: str
) -> None:
    room = house.room()
    draft = put_motion(house, room).json()

    made = put_motion(house, room, **fields)
    changed = house.request("PATCH", f"/polls/{draft['id']}", room.host, json=fields)

    assert (made.status_code, faults(made)) == (400, {field: code})
    assert (changed.status_code, faults(changed)) == (400, {field: code})


@pytest.mark.parametrize("method", ["plurality", "approval", "score", "ranked"])
def test_poll_that_is_not_a_motion_needs_candidates(house: House, method: str) -> None:
    made = put_motion(house, house.room(), method=method)

    assert (made.status_code, faults(made)) == (400, {"candidates": "required"})


def test_draft_goes_from_a_method_to_another_and_back(house: House) -> None:
    room = house.room()
    draft = house.draft(room, seats=1, candidates=CHOICE)
    path = f"/polls/{draft['id']}"

    def patch(**fields: Any) -> Any:
        return house.request("PATCH", path, room.host, json=fields)

    motion = patch(method="motion").json()
    lacking = patch(method="plurality")
    again = patch(method="ranked", candidates=CHOICE).json()
    other = patch(rule="schulze").json()
    back = patch(method="approval").json()

    assert [each["answer"] for each in motion["candidates"]] == ["for", "against", "abstain"]
    assert faults(lacking) == {"candidates": "required"}
    assert [each["name"] for each in again["candidates"]] == ["Ada", "Noah"]
    assert [each["rule"] for each in (motion, again, other, back)] == [None, "irv", "schulze", None]


def test_copy_of_a_motion_is_a_motion_with_all_its_answers(house: House) -> None:
    room = house.room()
    motion = put_motion(house, room, "ko").json()
    first = motion["candidates"][0]["id"]

    def copy(**fields: Any) -> Any:
        body = {"copy_of": motion["id"], **fields}
        return house.request("POST", f"{room.path}/polls", room.host, json=body)

    assert [each["name"] for each in copy().json()["candidates"]] == NAMES["ko"]
    assert faults(copy(candidates=[first])) == {"candidates": "made_by_server"}


def test_ballot_of_a_motion_marks_one_answer_at_most(house: House) -> None:
    room = house.room()
    row, *_ = house.enrol(room, {"name": "Ann"})
    poll = house.poll(room, method="motion", eligibility="roll")
    token = house.claim(room, row["id"])["token"]

    refused = house.vote(token, poll, 0, 1)

    assert (refused.status_code, faults(refused)) == (400, {"choices": "too_long"})


@pytest.mark.parametrize(
    ("votes", "settings", "verdict"),
    [
        ([0, 0, 1, 2], {}, "carried"),
        ([0, 1, 2, None], {}, "rejected"),
        ([0, 0, 1, 2], {"quorum_rule": "require"}, "no_quorum"),
        ([0, 0, 0, 1, 2], {"quorum_rule": "require"}, "carried"),  # five ballots show five people
    ],
)
def test_close_of_a_motion_has_its_verdict(
    house: House, votes: list[int | None], settings: dict[str, str], verdict: str
) -> None:
    results = hold(house, votes, **settings)

    assert results["verdict"] == verdict
    assert (results["winners"], results["tied"], results["rounds"]) == ([], [], None)
    assert results["quorum"]["required"] == 5
    assert results["quorum"]["met"] is (len(votes) >= 5)
    assert [row["votes"] for row in results["tally"]] == [votes.count(n) for n in range(3)]
    decided = votes.count(0) + votes.count(1)
    shares = [round(votes.count(n) / decided, 4) for n in range(2)]
    assert [row["share"] for row in results["tally"]] == [*shares, None]


def test_table_of_a_motion_has_its_verdict_in_every_row(house: House) -> None:
    results = hold(house, [0, 0, 1])

    answer = house.request("GET", f"/polls/{results['poll']}/results.csv", results["host"])

    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    assert [each["answer"] for each in cells] == ["for", "against", "abstain"]
    assert [each["share"] for each in cells] == ["0.6667", "0.3333", ""]
    assert {each["verdict"] for each in cells} == {"carried"}
    assert {(each["quorum_required"], each["quorum_met"]) for each in cells} == {("5", "no")}


@pytest.mark.parametrize("policy", ["closed", "host"])
def test_verdict_is_hidden_as_long_as_the_tally(house: House, policy: str) -> None:
    room = house.room()
    poll = house.poll(room, method="motion", results=policy)
    house.vote(house.newcomer(), poll, 0)
    path = f"/polls/{poll['id']}/results"

    before = house.request("GET", path, room.host).json()
    house.move(room, poll["id"], "close")
    stranger, host = (house.request("GET", path, token).json() for token in (None, room.host))

    assert (before["verdict"], before["quorum"]) == (None, None)
    assert host["verdict"] == "carried"
    assert stranger["verdict"] == (None if policy == "host" else "carried")


def test_void_motion_is_void(house: House) -> None:
    room = house.room()
    poll = house.poll(room, "closed", method="motion")

    house.move(room, poll["id"], "void")

    results = house.results(poll["id"])
    assert (results["verdict"], results["tally"]) == ("void", None)


def test_required_quorum_elects_nobody(house: House) -> None:
    room = house.room(quorum={"count": 50}, quorum_rule="require")
    poll = house.poll(room)
    house.vote(house.newcomer(), poll, 0)
    # what the room asks for later changes nothing
    house.request("PATCH", room.path, room.host, json={"quorum_rule": "record"})

    closed = house.move(room, poll["id"], "close").json()

    results = house.results(poll["id"])
    assert closed["quorum_rule"] == "require"
    assert (results["verdict"], results["winners"], results["tied"]) == ("no_quorum", [], [])
    assert results["tally"][0]["votes"] == 1


def test_poll_is_counted_by_the_rule_that_was_frozen_and_others_compare(house: House) -> None:
    room = house.room()
    poll = house.poll(room, method="ranked", rule="schulze")
    for places in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        house.vote(house.newcomer(), poll, *places)
    house.move(room, poll["id"], "close")
    path = f"/polls/{poll['id']}/results"

    own, other = (house.request("GET", f"{path}?rule={rule}").json() for rule in ("schulze", "irv"))

    assert house.results(poll["id"])["rounds"] is None
    assert (own["comparison"], own["rounds"]) == (False, None)
    assert other["comparison"] is True
    assert len(other["rounds"]) > 0


@pytest.mark.parametrize(
    ("quorum", "required"),
    [
        ({"num": 1, "den": 2}, 5),
        ({"num": 1, "den": 2, "rule": "at_least"}, 5),
        ({"num": 1, "den": 2, "rule": "more_than"}, 6),
        ({"num": 1, "den": 3, "rule": "more_than"}, 4),
        ({"count": 5, "rule": "more_than"}, 6),
    ],
)
def test_quorum_asks_for_more_than_a_share_or_for_at_least_that(
    house: House, quorum: dict[str, Any], required: int
) -> None:
    room = house.room(quorum=quorum)
    house.enrol(room, *({"name": f"N{n}"} for n in range(9)))  # ten with the host

    presence = house.request("GET", f"{room.path}/presence", room.host).json()

    assert presence["quorum"]["required"] == required


@pytest.mark.parametrize(
    "quorum",
    [
        {"num": 1, "den": 1, "rule": "more_than"},
        {"count": 1, "num": 1, "rule": "at_least"},
        {"rule": "more_than"},
    ],
)
def test_quorum_that_nobody_can_reach_or_read_is_refused(house: House, quorum: Any) -> None:
    answer = house.request(
        "POST", "/rooms", house.newcomer(), json={"name": "Club", "quorum": quorum}
    )

    assert refusal(answer) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("votes", "quorum_rule"),
    [([0, 0, 1, 2], "record"), ([0, 1, 1], "record"), ([0, 0, 1, None], "require")],
)
def test_record_of_a_motion_counts_to_its_verdict_by_itself(
    house: House, tmp_path: Path, votes: list[int | None], quorum_rule: str
) -> None:
    results = hold(house, votes, quorum_rule=quorum_rule)
    path = f"/polls/{results['poll']}/record"
    record = house.request("GET", path, results["host"]).json()
    forged = {**record, "result": {**record["result"], "verdict": "elected"}}
    found = []

    for number, each in enumerate((record, forged)):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(each))
        command = [sys.executable, "-m", "voting.verify", str(file)]
        found.append(subprocess.run(command, cwd=ROOT, capture_output=True, check=False))

    assert record["result"]["verdict"] == results["verdict"]
    assert [each["answer"] for each in record["candidates"]] == ["for", "against", "abstain"]
    assert found[0].returncode == 0, found[0].stdout.decode()
    assert found[1].returncode == 1
    assert b"verdict" in found[1].stdout
