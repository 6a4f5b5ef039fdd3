"""The official JavaScript client, as pages use it, against a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.httpd import lan_address
from tests.live.clients import order_of, votes_of
from tests.live.conftest import ConnectJavaScript
from tests.server import Server

TRANSPORTS = {
    "websocket": ["websocket"],
    "polling": ["polling"],
    "upgrade": ["polling", "websocket"],
}
FOREIGN = "http://evil.example.org"
FRONTEND = "http://localhost:3000"


@pytest.fixture
def server_everywhere(tmp_path: Path) -> Iterator[Server]:
    """A server that listens on every interface."""
    running = Server(tmp_path, HOST="0.0.0.0").start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def ann(shared_server: Server) -> str:
    return shared_server.sign_up("ann")


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_client_sees_tallies_grow_when_votes_come_over_http(
    shared_server: Server, ann: str, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    watcher = connect_javascript(shared_server.url, transports=transports)
    first = watcher.wait("joined")["results"]["1"]
    watcher.wait_count("transport", len(transports))

    for choice in (1, 2, 3, 4, 5):
        shared_server.cast(ann, [choice])
    watcher.wait_tally({5: 1}, after=first)

    received = [first, *watcher.received("tally:update")]
    assert watcher.received("transport") == transports
    assert [order_of(results) for results in received] == sorted(
        order_of(each) for each in received
    )
    assert {**received[-1], "server_time": ""} == {**shared_server.results(), "server_time": ""}
    assert all(results["server_time"].endswith("Z") for results in received)


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_client_votes_when_it_is_signed_in(
    shared_server: Server, ann: str, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    watcher = connect_javascript(shared_server.url, transports=transports, auth={"token": ann})
    watcher.wait("joined")

    answer = watcher.call("ballot:cast", {"poll": 1, "choices": [7]})

    assert (answer["ok"], answer["poll"], len(answer["receipt"])) == (True, 1, 32)
    assert shared_server.votes() == {7: 1}


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_client_is_served_when_it_comes_from_an_allowed_origin(
    shared_server: Server, ann: str, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    watcher = connect_javascript(shared_server.url, transports=transports, origin=FRONTEND)
    before = watcher.wait("joined")["results"]["1"]

    shared_server.cast(ann, [1])
    shared_server.cast(ann, [2])

    watcher.wait_tally({2: 1}, after=before)


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_client_is_refused_when_it_comes_from_a_foreign_origin(
    shared_server: Server, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    watcher = connect_javascript(shared_server.url, transports=transports, origin=FOREIGN)

    watcher.wait("connect_error")

    assert watcher.received("connect") == []


def test_client_is_served_when_it_comes_by_the_lan_address(
    server_everywhere: Server, connect_javascript: ConnectJavaScript
) -> None:
    address = lan_address()
    if address is None:
        pytest.skip("this machine has no address but the loopback's")
    url = f"http://{address}:{server_everywhere.port}"
    token = server_everywhere.sign_up("ann")
    watcher = connect_javascript(url, origin=url)
    watcher.wait("joined")

    server_everywhere.cast(token, [3])

    watcher.wait_tally({3: 1})


@pytest.mark.parametrize(
    ("language", "detail"), [("en", "session is not valid"), ("ko", "유효하지 않은 로그인")]
)
def test_connecting_shows_the_problem_when_the_token_is_bad(
    shared_server: Server, connect_javascript: ConnectJavaScript, language: str, detail: str
) -> None:
    auth = {"token": "no.such.token", "lang": language}
    watcher = connect_javascript(shared_server.url, auth=auth)

    error = watcher.wait("connect_error")

    assert error["message"] == error["data"]["code"] == "token_invalid"
    assert error["data"]["status"] == 401
    assert detail in error["data"]["detail"]


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_client_comes_back_by_itself_when_the_server_was_killed(
    server: Server, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    token = server.sign_up("ann")
    watcher = connect_javascript(server.url, transports=transports)
    watcher.wait("joined")
    server.cast(token, [1])
    before = watcher.wait_tally({1: 1})

    server.kill()
    watcher.wait("disconnect")
    server.start()
    server.cast(token, [2])

    after = watcher.wait_count("joined", 2)[1]["results"]["1"]
    if votes_of(after) == {2: 1}:  # it was back before the vote, or only after it
        assert order_of(after) > order_of(before)
    else:
        watcher.wait_tally({2: 1}, after=before)
