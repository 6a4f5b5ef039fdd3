"""A server that stops: what has begun is finished, and everybody is told when to come back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import socketio

from tests.live.conftest import ConnectJavaScript
from tests.live.test_polling import enter
from tests.server import Server

STOP_SECONDS = 10
HEARD_SECONDS = 60
"""A Python client that was sending as its connection ended says so some 30 s later."""
VOTERS = 12


def stop(server: Server) -> float:
    """Stop a server; return how many seconds that took."""
    began = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - began


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_ballots_that_are_stored_are_acked_when_the_server_stops(
    server: Server, transport: str
) -> None:
    tokens = [server.sign_up(f"voter-{n}") for n in range(VOTERS)]
    acks: list[dict[str, Any]] = []
    clients = [socketio.Client(reconnection=False) for _ in tokens]
    for client, token in zip(clients, tokens, strict=True):
        client.connect(server.url, auth={"token": token}, transports=[transport])
    ended = [threading.Event() for _ in clients]
    for client, end in zip(clients, ended, strict=True):
        client.on("disconnect", lambda *_reason, end=end: end.set())

    for client in clients:
        client.emit("ballot:cast", {"poll": 1, "choices": [2]}, callback=acks.append)
    seconds = stop(server)
    assert all(end.wait(HEARD_SECONDS) for end in ended)
    server.start()

    assert seconds < STOP_SECONDS
    assert [ack for ack in acks if not ack["ok"]] == []
    assert server.votes() == ({2: len(acks)} if acks else {})


def test_sign_ups_that_wait_are_told_when_to_come_back(server: Server) -> None:
    """There are more than can be hashed while a stop waits for requests that have begun."""
    calls = [threading.Event() for _ in range(300)]

    def sign_up(number: int) -> requests.Response:
        person = {"email": f"p{number}@example.org", "name": "P", "password": "correct-horse"}
        calls[number].set()
        return requests.post(f"{server.url}/auth/signup", json=person, timeout=60)

    with ThreadPoolExecutor(len(calls)) as threads:
        sent = [threads.submit(sign_up, number) for number in range(len(calls))]
        assert all(call.wait(HEARD_SECONDS) for call in calls)
        sent[0].result()  # some have been served, so all the others wait
        stop(server)
        answers = [each.result() for each in sent if each.exception() is None]

    refused = [each for each in answers if each.status_code == 503]
    assert refused
    assert {each.headers["Retry-After"] for each in refused} == {"5"}
    assert {each.status_code for each in answers} <= {201, 503}


def test_official_client_reconnects_when_it_was_asked_to(
    server: Server, connect_javascript: ConnectJavaScript
) -> None:
    phone = connect_javascript(server.url, rooms=["lobby"])
    phone.wait("joined")

    stop(server)
    told = phone.wait("server:stopping")
    server.start()
    back = phone.wait_count("joined", 2, within=30)

    assert told["retry_after"] >= 0.5
    assert back[1]["room"]["code"] == "lobby"


def test_clients_are_given_different_moments(server: Server) -> None:
    told: list[float] = []
    clients = [socketio.Client(reconnection=False) for _ in range(5)]
    for client in clients:
        client.on("server:stopping", lambda said: told.append(said["retry_after"]))
        client.connect(server.url, transports=["websocket"])

    stop(server)
    for client in clients:
        client.wait()

    assert len(set(told)) == len(clients)


def test_waiting_poll_is_answered_when_the_server_stops(server: Server) -> None:
    path = enter(server)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(requests.get, server.url + path, timeout=30)
        while server.request("GET", "/readyz").status_code != 200 or not waiting.running():
            time.sleep(0.01)
        time.sleep(0.1)

        seconds = stop(server)

    assert waiting.result().text.endswith("1")
    assert seconds < STOP_SECONDS


def test_requests_that_have_begun_are_answered_when_the_server_stops(server: Server) -> None:
    server.sign_up("ann")
    fields = {"email": "ann@example.org", "password": "correct-horse"}
    with ThreadPoolExecutor(6) as pool:
        signing_in = [
            pool.submit(requests.post, f"{server.url}/auth/login", json=fields, timeout=30)
            for _ in range(6)
        ]
        while not any(each.done() for each in signing_in):  # they are hashed one after the other
            time.sleep(0.005)

        seconds = stop(server)

    answers = [each.result() for each in signing_in]
    assert {answer.status_code for answer in answers} <= {
        200,
        503,
    }  # hashing takes long where all is busy
    assert {answer.headers["Content-Type"].partition(";")[0] for answer in answers} <= {
        "text/plain",
        "application/problem+json",
    }
    assert answers[-1].headers.get("Connection") == "close"
    assert seconds < STOP_SECONDS
