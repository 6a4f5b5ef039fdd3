"""Thresholds and quorums in documents: integers, recorded at the opening and at the close."""

from typing import Any

import pytest

from tests.http.hall import faults
from tests.http.rooms.house import House, Room


def hall(house: House, people: int, present: int, **fields: Any) -> tuple[Room, list[str]]:
    """Return a room of rows with tablets, the first of whom are checked in."""
    room = house.room(**fields)
    rows = house.enrol(room, *({"name": f"N{n}"} for n in range(people)))
    for row in rows[:present]:
        path = f"{room.path}/roll/{row['id']}"
        house.request("PATCH", path, room.host, json={"checked_in": True})
    return room, [house.claim(room, row["id"])["token"] for row in rows]


@pytest.mark.parametrize(
    ("quorum", "required", "met"),
    [
        (None, None, None),
        ({"count": 2}, 2, True),
        ({"count": 3}, 3, False),
        ({"num": 1, "den": 2}, 3, False),  # of four voters and a host
        ({"num": 2, "den": 5}, 2, True),
        ({"num": 1, "den": 1}, 5, False),
    ],
)
def test_quorum_is_recorded_at_the_opening_and_never_blocks(
    house: House, quorum: Any, required: int | None, met: bool | None
) -> None:
    room, tokens = hall(house, 4, 2, quorum=quorum)

    poll = house.poll(room, eligibility="roll")

    assert poll["quorum"] == {
        "required": required,
        "present_at_open": 2,
        "present_at_close": None,
        "met": met,
        "present": None,
    }
    assert house.vote(tokens[0], poll, 0).status_code == 201
    presence = house.request("GET", f"{room.path}/presence").json()
    assert (presence["online"], presence["present"], presence["people"]) == (0, 2, None)
    assert presence["quorum"] == {"required": required, "present": 2, "met": met}


def test_quorum_is_recorded_again_at_the_close(house: House) -> None:
    room, _ = hall(house, 2, 1, quorum={"count": 2})
    poll = house.poll(room, eligibility="roll")
    last = house.roll(room)[-1]["id"]

    house.request("PATCH", f"{room.path}/roll/{last}", room.host, json={"checked_in": True})
    closed = house.move(room, poll["id"], "close").json()
    house.request("PATCH", f"{room.path}/roll/{last}", room.host, json={"checked_in": False})

    assert poll["quorum"]["met"] is False
    assert closed["quorum"] == {
        "required": 2,
        "present_at_open": 1,
        "present_at_close": 2,
        "met": True,
        "present": 2,
    }
    assert house.request("GET", f"/polls/{poll['id']}").json() == closed


@pytest.mark.parametrize(
    ("of", "rule", "num", "den", "passed"),
    [  # 2 of 3 valid ballots, 4 cast, 5 present, 6 eligible
        ("valid", "at_least", 2, 3, True),
        ("valid", "more_than", 2, 3, False),
        ("cast", "at_least", 1, 2, True),
        ("cast", "more_than", 1, 2, False),
        ("present", "at_least", 2, 5, True),
        ("present", "more_than", 2, 5, False),
        ("eligible", "at_least", 1, 3, True),
        ("eligible", "more_than", 1, 3, False),
    ],
)
def test_winner_has_to_pass_the_threshold(
    house: House, of: str, rule: str, num: int, den: int, *, passed: bool
) -> None:
    room, tokens = hall(house, 5, 5)
    threshold = {"num": num, "den": den, "of": of, "rule": rule}
    poll = house.poll(room, eligibility="roll", threshold=threshold)
    for token, places in zip(tokens, ((0,), (0,), (1,), ()), strict=False):
        assert house.vote(token, poll, *places).status_code == 201
    before = house.results(poll["id"])

    house.move(room, poll["id"], "close")

    after = house.results(poll["id"])
    assert before["threshold"] == after["threshold"] == threshold
    assert (after["eligible"], after["ballots"], after["blank"]) == (6, 4, 1)
    assert [row["passed"] for row in before["tally"]] == [None, None, None]
    assert [row["passed"] for row in after["tally"]] == [passed, False, False]
    assert after["winners"] == ([poll["candidates"][0]["id"]] if passed else [])


def test_tie_is_shown_and_not_broken(house: House) -> None:
    room, tokens = hall(house, 2, 0)
    poll = house.poll(room, eligibility="roll")
    for token, place in zip(tokens, (2, 1), strict=True):
        house.vote(token, poll, place)

    house.move(room, poll["id"], "close")

    results = house.results(poll["id"])
    ids = [candidate["id"] for candidate in poll["candidates"]]
    assert (results["winners"], results["tied"]) == ([], ids[1:])


@pytest.mark.parametrize(
    ("num", "den", "rule", "status"),
    [
        (1, 1, "at_least", 201),
        (1, 1, "more_than", 400),
        (3, 3, "more_than", 400),
        (4, 3, "at_least", 400),
        (0, 1, "more_than", 201),
    ],
)
def test_threshold_that_nobody_can_reach_is_refused(
    house: House, num: int, den: int, rule: str, status: int
) -> None:
    room, threshold = house.room(), {"num": num, "den": den, "of": "cast", "rule": rule}
    body = {"title": "T", "method": "motion", "threshold": threshold}

    answer = house.request("POST", f"{room.path}/polls", room.host, json=body)

    assert answer.status_code == status
    if status == 400:
        assert faults(answer) == {"threshold": "format"}
