"""What lets tests run in several processes at once, and beside whatever else a machine has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import socketio

from tests.conftest import LONGEST
from tests.forked import ROOT, Forked
from tests.server import RUN, Server

PROCESSES, PORTS = 4, 150
ASK = f"""
from tests.server import free_port
ports = [free_port() for _ in range({PORTS})]
print(*ports, flush=True)
input()
"""


def test_each_process_gets_ports_of_its_own() -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ASK],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    got = []
    for process in processes:
        assert process.stdout is not None
        got += process.stdout.readline().split()
    for process in processes:
        process.communicate("\n")

    assert len(got) == len(set(got)) == PROCESSES * PORTS


@pytest.mark.skipif(sys.platform != "linux", reason="servers are forked on Linux alone")
def test_server_that_is_forked_ends_as_one_that_is_run(tmp_path: Path) -> None:
    environ = {**os.environ, "ROLLCALL_HOST": ""}

    ran = subprocess.run(RUN, cwd=tmp_path, env=environ, capture_output=True, check=False)
    forked = Forked("run", tmp_path, environ)

    assert forked.stdout.read() == ran.stderr.decode()
    assert forked.wait(60) == ran.returncode == 1


def test_tests_ask_their_servers_past_a_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    url = f"{server.url}/candidates"

    by_curl = subprocess.run(["curl", "-sf", url], capture_output=True, check=False)
    client = socketio.Client(reconnection=False)
    client.connect(server.url, transports=["websocket"])
    client.disconnect()

    assert server.request("GET", "/candidates").status_code == 200
    assert by_curl.returncode == 0


def test_longest_files_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / "tests" / name).exists()] == []
