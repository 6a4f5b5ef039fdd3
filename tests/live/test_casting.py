"""Voting by socket: the same as `PUT /polls/{id}/ballot`, over either transport."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.live.clients import votes_of
from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import ROOT, Server

TRANSPORTS = (["websocket"], ["polling"])
CAST = {"ok", "receipt", "poll", "changed", "server_time"}


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["websocket", "polling"])
def test_cast_answers_the_receipt_when_the_vote_counts(
    server: Server, connect: Connect, transports: list[str]
) -> None:
    client = connect(server, server.sign_up("ann"), transports=transports)

    answer = client.call("ballot:cast", {"poll": 1, "choices": [3]})

    assert answer.keys() == CAST
    assert (answer["ok"], answer["poll"], answer["changed"]) == (True, 1, False)
    assert len(bytes.fromhex(answer["receipt"])) == 16
    assert server.votes() == {3: 1}


def test_cast_replaces_the_vote_when_another_came_before(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    client = connect(shared_server, people[0])
    first = client.call("ballot:cast", {"poll": 1, "choices": [1]})

    second = client.call("ballot:cast", {"poll": 1, "choices": [2]})

    assert (second["ok"], second["changed"]) == (True, True)
    assert second["receipt"] != first["receipt"]
    assert shared_server.votes() == {2: 1}


def test_cast_answers_the_same_receipt_when_repeated_with_its_key(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    ballot = {"poll": 1, "choices": [5], "key": str(uuid4())}
    first = connect(shared_server, people[0]).call("ballot:cast", ballot)

    again = connect(shared_server, people[0], transports=["polling"]).call("ballot:cast", ballot)
    by_http = shared_server.cast(people[0], [5], ballot["key"])

    assert again["receipt"] == first["receipt"] == by_http.json()["receipt"]
    assert (again["changed"], by_http.status_code) == (False, 200)
    assert shared_server.votes() == {5: 1}


def test_cast_counts_one_vote_when_it_is_sent_many_times_at_once(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    ballot = {"poll": 1, "choices": [6], "key": str(uuid4())}
    clients = [connect(shared_server, people[0]) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: each.call("ballot:cast", ballot), clients))

    assert len({answer["receipt"] for answer in answers}) == 1
    assert shared_server.votes() == {6: 1}


def test_cast_refuses_when_the_key_came_with_another_ballot(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    client, key = connect(shared_server, people[0]), str(uuid4())
    client.call("ballot:cast", {"poll": 1, "choices": [7], "key": key})

    answer = client.call("ballot:cast", {"poll": 1, "choices": [8], "key": key})

    assert code_of(answer) == "idempotency_mismatch"
    assert shared_server.votes() == {7: 1}


def test_cast_refuses_when_a_later_ballot_superseded_it(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    client = connect(shared_server, people[0])
    late = {"poll": 1, "choices": [1], "key": str(uuid4())}
    client.call("ballot:cast", late)
    client.call("ballot:cast", {"poll": 1, "choices": [2], "key": str(uuid4())})

    answer = client.call("ballot:cast", late)

    assert code_of(answer) == "stale"
    assert shared_server.votes() == {2: 1}


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["websocket", "polling"])
def test_events_of_a_client_are_answered_in_their_order(
    server: Server, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    # python-socketio's client handles each ack in a thread of its own, so it keeps no order
    auth = {"token": server.sign_up("ann")}
    client = connect_javascript(server.url, transports=transports, auth=auth)

    for number in range(1, 6):
        client.say("ballot:cast", {"poll": 1, "choices": [number]})
        client.say("room:join", {"room": "lobby"})
        client.say("ballot:cast", {"poll": 1, "choices": ["one"]})

    acks = client.wait_count("ack", 15)
    kinds = ["cast" if "receipt" in ack else "joined" if ack["ok"] else "refused" for ack in acks]
    assert kinds == ["cast", "joined", "refused"] * 5
    assert server.votes() == {5: 1}


def test_cast_refuses_when_nobody_is_signed_in(shared_server: Server, connect: Connect) -> None:
    answer = connect(shared_server).call("ballot:cast", {"poll": 1, "choices": [1]})

    assert code_of(answer) == "unauthenticated"


@pytest.mark.parametrize("poll", [0, -1, 2, 10**30])
def test_cast_refuses_when_there_is_no_such_poll(
    shared_server: Server, people: list[str], connect: Connect, poll: int
) -> None:
    client = connect(shared_server, people[0])

    answer = client.call("ballot:cast", {"poll": poll, "choices": [1]})

    assert code_of(answer) == "not_found"


def test_cast_refuses_when_the_token_was_logged_out_since(server: Server, connect: Connect) -> None:
    token = server.sign_up("ann")
    client = connect(server, token)
    server.request("POST", "/auth/logout", token)

    answer = client.call_before_the_end("ballot:cast", {"poll": 1, "choices": [1]})

    assert answer is None or answer["ok"] is False
    assert server.votes() == {}


def test_cast_refuses_a_change_when_the_poll_bars_changes(tmp_path: Path, connect: Connect) -> None:
    seed = json.loads((ROOT / "db" / "seed.json").read_text())
    seed["rooms"][0]["polls"][0] |= {"allow_change": False, "results": "closed"}
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    server = Server(tmp_path, SEED=str(tmp_path / "seed.json")).start()
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    client, watcher = connect(server, ann), connect(server, ben)
    hidden = watcher.join()["results"]["1"]
    client.call("ballot:cast", {"poll": 1, "choices": [1]})

    answer = client.call("ballot:cast", {"poll": 1, "choices": [2]})

    standing = client.join()["you"]["polls"]["1"]
    received = watcher.wait("tally:update", lambda results: results["ballots"] == 1)
    server.kill()
    assert code_of(answer) == "already_voted"
    assert standing == {"voted": True, "can_vote": False, "reason": "already_voted"}
    assert (hidden["tally"], received["tally"], received["blank"]) == (None, None, None)


def test_votes_by_socket_and_by_http_are_one_when_they_race(
    shared_server: Server, people: list[str], connect: Connect
) -> None:
    client = connect(shared_server, people[1])
    before = shared_server.results()["ballots"]

    with ThreadPoolExecutor(2) as pool:
        by_socket = pool.map(
            lambda choice: client.call("ballot:cast", {"poll": 1, "choices": [choice]}), range(1, 6)
        )
        by_http = pool.map(lambda choice: shared_server.cast(people[1], [choice]), range(6, 11))
        answers = [answer["ok"] for answer in by_socket] + [answer.ok for answer in by_http]

    assert all(answers)
    results = shared_server.results()
    assert results["ballots"] == before + 1
    assert sum(votes_of(results).values()) == results["ballots"]


def code_of(answer: dict[str, Any]) -> Any:
    assert answer["ok"] is False
    return answer["error"]["code"]
