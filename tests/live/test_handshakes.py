"""A handshake that is refused says why: to its client, in a browser too, and in the log."""

import json
import socket

import pytest
import requests
import websocket

from tests.http.rooms.house import until
from tests.server import Server

HERE, FOREIGN = "http://localhost:3000", "https://foreign.example"
REFUSED = {
    "an old client": ("EIO=3&transport=polling", "EIO", "unsupported version"),
    "no version": ("transport=polling", "EIO", "unsupported version"),
    "no such transport": ("EIO=4&transport=carrier", "transport", "Invalid transport"),
    "no upgrade": ("EIO=4&transport=websocket", "Upgrade", "Invalid websocket upgrade"),
    "an unknown sid": ("EIO=4&transport=polling&sid=none", "sid", "Invalid session"),
    "a long sid": ("EIO=4&transport=polling&sid=" + "x" * 5_000, "sid", "Invalid session"),
}


def fault_of(answer: requests.Response, origin: str) -> tuple[str, str]:
    """Return which field is at fault, and why; the answer can be read from the origin."""
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in answer.headers["Vary"]
    assert len(answer.content) < 1_000
    return fault["field"], fault["detail"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("query", "field", "reason"), REFUSED.values(), ids=REFUSED)
def test_refusal_shows_its_reason(
    shared_server: Server, method: str, query: str, field: str, reason: str
) -> None:
    if method == "POST" and field == "Upgrade":
        field, reason = "sid", "Invalid session"

    received = shared_server.request(method, f"/socket.io/?{query}", headers={"Origin": HERE})

    at_fault, why = fault_of(received, HERE)
    assert (at_fault, reason in why) == (field, True)


def test_sid_of_a_websocket_is_refused_for_what_it_is(shared_server: Server) -> None:
    url = f"ws{shared_server.url[4:]}/socket.io/?EIO=4&transport=websocket"
    raw = websocket.create_connection(url, timeout=60)
    sid = json.loads(str(raw.recv())[1:])["sid"]

    received = shared_server.request(
        "GET", f"/socket.io/?EIO=4&transport=polling&sid={sid}", headers={"Origin": HERE}
    )
    raw.close()

    field, reason = fault_of(received, HERE)
    assert (field, "Unexpected HTTP request" in reason) == ("sid", True)


def test_foreign_origin_is_named_and_logged(server: Server) -> None:
    """On a server of its own: a reason is logged only now and then, whoever gave cause for it."""
    path = "/socket.io/?EIO=4&transport=polling"
    for _ in range(5):
        received = server.request("GET", path, headers={"Origin": FOREIGN})

    field, reason = fault_of(received, FOREIGN)
    lines = until(lambda: [line for line in server.output if FOREIGN in line])
    assert (field, "Not an accepted origin" in reason) == ("Origin", True)
    assert len(lines) == 1


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
def test_own_host_is_not_a_foreign_origin_by_any_web_scheme(
    shared_server: Server, scheme: str
) -> None:
    origin = f"{scheme}://127.0.0.1:{shared_server.port}"

    received = shared_server.request(
        "GET", "/socket.io/?EIO=4&transport=polling", headers={"Origin": origin}
    )

    assert received.status_code == 200


KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKES = {
    "HTTP/1.0": ("1.0", "Upgrade", "13", KEY),
    "another option of the connection": ("1.1", "keep-alive, no-upgrade", "13", KEY),
    "no option of the connection": ("1.1", "keep-alive", "13", KEY),
    "an old version": ("1.1", "Upgrade", "8", KEY),
    "a key that is not base 64": ("1.1", "Upgrade", "13", "!" * 24),
    "a key of fewer bytes": ("1.1", "Upgrade", "13", "dGhlIHNhbXBsZQ=========="),
    "no key": ("1.1", "Upgrade", "13", ""),
}


def shake(server: Server, version: str, connection: str, websockets: str, key: str) -> bytes:
    """Return the status line that a handshake is answered with."""
    head = (
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/{version}\r\nHost: 127.0.0.1\r\n"
        f"Connection: {connection}\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: {websockets}\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(head.encode())
        return line.makefile("rb").readline()


@pytest.mark.parametrize("handshake", HANDSHAKES.values(), ids=HANDSHAKES)
def test_handshake_is_refused_when_it_is_not_as_the_rfc_has_it(
    shared_server: Server, handshake: tuple[str, str, str, str]
) -> None:
    assert b" 400 " in shake(shared_server, *handshake)


def test_handshake_is_taken_with_other_options_of_the_connection(shared_server: Server) -> None:
    received = shake(shared_server, "1.1", "keep-alive,\tUpgrade", "13", KEY)

    assert b" 101 " in received
