"""`rollcall serve --workers 3`: processes at one port, which are started again when they end."""

import os
import re
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests import postgres
from tests.http.rooms.house import until
from tests.live.conftest import Connect
from tests.postgres import schema
from tests.server import Server
from tests.workers.conftest import Other

POLLING = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Other]:
    """A supervisor with three workers that serve. The last test ends it."""
    with schema() as url:
        server = serve_by(tmp_path_factory.mktemp("served"), url, 3)
        until(lambda: len(names_at(server)) == 3)
        yield server
        server.stop()


def serve_by(folder: Path, url: str, workers: int) -> Other:
    """Start a supervisor; return once its first worker serves."""
    server = Other(folder, url, "w")
    server.forked, server.command = False, [sys.executable, "-m", "cli", "serve"]
    server.command += ["--workers", str(workers)]
    server.start()
    return server


def said_by(server: Server) -> str:
    return "".join(server.output)


def names_at(server: Server) -> set[str]:
    """Return the names of the workers that answer, by the ids of new clients."""
    with ExitStack() as stack:
        held = [stack.enter_context(requests.Session()) for _ in range(6)]
        found = [re.search(r'"sid":"(\w+)\.', each.get(server.url + POLLING).text) for each in held]
    return {each[1] for each in found if each}


def children_of(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_client_that_polls_is_served_whoever_gets_its_requests(
    served: Other, connect: Connect
) -> None:
    clients = [connect(served, transports=["polling"]) for _ in range(4)]
    clients += [connect(served, transports=["polling", "websocket"]) for _ in range(4)]

    for client in clients:
        client.join()
        client.call("connection:check", {})
        assert not client.received("disconnect")


def test_worker_that_is_killed_is_started_again(served: Other) -> None:
    before = children_of(served.pid)

    os.kill(min(before), signal.SIGKILL)

    until(lambda: len(children_of(served.pid) - before) == 1)
    assert served.request("GET", "/readyz").status_code == 200
    until(lambda: names_at(served) == {"w1", "w2", "w3"})
    assert "worker w1 has ended and is started again: Killed (signal 9)" in said_by(served)


def test_workers_end_when_their_supervisor_is_killed(served: Other) -> None:
    workers = children_of(served.pid)

    served.kill()

    until(lambda: not [each for each in workers if Path(f"/proc/{each}").exists()])


def test_worker_that_fails_at_its_start_is_started_again_before_all_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor does not wait for the others first. The worker says why."""
    postgres.need_postgres()
    role, manager = f"r{secrets.token_hex(6)}", socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    postgres.run(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
    with manager, postgres.database(f"OWNER {role}", role) as url:
        manager.bind(f"\0{role}")
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{role}")
        server = serve_by(tmp_path, url, 2)

        until(lambda: "worker w2 has ended and is started again: exit code 2" in said_by(server))
        with pytest.raises(BlockingIOError):
            manager.recv(64)
        postgres.run(f"ALTER ROLE {role} CONNECTION LIMIT 9")
        until(lambda: names_at(server) == {"w1", "w2"})
        manager.setblocking(True)
        assert manager.recv(64) == b"READY=1"
        server.stop()
    postgres.run(f"DROP ROLE {role}")

    assert "too many connections for role" in said_by(server)


def test_several_workers_are_refused_where_the_data_is_a_file(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.database_url = f"tinydb:///{tmp_path}/rollcall.json"
    server.forked, server.command = False, [sys.executable, "-m", "cli", "serve", "--workers", "2"]

    with pytest.raises(RuntimeError, match="several workers need PostgreSQL"):
        server.start()
