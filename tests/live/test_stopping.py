"""A server that stops: what has begun is finished, and everybody is told when to come back."""

import json
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from http.client import HTTPConnection
from typing import Any

import pytest
import requests
import socketio

from tests.live.conftest import ConnectJavaScript
from tests.live.test_polling import enter
from tests.server import Server

HEARD_SECONDS = 60
"""A Python client that was sending as its connection ended says so some 30 s later."""
VOTERS = 12


def stop(server: Server) -> None:
    """Stop a server, cleanly and within a minute."""
    assert server.stop() == 0


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
    stop(server)
    assert all(end.wait(HEARD_SECONDS) for end in ended)
    server.start()

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
        wait(sent, HEARD_SECONDS, FIRST_COMPLETED)  # so all the others wait
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
    back = phone.wait_count("joined", 2, within=120)

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


def send(server: Server, method: str, path: str, body: Any = None) -> HTTPConnection:
    """Send a request without waiting for the answer."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=HEARD_SECONDS)
    headers = {"Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    return connection


def test_waiting_poll_is_answered_when_the_server_stops(server: Server) -> None:
    waiting = send(server, "GET", enter(server))
    server.request("GET", "/healthz")  # what came before it has been read

    stop(server)

    assert waiting.getresponse().read().endswith(b"1")


def test_requests_that_have_begun_are_answered_when_the_server_stops(server: Server) -> None:
    """They are hashed one after the other; those for which there is no time are refused."""
    server.sign_up("ann")
    fields = {"email": "ann@example.org", "password": "correct-horse"}
    sent = [send(server, "POST", "/auth/login", fields) for _ in range(40)]
    server.request("GET", "/healthz")  # what came before it has been read

    stop(server)

    answers = [each.getresponse() for each in sent]
    assert {answer.status for answer in answers} <= {200, 503}
    kinds = {answer.headers.get_content_type() for answer in answers}
    assert kinds <= {"text/plain", "application/problem+json"}
    assert "close" in {answer.getheader("Connection") for answer in answers}
