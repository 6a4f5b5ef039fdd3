"""Behind nginx the app sees no request that nginx has not seen: nothing is smuggled past it."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.conftest import need
from tests.http.framing.cases import Case
from tests.http.framing.client import NEXT, SECONDS, Control
from tests.http.framing.nginx import HOW, PROGRAM, Nginx, running_nginx
from tests.http.framing.table import CASES


@pytest.fixture(scope="module", params=[True, False], ids=["buffering", "streaming"])
def nginx(
    port: int, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Nginx]:
    """nginx that sends a body on once it is whole, or as it comes."""
    need(PROGRAM.exists(), "nginx", HOW)
    with running_nginx(tmp_path_factory.mktemp("nginx"), port, buffering=request.param) as proxy:
        yield proxy


def send(port: int, case: Case) -> None:
    """Send a case and the next request, and read all that comes back."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        with suppress(OSError):  # refused before the end
            client.sendall(case.sent + NEXT)
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while client.recv(65_536):
                pass


def fence(nginx: Nginx) -> str:
    """Ask through nginx, on the connection to the app that the case came by; return the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=SECONDS)
    connection.request("GET", "/fence")
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def noted_since(nginx: Nginx, before: int, count: int) -> list[str]:
    """Return the ids of the requests that nginx has noted as taken by the app. It notes them after
    the answers: `count` are waited for."""
    deadline = time.monotonic() + SECONDS
    while True:
        noted = [request_id for request_id, status in nginx.noted()[before:] if status == "200"]
        if len(noted) >= count or time.monotonic() >= deadline:
            return sorted(noted)
        time.sleep(0.001)


def fault_of(nginx: Nginx, control: Control, case: Case) -> str:
    """Return what is wrong when a case comes through nginx; "" if nothing is."""
    before = len(nginx.noted())
    send(nginx.port, case)
    answered = fence(nginx)
    control.settle()
    taken = control.seen()
    noted = noted_since(nginx, before, len(taken))
    alike = sorted(request_id for _, _, request_id in taken) == noted
    if alike and answered == taken[-1][1] == "GET /fence":
        return ""
    return f"{case.name}: taken {taken}, noted {noted}, the next was answered {answered}"


def test_app_takes_the_requests_that_nginx_has_noted_and_no_others(
    nginx: Nginx, control: Control
) -> None:
    faults = [fault for case in CASES if (fault := fault_of(nginx, control, case))]

    assert faults == []
