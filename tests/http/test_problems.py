"""Refusals are worded in the language of the request, and give away nothing private."""

import json
import re
import socket
from contextlib import suppress
from http.client import HTTPResponse

import pytest

from tests import conformance
from tests.http.conftest import WAYS
from tests.http.hall import Hall, refusal

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
KOREAN = re.compile("[가-힣]")


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("fr", "en"),
        ("de-AT", "de"),
        ("ko", "ko"),
        ("ko-KR", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("fr,ko;q=0.5", "ko"),
        ("nonsense;;q=x", "en"),
    ],
)
def test_refusal_is_sent_in_the_language_that_is_accepted(
    hall: Hall, accept: str | None, language: str
) -> None:
    headers = {"Accept-Language": accept}

    answer = hall.request("PUT", "/polls/1/ballot", hall.newcomer(), json={}, headers=headers)

    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    problem = answer.json()
    worded = problem["detail"] + problem["errors"][0]["detail"]
    assert bool(KOREAN.search(worded)) is (language == "ko")
    assert "\\u" not in answer.text


@pytest.mark.parametrize("way", WAYS)
def test_method_is_refused_just_where_it_is_not_allowed(hall: Hall) -> None:
    """Of every route: `Allow` names what the route takes, and nothing else."""
    paths = {path for _, _, path in (route.rpartition(" ") for route in conformance.routes())}
    for path in [*sorted(map(conformance.address, paths)), "/socket.io/?EIO=4&transport=polling"]:
        allowed = hall.request("OPTIONS", path).headers.get("Allow", "GET, OPTIONS, POST")
        for method in METHODS:
            answer = hall.request(method, path)

            assert (answer.status_code != 405) is (method in allowed.split(", ")), (method, path)
            if answer.status_code == 405:
                assert set(answer.headers["Allow"].split(", ")) == set(allowed.split(", "))
                assert method == "HEAD" or refusal(answer) == (405, "method_not_allowed")


def test_methods_are_those_of_the_routes(hall: Hall) -> None:
    def allowed(path: str) -> set[str]:
        return set(hall.request("TRACE", path).headers["Allow"].split(", "))

    assert allowed("/vote?id=1") == {"GET", "OPTIONS", "POST"}
    assert allowed("/candidates") == {"GET", "HEAD", "OPTIONS"}
    assert allowed("/auth/login") == {"OPTIONS", "POST"}
    assert allowed("/rooms/lobby") == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/auth",
        "/auth/login/",
        "/polls",
        "/..%2f..%2fetc/passwd",
        "/assets/../run.py",
        "/assets/%2e%2e/index.html",
        "/assets/nothing.js",
        "/%00",
        "/%ff%fe",
        "/" + "x" * 4_000,
    ],
)
def test_path_is_not_found_when_nothing_is_there(hall: Hall, path: str) -> None:
    assert refusal(hall.request("GET", path)) == (404, "not_found")


def test_range_is_refused_when_it_can_not_be_had(hall: Hall) -> None:
    answer = hall.request("GET", "/", headers={"Range": "bytes=999999999-"})

    assert answer.status_code < 500


def test_responses_are_not_cached_unless_they_allow_it(hall: Hall) -> None:
    voter = hall.newcomer()
    paths = ("/auth/me", "/vote?id=1", "/polls/1/ballot", "/rooms/lobby/polls", "/nowhere")

    for path in paths:
        answer = hall.request("GET", path, voter)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/polls/1", "/polls/1/results", "/rooms/lobby"])
def test_answer_with_an_etag_is_kept_by_its_asker_alone_and_asked_for_again(
    hall: Hall, path: str
) -> None:
    voter = hall.newcomer()

    answer = hall.request("GET", path, voter)

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    had = {"If-None-Match": answer.headers["ETag"]}
    assert hall.request("GET", path, voter, headers=had).status_code == 304


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"BREW /candidates HTTP/1.1\r\n\r\n",
        b"GET /candidates HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /candidates HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /candidates HTTP/1.1\r\nno field\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    ],
    ids=lambda value: ascii(value[:12]),
)
def test_request_that_can_not_be_read_is_refused_as_a_problem(
    hall: Hall, request_bytes: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", hall.port), 10) as client:
        client.sendall(request_bytes)
        answer = HTTPResponse(client)
        answer.begin()
        problem = json.loads(answer.read())

    too_long, unknown = len(request_bytes) > 20_000, request_bytes.startswith(b"BREW")
    assert answer.status == problem["status"] == (431 if too_long else 501 if unknown else 400)
    assert problem["code"] == "invalid_request"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "query", "expected"),
    [
        ("GET", "EIO=4&transport=polling&sid=SECRET", (400, "invalid_request")),
        ("GET", "EIO=3&transport=polling", (400, "invalid_request")),
        ("POST", "EIO=4&transport=polling", (400, "invalid_request")),
        ("GET", "EIO=4&transport=pigeon", (400, "invalid_request")),
        ("DELETE", "EIO=4&transport=polling", (405, "method_not_allowed")),
    ],
)
def test_socket_that_can_not_be_opened_is_refused_as_a_problem(
    hall: Hall, method: str, query: str, expected: tuple[int, str]
) -> None:
    answer = hall.request(method, f"/socket.io/?{query}")

    assert refusal(answer) == expected
    assert "SECRET" not in answer.text


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /candidates HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /vote?id=1 HTTP/1.1\r\nContent-Length: 50\r\n\r\n{",
        b"POST /auth/login HTTP/1.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 50\r\n\r\n{",
    ],
    ids=lambda value: ascii(value[:12]),
)
def test_server_shows_nothing_of_itself_when_a_request_is_broken(
    hall: Hall, request_bytes: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", hall.port), 10) as client:
        answered = b""
        with suppress(OSError):  # it may close before all has come
            client.sendall(request_bytes)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                answered += part

    assert b"Traceback" not in answered
    assert b".py" not in answered
    assert str(hall.folder).encode() not in answered
    assert hall.request("GET", "/healthz").json() == {"status": "up"}


def test_health_and_readiness_are_sent(hall: Hall) -> None:
    assert hall.request("GET", "/healthz").json() == {"status": "up"}
    assert hall.request("GET", "/readyz").json() == {"status": "ready"}
