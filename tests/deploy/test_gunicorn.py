"""gunicorn with our worker: HTTP, both transports of Socket.IO, a reload and a stop."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

from tests.live.clients import Client
from tests.server import ROOT, Server

GUNICORN = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.py")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("gunicorn"))
    running.command = GUNICORN
    running.start()
    yield running
    running.stop()


def greetings(server: Server) -> int:
    return sum(line.startswith("Rollcall is at") for line in server.output)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_votes_come_in_over_http_and_both_transports(server: Server, transport: str) -> None:
    token = server.sign_up(f"ann-{transport}")
    client = Client(server.url, {"token": token}, [transport])
    client.join("lobby")
    ack = client.call("ballot:cast", {"poll": 1, "choices": [2]})
    client.close()

    again = server.cast(token, [2])

    assert ack["ok"], ack
    assert again.status_code == 200


def test_reload_refuses_no_connection_and_keeps_every_vote(server: Server) -> None:
    token = server.sign_up("kim")
    before, done = greetings(server), threading.Event()
    failed, asked = [], 0

    def vote() -> None:
        nonlocal asked
        while not done.is_set():
            asked += 1
            answer = server.request("GET", "/healthz", headers={"Connection": "close"}, timeout=60)
            failed.extend([] if answer.status_code == 200 else [answer.status_code])

    asking = threading.Thread(target=vote)
    asking.start()
    voted = server.cast(token, [3])
    os.kill(server.pid, signal.SIGHUP)
    while greetings(server) == before:
        assert asking.is_alive()
        done.wait(0.05)
    done.set()
    asking.join()

    assert voted.status_code == 201
    assert (failed, server.votes().get(3)) == ([], 1)
    assert asked > 1


def test_stop_ends_clients_and_the_process(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.command = GUNICORN
    server.start()
    heard: list[float] = []
    client = socketio.Client(reconnection=False)
    client.on("server:stopping", lambda said: heard.append(said["retry_after"]))
    client.connect(server.url, transports=["websocket"])

    code = server.stop()
    client.wait()

    assert code == 0
    assert heard == [0.5]
    assert "Traceback" not in "".join(server.output)


def run(folder: Path, *options: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*GUNICORN, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_second_worker_is_refused_on_a_file(tmp_path: Path) -> None:
    ended = run(tmp_path, "--workers", "2", "--bind", f"unix:{tmp_path}/s")

    assert ended.returncode == 1
    assert "2 workers can't share a TinyDB file" in ended.stderr


def test_refused_start_ends_gunicorn_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "rollcall.json").write_text("{")
    data = f"tinydb:///{tmp_path}/rollcall.json"

    ended = run(tmp_path, "--bind", f"unix:{tmp_path}/s", ROLLCALL_DATABASE_URL=data)

    assert ended.returncode == 3
    assert "is not a TinyDB JSON file" in ended.stderr
    assert "Traceback" not in ended.stderr
