"""What a server prints and logs: nothing that is secret, nor who asked for what."""

import json
import re
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import requests
from socketio.exceptions import ConnectionError as Refused

from tests.keys import read_keys
from tests.live.clients import Client
from tests.postgres import of_files
from tests.server import Server

PASSWORD, WRONG, NEW = "correct-horse-secret", "wrong-horse-secret", "battery-staple-secret"
NAMES = ("Annabel Quixote", "Kimberly Quux", "Vera Visitor")
ADDRESS = "203.0.113.9"
"""What a proxy in front says that the clients' is."""
METRICS_TOKEN = "a-token-of-prometheus-longer-than-32-bytes"
BROKEN = (
    "nonsense {token}\r\n\r\n",
    "GET /auth/token?token={token} HTTP/9.9\r\n\r\n",
    "GET /auth/token?token={token}\r\n\r\n",
    "POST /auth/login HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: -5\r\n\r\n",
    "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    'Content-Length: 500\r\n\r\n{{"password": "' + PASSWORD + '"',
    "POST /auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n",
)


def break_off(server: Server, text: str) -> None:
    """Send a request that is none, and read what comes."""
    with socket.create_connection(("127.0.0.1", server.port), 10) as client, suppress(OSError):
        client.sendall(text.encode())
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass


def connect(server: Server, token: str) -> None:
    """Open a socket with a token, and say something to it that is wrong."""
    with suppress(Refused):
        client = Client(server.url, {"token": token})
        client.call("room:join", {"room": token})
        client.call("chat:send", token)
        client.close()


def live_a_day(server: Server) -> list[str]:
    """Do what people do, rightly and wrongly; return all that is secret in it."""
    ask = partial(server.request, headers={"X-Forwarded-For": ADDRESS})
    host = server.sign_up("ann", PASSWORD)
    ask("PATCH", "/auth/me", host, json={"name": NAMES[0]})
    setup = server.setup_code()
    ask("POST", "/auth/admin", host, json={"code": setup})
    voter = server.sign_up("bob", PASSWORD)
    bob = ask("GET", "/auth/me", voter).json()["id"]
    for body in ({"email": "bob@example.org"}, {"email": "nobody@example.org"}):
        for kind in ("json", "data"):
            ask("POST", "/auth/login", **{kind: {**body, "password": WRONG}})
    room = ask("POST", "/rooms", host, json={"name": "Room"}).json()["code"]
    ask("POST", f"/rooms/{room}/roll", host, json={"rows": [{"name": NAMES[1]}]})
    claim = ask("POST", f"/rooms/{room}/roll/codes", host, json={}).json()["items"][-1]["code"]
    tablet = ask("POST", f"/rooms/{room}/claim", json={"code": claim}).json()["token"]
    guest = ask("POST", "/rooms/lobby/guests", json={"nickname": NAMES[2]}).json()["token"]
    screen = ask("POST", f"/rooms/{room}/screen-token", host).json()["token"]
    reset = ask("POST", f"/admin/users/{bob}/reset", host).json()["code"]
    renewed = ask("POST", "/auth/reset", json={"code": reset, "password": NEW}).json()["token"]
    change = {"password": PASSWORD, "current_password": NEW}
    changed = ask("PATCH", "/auth/me", renewed, json=change).json()["token"]
    receipt = server.cast(changed, [1]).json()["receipt"]
    tokens = [host, voter, tablet, guest, screen, renewed, changed]
    for token in (changed, guest, changed + "x"):
        ask("GET", f"/auth/token?token={token}")
        ask("GET", f"/nowhere/{token}?token={token}", token)
        ask("PUT", "/polls/1/ballot", token, data=f'{{"{token}')
        connect(server, token)
        for text in BROKEN:
            break_off(server, text.format(token=token))
    ask("GET", "/metrics", METRICS_TOKEN)
    ask("POST", "/auth/logout", changed)
    return [*tokens, setup, claim, reset, receipt]


@of_files
@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_secret_or_personal_is_ever_logged(tmp_path: Path, form: str) -> None:
    settings = {"LOG": form, "TRUSTED_PROXIES": "1", "BACKUP_DIR": "/proc/rollcall"}
    server = Server(tmp_path, METRICS_TOKEN=METRICS_TOKEN, **settings).start()
    try:
        secrets = live_a_day(server)
        keys = read_keys(server.data)
        server.stop()
        server.start()
        requests.get(server.url + "/healthz", timeout=60)
    finally:
        server.kill()
    data = server.data.read_text()
    hashes = re.findall(r"\$argon2id[^\"]+", data) + re.findall(r'"([0-9a-f]{64})"', data)
    assert len(hashes) >= 3
    secrets += [*hashes, PASSWORD, WRONG, NEW, METRICS_TOKEN, "example.org", "nowhere", "?token"]
    secrets += [*NAMES, ADDRESS]
    secrets += [(tmp_path / "secret-key").read_text(), *re.findall("[0-9a-f]{32,}", str(keys))]

    printed = "".join(server.output)

    assert str(tmp_path / "setup-code") in printed, "where the code is, is told at the start"
    assert [secret for secret in secrets if secret in printed] == []
    assert "Traceback" not in printed
    assert "no backup was written" in printed
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    assert all(json.loads(line)["level"] for line in lines)
    assert (form == "json") == bool(lines)
    jwt_like = re.search(r"eyJ[\w-]+\.", printed)
    assert jwt_like is None
