"""While a tally is hidden, nobody can tell that somebody has voted again: by no route or event."""

from typing import Any

import pytest

from tests import conformance
from tests.http.rooms.house import House, Room
from tests.live.clients import Client
from tests.postgres import ON_POSTGRES

CHANGING = ("Date", "X-Request-ID")
FIELDS = ("server_time", "exported_at", "expires_at", "last", "seconds")
WHERE = ("/rooms", "/polls", "/candidates")


@pytest.fixture
def room(house: House) -> Room:
    return house.room()


def look(house: House, room: Room, poll: dict[str, Any], token: str | None) -> dict[str, Any]:
    """Return all that every GET route of a room and its poll answers, but for times."""
    seen = {}
    meeting = house.request("GET", room.path, room.host).json()["meeting"]
    for route in sorted(conformance.routes()):
        method, path = route.split()
        if method == "GET" and path.startswith(WHERE):
            place = {"code": room.code, "poll_id": poll["id"], "name": "x", "meeting_id": meeting}
            answer = house.request("GET", path.format(**place), token)
            changing = (*CHANGING, "Content-Length") if path.endswith(".xlsx") else CHANGING
            headers = {k: v for k, v in answer.headers.items() if k not in changing}
            is_json = "json" in headers.get("Content-Type", "")
            seen[path] = answer.status_code, headers, still(answer.json() if is_json else "")
    return seen


def still(value: Any) -> Any:
    """Return a document without the times that always change."""
    if isinstance(value, dict):
        return {name: still(each) for name, each in value.items() if name not in FIELDS}
    return [still(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("secrecy", ["secret", "named"])
@pytest.mark.parametrize("results", ["closed", "host"])
def test_nothing_that_others_can_see_changes_when_a_voter_votes_again(
    house: House, room: Room, results: str, secrecy: str
) -> None:
    poll = house.poll(room, results=results, secrecy=secrecy)
    voter, other = house.newcomer(), house.newcomer()
    house.vote(voter, poll, 0)
    tokens = {"stranger": None, "other": other, "host": room.host}
    before = {who: look(house, room, poll, token) for who, token in tokens.items()}

    for place in (1, 2, 2, 0):
        assert house.vote(voter, poll, place).status_code == 200
    after = {who: look(house, room, poll, token) for who, token in tokens.items()}

    assert "/polls/{poll_id}/results" in before["host"]
    for who in tokens:
        for path, answer in before[who].items():
            assert after[who][path] == answer, (who, path)


@pytest.mark.parametrize("results", ["closed", "host"])
def test_watchers_are_sent_nothing_when_a_voter_votes_again(
    house: House, room: Room, results: str
) -> None:
    poll = house.poll(room, results=results)
    voter, other = house.newcomer(), house.newcomer()
    house.vote(voter, poll, 0)
    tokens = {"stranger": None, "other": other, "host": room.host}
    watchers = {who: Client(house.url, token and {"token": token}) for who, token in tokens.items()}
    joined = {who: watcher.join(room.code) for who, watcher in watchers.items()}

    for place in (1, 2, 2, 0):
        assert house.vote(voter, poll, place).status_code == 200
    house.vote(other, poll, 0)
    news = {
        who: watcher.wait("tally:update", lambda received: received["ballots"] == 2)
        for who, watcher in watchers.items()
    }
    received = {who: watcher.received("tally:update") for who, watcher in watchers.items()}
    for watcher in watchers.values():
        watcher.close()

    for who in tokens:
        first = joined[who]["results"][str(poll["id"])]["version"]
        last = news[who]["version"]
        assert last > first if ON_POSTGRES else last == first + 1
        versions = [each["version"] for each in received[who]]
        assert versions in ([last], [first, last]), "the first ballot, and the other's"
