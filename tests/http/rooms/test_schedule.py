"""Polls that open and close by themselves, to the millisecond, also over a restart."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room, soon, until
from tests.live.clients import Client
from voting.people import find_poll


@pytest.fixture
def own(tmp_path: Any) -> Iterator[House]:
    """A house of a test's own, which it may kill."""
    running = House(tmp_path, people=5)
    running.start()
    yield running
    running.kill()


def in_state(house: House, poll: dict[str, Any], state: str, token: str) -> Any:
    def look() -> Any:
        seen = house.request("GET", f"/polls/{poll['id']}", token).json()
        return seen if seen["state"] == state else None

    return look


def end_soon(house: House, room: Room, poll: dict[str, Any], seconds: float = 0.5) -> str:
    """Let a poll that has begun end in a moment; return when."""

    def ask() -> Any:
        body = {"closes_at": soon(seconds)}
        answer = house.request("PATCH", f"/polls/{poll['id']}", room.host, json=body)
        if answer.status_code == 400:  # the moment was over before the server read of it
            assert faults(answer) == {"closes_at": "in_the_past"}
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()["closes_at"]

    return str(until(ask))


def test_poll_opens_and_closes_by_itself(house: House) -> None:
    room, voter = house.room(), house.newcomer()
    poll = house.draft(room, opens_at=soon(0.2))

    opened = until(in_state(house, poll, "open", room.host))
    house.vote(voter, poll, 0)
    closes = end_soon(house, room, poll)
    closed = until(in_state(house, poll, "closed", room.host))

    assert opened["opened_at"] >= opened["opens_at"]
    assert closed["closed_at"] == closed["closes_at"] == closes
    assert house.results(poll["id"])["winners"] == [poll["candidates"][0]["id"]]


@pytest.mark.parametrize("state", ["open", "paused"])
def test_poll_takes_no_ballot_from_its_end_on(house: House, state: str) -> None:
    room = house.room()
    poll, voter = house.poll(room, state), house.newcomer()
    closes = end_soon(house, room, poll)

    def refused() -> Any:
        answer = house.vote(voter, poll, 0)
        return [answer] if answer.status_code == 409 else None

    (answer,) = until(refused)
    if state == "open":
        assert answer.json()["server_time"] >= closes
    assert refusal(answer) == (409, "poll_not_open")
    late = {"closes_at": soon(60)}
    until(in_state(house, poll, "closed", room.host))
    extended = house.request("PATCH", f"/polls/{poll['id']}", room.host, json=late)
    assert refusal(extended) == (409, "wrong_state")
    seen = house.request("GET", f"/polls/{poll['id']}").json()
    assert seen["closed_at"] == seen["closes_at"]


def test_poll_can_not_be_kept_open_past_its_end(house: House) -> None:
    room = house.room()
    polls = [house.poll(room) for _ in range(3)]
    for poll in polls:
        end_soon(house, room, poll)
    late = {"json": {"closes_at": soon(60)}}

    def over(poll: dict[str, Any]) -> Any:
        return house.vote(room.host, poll, 0).status_code == 409

    answers = []
    for poll, step in zip(polls, ("PATCH", "pause", "open"), strict=True):
        until(lambda poll=poll: over(poll))
        path = f"/polls/{poll['id']}"
        answers.append(
            house.request("PATCH", path, room.host, **late)
            if step == "PATCH"
            else house.move(room, poll["id"], step)
        )

    for poll, answer in zip(polls, answers, strict=True):
        assert refusal(answer) == (409, "wrong_state")
        seen = house.request("GET", f"/polls/{poll['id']}").json()
        assert (seen["state"], seen["closed_at"]) == ("closed", seen["closes_at"])


def test_poll_is_not_opened_when_its_end_is_past(house: House) -> None:
    room = house.room()
    draft = house.draft(room, closes_at=soon(0.3))

    until(lambda: soon(0) > draft["closes_at"].replace("Z", "+00:00"))

    assert faults(house.move(room, draft["id"], "open")) == {"closes_at": "in_the_past"}


def test_polls_close_at_their_end_when_the_server_was_down(own: House) -> None:
    room = own.room()
    going = [own.poll(room, state) for state in ("open", "paused")]
    own.vote(own.newcomer(), going[0], 0)
    going_on = own.poll(room)
    ends = [end_soon(own, room, poll, 1.5) for poll in going]
    opening = own.draft(room, opens_at=ends[-1])

    own.kill()
    until(lambda: soon(0) > ends[-1].replace("Z", "+00:00"))
    own.start()

    for poll, end in zip(going, ends, strict=True):
        seen = until(in_state(own, poll, "closed", room.host))
        assert seen["closed_at"] == seen["closes_at"] == end
    until(in_state(own, opening, "open", room.host))
    assert own.request("GET", f"/polls/{going_on['id']}").json()["state"] == "open"
    assert own.results(going[0]["id"])["ballots"] == 1


@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00Z", "2025-01-01T00:00:00+09:00", "9999-12-31T23:59:59Z"]
)
def test_times_of_the_past_and_of_far_centuries_are_refused(
    house: House, field: str, time: str
) -> None:
    room = house.room()
    draft = house.draft(room)
    body = {"title": "T", "candidates": [{"name": "A"}], field: time}
    code = {field: "too_large" if time.startswith("9") else "in_the_past"}

    made = house.request("POST", f"{room.path}/polls", room.host, json=body)
    changed = house.request("PATCH", f"/polls/{draft['id']}", room.host, json={field: time})

    assert faults(made) == code
    assert faults(changed) == code


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_times_that_no_year_of_utc_holds_are_refused(house: House, time: str) -> None:
    room = house.room()
    body = {"title": "T", "candidates": [{"name": "A"}], "opens_at": time}

    made = house.request("POST", f"{room.path}/polls", room.host, json=body)

    assert faults(made) == {"opens_at": "wrong_type"}


def test_close_before_the_opening_is_refused(house: House) -> None:
    room = house.room()
    body = {"title": "T", "candidates": [{"name": "A"}]}
    times = {"opens_at": soon(600), "closes_at": soon(300)}

    made = house.request("POST", f"{room.path}/polls", room.host, json={**body, **times})

    assert faults(made) == {"closes_at": "in_the_past"}


def test_opening_that_the_server_missed_is_sent_to_hosts_and_left_to_them(own: House) -> None:
    room, voter = own.room(), own.newcomer()
    draft = own.draft(room, opens_at=soon(3600))
    own.stop()
    ago = datetime.now(UTC) - timedelta(hours=1)
    store = own.open_store(ago)
    with store.transaction():
        store.save(replace(find_poll(store, draft["id"]), opens_at=ago))
    store.close()
    own.start()
    path = f"/polls/{draft['id']}"

    missed = until(lambda: seen(own, path, room.host, missed=True))
    unseen = own.request("GET", path, voter)
    renamed = own.request("PATCH", path, room.host, json={"title": "U", **times_of(missed)})
    opened = own.move(room, draft["id"], "open")

    assert missed["state"] == "draft"
    assert unseen.status_code == 404
    assert (renamed.status_code, renamed.json()["missed_opening"]) == (200, True)
    assert (opened.json()["state"], opened.json()["missed_opening"]) == ("open", False)


def seen(house: House, path: str, token: str, *, missed: bool) -> Any:
    document = house.request("GET", path, token).json()
    return document if document["missed_opening"] is missed else None


def times_of(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("opens_at", "closes_at")}


def test_missed_opening_is_sent_to_a_host_who_is_connected(own: House) -> None:
    room = own.room()
    client = Client(own.url, {"token": room.host})
    client.join(room.code)
    for seconds in (1.5, 5, 15):
        draft = own.draft(room, opens_at=soon(seconds), closes_at=(closes := soon(seconds + 0.1)))
        os.kill(own.pid, signal.SIGSTOP)  # as a machine that sleeps
        if soon(0) < draft["opens_at"].replace("Z", "+00:00"):
            break
        os.kill(own.pid, signal.SIGCONT)  # it may have opened: this machine is too busy

    until(lambda: soon(0) > closes)
    os.kill(own.pid, signal.SIGCONT)
    news = client.wait("poll:changed", lambda seen: seen["missed_opening"])
    client.close()

    assert (news["id"], news["state"]) == (draft["id"], "draft")
