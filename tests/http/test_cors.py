"""Browsers on other origins: who may read, and what they are told at the preflight."""

from collections.abc import Iterator

import pytest

from tests.http.hall import Hall
from tests.server import Server

ALLOWED = [
    "http://localhost:3000",
    "http://localhost:5173",
    "http://localhost",
    "http://127.0.0.1:8080",
]
REFUSED = [
    "null",
    "http://localhost.evil.example",
    "http://localhost.evil.example:3000",
    "http://localhost:3000.evil.example",
    "http://evil.example",
    "http://evil.example/http://localhost:3000",
    "http://notlocalhost:3000",
    "https://localhost:3000",
    "http://localhost:",
    "http://localhost:port",
    "http://localhost:3000/",
    "http://localhost:3000@evil.example",
    "http://127x0.0.1:8080",
    "*",
]
WANTED = "authorization,content-type,idempotency-key"
PATHS = ["/vote?id=1", "/polls/1/ballot", "/auth/login", "/candidates", "/nowhere"]


def preflight(server: Server, origin: str, path: str, method: str = "GET") -> "dict[str, str]":
    """Ask as a browser does before a request that isn't simple; return the answer's headers."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": WANTED,
    }
    answer = server.request("OPTIONS", path, headers=headers)
    assert answer.status_code in (200, 204) or path == "/nowhere"
    return dict(answer.headers)


@pytest.mark.parametrize("origin", ALLOWED)
@pytest.mark.parametrize("path", PATHS[:-1])
def test_preflight_is_granted_when_the_origin_is_allowed(
    hall: Hall, origin: str, path: str
) -> None:
    headers = preflight(hall, origin, path)

    assert headers["Access-Control-Allow-Origin"] == origin
    allowed = {name.strip().lower() for name in headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed >= set(WANTED.split(","))
    assert headers["Access-Control-Max-Age"] == "7200"
    assert "Origin" in headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in headers


def test_preflight_grants_every_method_that_is_used(hall: Hall) -> None:
    headers = preflight(hall, ALLOWED[0], "/polls/1/ballot", "PUT")

    methods = set(headers["Access-Control-Allow-Methods"].split(", "))
    assert methods >= {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("origin", REFUSED)
def test_origin_is_refused_when_it_is_not_allowed(hall: Hall, origin: str) -> None:
    asked = preflight(hall, origin, "/vote?id=1")
    answer = hall.request("GET", "/candidates", headers={"Origin": origin})

    for headers in (asked, dict(answer.headers)):
        assert not {name for name in headers if name.startswith("Access-Control-Allow")}


@pytest.mark.parametrize("path", PATHS)
def test_answer_is_readable_when_the_origin_is_allowed(hall: Hall, path: str) -> None:
    answer = hall.request("GET", path, headers={"Origin": ALLOWED[0]})  # some are refusals

    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED[0]
    exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert exposed == {"ETag", "Location", "Retry-After", "Content-Language"}
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_answer_varies_by_origin_also_when_none_is_sent(hall: Hall, path: str) -> None:
    answer = hall.request("GET", path)

    assert "Origin" in answer.headers["Vary"].split(", ")


def test_no_cookie_is_ever_set(hall: Hall) -> None:
    answers = [hall.request("GET", path, hall.newcomer()) for path in PATHS]

    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    origins = "https://Vote.example.org, http://hall.example:8000/"
    running = Server(tmp_path_factory.mktemp("elsewhere"), CORS_ORIGINS=origins).start()
    yield running
    running.kill()


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://vote.example.org", True),
        ("http://hall.example:8000", True),
        ("https://vote.example.org:444", False),
        ("https://voteXexample.org", False),
        ("http://hall.example", False),
        ("http://localhost:3000", False),
    ],
)
def test_origins_are_those_of_the_setting(elsewhere: Server, origin: str, allowed: bool) -> None:
    answer = elsewhere.request("GET", "/candidates", headers={"Origin": origin})

    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
