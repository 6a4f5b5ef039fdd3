"""Every refusal that rooms, rolls and polls have, met once and worded in both languages."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.http.hall import refusal
from tests.http.rooms.house import House

Ask = tuple[str, str, str | None, dict[str, Any]]


def ballot(poll: dict[str, Any], token: str | None, *places: int, **headers: str) -> Ask:
    choices = [poll["candidates"][place]["id"] for place in places]
    options = {"json": {"choices": choices}, "headers": headers}
    return "PUT", f"/polls/{poll['id']}/ballot", token, options


def voted(house: House, **rules: Any) -> tuple[dict[str, Any], str]:
    poll, voter = house.poll(house.room(), **rules), house.newcomer()
    house.vote(voter, poll, 0, headers={"Idempotency-Key": "0" * 32})
    return poll, voter


def invalid_request(house: House) -> Ask:
    return "POST", "/rooms", house.newcomer(), {"json": {"name": 5}}


def unauthenticated(house: House) -> Ask:
    return "POST", "/rooms", None, {"json": {"name": "Club"}}


def token_invalid(house: House) -> Ask:
    return "GET", "/rooms/lobby", "nonsense", {}


def forbidden(house: House) -> Ask:
    return "PATCH", house.room().path, house.newcomer(), {"json": {"name": "Mine"}}


def not_eligible(house: House) -> Ask:
    return ballot(house.poll(house.room(), eligibility="roll"), house.newcomer(), 0)


def not_present(house: House) -> Ask:
    return ballot(house.poll(house.room(), require_presence=True), house.newcomer(), 0)


def results_hidden(house: House) -> Ask:
    poll = house.poll(house.room(), results="closed")
    return "GET", f"/polls/{poll['id']}/results.csv", None, {}


def not_found(house: House) -> Ask:
    return "GET", "/rooms/ZZZZZZ", None, {}


def method_not_allowed(house: House) -> Ask:
    return "PUT", "/rooms/lobby", None, {"json": {}}


def nickname_taken(house: House) -> Ask:
    room = house.room()
    house.guest(room, "Ann")
    return "POST", f"{room.path}/guests", None, {"json": {"nickname": "Ann"}}


def already_voted(house: House) -> Ask:
    poll, voter = voted(house, allow_change=False)
    return ballot(poll, voter, 1)


def poll_not_open(house: House) -> Ask:
    return ballot(house.poll(house.room(), "paused"), house.newcomer(), 0)


def poll_frozen(house: House) -> Ask:
    room = house.room()
    return "PATCH", f"/polls/{house.poll(room)['id']}", room.host, {"json": {"title": "x"}}


def wrong_state(house: House) -> Ask:
    room = house.room()
    return "POST", f"/polls/{house.draft(room)['id']}/close", room.host, {}


def stale(house: House) -> Ask:
    room = house.room()
    return "PATCH", room.path, room.host, {"json": {}, "headers": {"If-Match": '"old"'}}


def payload_too_large(house: House) -> Ask:
    room = house.room()
    return "PUT", f"{room.path}/roll", room.host, {"data": b"x" * ((2 << 20) + 1)}


def unsupported_media_type(house: House) -> Ask:
    room = house.room()
    return "POST", f"{room.path}/polls", room.host, {"data": b"title=x"}


def idempotency_mismatch(house: House) -> Ask:
    poll, voter = voted(house)
    return ballot(poll, voter, 1, **{"Idempotency-Key": "0" * 32})


MET: dict[Callable[[House], Ask], int] = {
    invalid_request: 400,
    unauthenticated: 401,
    token_invalid: 401,
    forbidden: 403,
    not_eligible: 403,
    not_present: 403,
    results_hidden: 403,
    not_found: 404,
    method_not_allowed: 405,
    nickname_taken: 409,
    already_voted: 409,
    poll_not_open: 409,
    poll_frozen: 409,
    wrong_state: 409,
    stale: 412,
    payload_too_large: 413,
    unsupported_media_type: 415,
    idempotency_mismatch: 422,
}


@pytest.mark.parametrize("meet", MET, ids=lambda meet: meet.__name__)
def test_refusal_is_worded_in_both_languages(house: House, meet: Callable[[House], Ask]) -> None:
    method, path, token, options = meet(house)
    own = options.pop("headers", {})

    details = {}
    for language in ("ko", "en"):
        headers = {**own, "Accept-Language": language}
        answer = house.request(method, path, token, headers=headers, **options)
        assert refusal(answer) == (MET[meet], meet.__name__)
        assert answer.headers["Content-Language"] == language
        details[language] = answer.json()["detail"]

    assert any("가" <= letter <= "힣" for letter in details["ko"])
    assert details["en"].isascii()
    assert "{" not in details["ko"] + details["en"]
