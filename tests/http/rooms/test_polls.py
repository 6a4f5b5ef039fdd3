"""A poll's life: every step from every state, what freezes, what a copy takes along."""

from typing import Any

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import STATES, House, soon

STEPS = {"open": "open", "pause": "paused", "close": "closed", "void": "void"}
ALLOWED = {
    "draft": {"open"},
    "open": {"open", "pause", "close", "void"},
    "paused": {"open", "pause", "close", "void"},
    "closed": {"close", "void"},
    "void": {"void"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_poll_takes_a_step_only_from_where_it_may(house: House, state: str, step: str) -> None:
    room = house.room()
    before = house.poll(room, state)

    answer = house.move(room, before["id"], step)

    after = house.request("GET", f"/polls/{before['id']}", room.host).json()
    if step in ALLOWED[state]:
        assert (answer.status_code, answer.json()) == (200, after)
        assert after["state"] == STEPS[step]
    else:
        assert refusal(answer) == (409, "wrong_state")
        assert answer.json()["state"] == state
        assert after == before
    if STEPS[step] == state:
        assert after == before


@pytest.mark.parametrize("state", STATES)
def test_poll_is_deleted_only_as_a_draft(house: House, state: str) -> None:
    room = house.room()
    poll = house.poll(room, state)

    answer = house.request("DELETE", f"/polls/{poll['id']}", room.host)

    if state == "draft":
        assert answer.status_code == 204
        assert house.request("GET", f"/polls/{poll['id']}", room.host).status_code == 404
    else:
        assert refusal(answer) == (409, "wrong_state")
        assert answer.json()["state"] == state


@pytest.mark.parametrize("state", STATES)
def test_poll_is_published_only_when_closed(house: House, state: str) -> None:
    room = house.room()
    poll = house.poll(room, state, results="host")

    answers = [house.move(room, poll["id"], "publish") for _ in range(2)]

    for answer in answers:
        if state == "closed":
            assert answer.json() == {**poll, "published": True}
        else:
            assert refusal(answer) == (409, "wrong_state")


CHANGES: dict[str, Any] = {
    "title": "Another",
    "description": "more",
    "method": "approval",
    "seats": 2,
    "max_choices": 1,
    "score_max": 9,
    "candidates": [{"name": "X"}],
    "eligibility": "anyone",
    "require_presence": True,
    "secrecy": "named",
    "allow_change": False,
    "threshold": {"num": 1, "den": 2, "of": "valid", "rule": "more_than"},
    "opens_at": "2030-01-01T00:00:00Z",
}


@pytest.mark.parametrize("field", CHANGES)
def test_rule_changes_in_a_draft_and_freezes_with_the_opening(house: House, field: str) -> None:
    room = house.room()
    change = {field: CHANGES[field]}

    draft = house.draft(room)
    changed = house.request("PATCH", f"/polls/{draft['id']}", room.host, json=change)
    assert changed.status_code == 200
    assert changed.json()[field] != draft[field]

    for state in STATES[1:]:
        poll = house.poll(room, state)
        answer = house.request("PATCH", f"/polls/{poll['id']}", room.host, json=change)
        assert refusal(answer) == (409, "poll_frozen")


@pytest.mark.parametrize("state", ["closed", "void"])
def test_results_stay_as_they_were_at_the_end(house: House, state: str) -> None:
    room = house.room()
    poll = house.poll(room, state)

    for results in ("closed", "host"):
        change = {"results": results}
        answer = house.request("PATCH", f"/polls/{poll['id']}", room.host, json=change)
        assert refusal(answer) == (409, "poll_frozen")


@pytest.mark.parametrize("state", ["open", "paused"])
def test_results_are_only_tightened_after_the_opening(house: House, state: str) -> None:
    room = house.room()
    poll = house.poll(room, state)

    def patch(results: str) -> Any:
        return house.request("PATCH", f"/polls/{poll['id']}", room.host, json={"results": results})

    assert patch("closed").json()["results"] == "closed"
    assert refusal(patch("live")) == (409, "poll_frozen")
    assert patch("host").json()["results"] == "host"
    assert patch("host").status_code == 200
    assert refusal(patch("closed")) == (409, "poll_frozen")


def test_end_may_be_moved_while_the_poll_goes_on(house: House) -> None:
    room = house.room()
    later = "2030-01-01T09:00:00+09:00"

    for state in ("open", "paused"):
        poll = house.poll(room, state)
        path = f"/polls/{poll['id']}"
        moved = house.request("PATCH", path, room.host, json={"closes_at": later})
        past = house.request("PATCH", path, room.host, json={"closes_at": soon(-1)})
        none = house.request("PATCH", path, room.host, json={"closes_at": None})
        assert moved.json()["closes_at"] == "2030-01-01T00:00:00.000Z"
        assert faults(past) == {"closes_at": "in_the_past"}
        assert none.json()["closes_at"] is None
    for state in ("closed", "void"):
        poll = house.poll(room, state)
        answer = house.request(
            "PATCH", f"/polls/{poll['id']}", room.host, json={"closes_at": later}
        )
        assert refusal(answer) == (409, "wrong_state")
        assert house.request("PATCH", f"/polls/{poll['id']}", room.host, json={}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"title": ""}, {"title": "empty"}),
        ({"candidates": []}, {"candidates": "too_short"}),
        ({"candidates": [{"name": ""}]}, {"candidates.0.name": "empty"}),
        ({"candidates": [{"description": "x"}]}, {"candidates.0.name": "required"}),
        ({"candidates": [{"name": "Yes"}, {"name": "yes"}]}, {"candidates.1.name": "duplicate"}),
        ({"candidates": [{"name": str(n)} for n in range(201)]}, {"candidates": "too_long"}),
        ({"method": "lottery"}, {"method": "not_allowed"}),
        ({"seats": 0}, {"seats": "too_small"}),
        ({"method": "ranked", "seats": 2}, {"seats": "too_large"}),
        ({"max_choices": 2}, {"max_choices": "too_large"}),
        ({"score_max": 0}, {"score_max": "too_small"}),
        ({"score_max": True}, {"score_max": "wrong_type"}),
        ({"threshold": {}}, {f"threshold.{k}": "required" for k in ("num", "den", "of", "rule")}),
        (
            {"threshold": {"num": 3, "den": 2, "of": "valid", "rule": "at_least"}},
            {"threshold": "format"},
        ),
        ({"closes_at": "2020-01-01T00:00:00Z"}, {"closes_at": "in_the_past"}),
        ({"closes_at": "2030-01-01T00:00:00"}, {"closes_at": "wrong_type"}),
        ({"closes_at": "tomorrow"}, {"closes_at": "wrong_type"}),
        ({"closes_at": "0001-01-01T00:00:00+09:00"}, {"closes_at": "wrong_type"}),
        (
            {"opens_at": "2030-01-02T00:00:00Z", "closes_at": "2030-01-01T00:00:00Z"},
            {"closes_at": "in_the_past"},
        ),
        ({"state": "open"}, {"state": "unknown_field"}),
    ],
)
def test_refused_poll_names_every_invalid_rule(house: House, fields: Any, found: Any) -> None:
    room = house.room()
    body = {"title": "T", "candidates": [{"name": "A"}], **fields}

    made = house.request("POST", f"{room.path}/polls", room.host, json=body)
    draft = house.draft(room)
    changed = house.request("PATCH", f"/polls/{draft['id']}", room.host, json=fields)

    assert faults(made) == found
    assert faults(changed) == found


def test_poll_is_refused_when_its_body_is_not_json(house: House) -> None:
    room = house.room()

    for raw in (b"[" * 60_000, b"{", b"\xff", b'{"title": NaN}', b"null"):
        answer = house.request(
            "POST",
            f"{room.path}/polls",
            room.host,
            data=raw,
            headers={"Content-Type": "application/json"},
        )
        assert refusal(answer) == (400, "invalid_request"), raw[:9]


def test_draft_is_known_to_hosts_alone(house: House) -> None:
    room = house.room()
    draft, member = house.draft(room), house.member(room)

    assert house.request("GET", f"/polls/{draft['id']}", room.host).status_code == 200
    for token in (None, member, house.guest(room), house.newcomer()):
        for rest in ("", "/results", "/record", "/results.csv"):
            answer = house.request("GET", f"/polls/{draft['id']}{rest}", token)
            assert refusal(answer) == (404, "not_found")
        listed = house.request("GET", f"{room.path}/polls", token).json()["items"]
        assert listed == []
    assert refusal(house.vote(member, draft, 0)) == (404, "not_found")


def test_candidates_of_a_draft_are_gone_when_replaced(house: House) -> None:
    room = house.room()
    draft = house.draft(room)
    change = {"candidates": [{"name": "X"}]}

    changed = house.request("PATCH", f"/polls/{draft['id']}", room.host, json=change).json()
    house.move(room, draft["id"], "open")

    old, new = draft["candidates"][0]["id"], changed["candidates"][0]["id"]
    voter = house.newcomer()
    assert house.request("GET", f"/vote?id={old}", voter).status_code == 404
    assert house.request("GET", f"/vote?id={new}", voter).status_code == 200


def test_copy_follows_the_other_with_all_or_some_candidates(house: House) -> None:
    room = house.room()
    rules = {
        "method": "score",
        "score_max": 9,
        "max_choices": 2,
        "secrecy": "named",
        "results": "closed",
        "eligibility": "roll",
        "allow_change": False,
        "require_presence": True,
        "description": "Why",
        "threshold": {"num": 1, "den": 2, "of": "cast", "rule": "at_least"},
    }
    source = house.poll(room, "closed", **rules)
    ids = [candidate["id"] for candidate in source["candidates"]]

    def copy(**fields: Any) -> Any:
        return house.request("POST", f"{room.path}/polls", room.host, json=fields)

    whole, some = copy(copy_of=source["id"]), copy(copy_of=source["id"], candidates=ids[1:])

    assert (whole.status_code, whole.headers["Location"]) == (201, f"/polls/{whole.json()['id']}")
    for answer, names in ((whole, "ABC"), (some, "BC")):
        draft = answer.json()
        assert {key: draft[key] for key in rules} == rules
        assert (draft["follows"], draft["state"], draft["opened_at"]) == (
            source["id"],
            "draft",
            None,
        )
        assert [candidate["name"] for candidate in draft["candidates"]] == list(names)
        assert not {candidate["id"] for candidate in draft["candidates"]} & set(ids)
    foreign = house.poll(house.room())
    assert faults(copy(copy_of=foreign["id"])) == {"copy_of": "unknown_poll"}
    assert faults(copy(copy_of=source["id"], candidates=[ids[0], 1])) == {
        "candidates.1": "unknown_candidate"
    }
    assert faults(copy(copy_of="x", title="T")) == {
        "copy_of": "wrong_type",
        "title": "unknown_field",
    }


def test_poll_answers_304_and_412_by_its_etag(house: House) -> None:
    room = house.room()
    path = f"/polls/{house.draft(room)['id']}"
    first = house.request("GET", path, room.host)
    match = {"If-Match": first.headers["ETag"]}

    again = house.request("GET", path, room.host, headers={"If-None-Match": match["If-Match"]})
    right = house.request("PATCH", path, room.host, json={"title": "B"}, headers=match)
    stale = house.request("PATCH", path, room.host, json={"title": "C"}, headers=match)
    any_version = house.request("PATCH", path, room.host, json={}, headers={"If-Match": "*"})

    assert "Authorization" in first.headers["Vary"]
    assert (again.status_code, again.content) == (304, b"")
    assert right.headers["ETag"] != match["If-Match"]
    assert refusal(stale) == (412, "stale")
    assert any_version.json()["title"] == "B"


def test_void_asks_for_a_reason_and_shows_it(house: House) -> None:
    room = house.room()
    poll = house.poll(room)
    path = f"/polls/{poll['id']}/void"

    empty = house.request("POST", path, room.host, json={"reason": " "})
    missing = house.request("POST", path, room.host, json={})
    done = house.request("POST", path, room.host, json={"reason": "정전"})
    again = house.request("POST", path, room.host, json={"reason": "Another"})

    assert (faults(empty), faults(missing)) == ({"reason": "empty"}, {"reason": "required"})
    assert (done.json()["state"], done.json()["reason"]) == ("void", "정전")
    assert again.json() == done.json()


def test_closed_polls_keep_when_they_closed_when_voided(house: House) -> None:
    room = house.room()
    poll = house.poll(room, "closed")

    voided = house.move(room, poll["id"], "void").json()

    assert voided["closed_at"] == poll["closed_at"] is not None
