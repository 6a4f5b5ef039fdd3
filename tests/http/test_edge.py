"""What every answer has: an id, careful headers, and a place in the figures."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.http.hall import Hall, refusal
from tests.postgres import ON_POSTGRES
from tests.server import Server

METRICS_TOKEN = "a token of Prometheus, longer than 32 bytes"
PATHS = ["/", "/candidates", "/auth/me", "/nowhere", "/socket.io/?EIO=4&transport=polling"]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall behind one proxy that is trusted, with a token for figures."""
    running = Hall(
        tmp_path_factory.mktemp("proxied"),
        people=2,
        TRUSTED_PROXIES="1",
        METRICS_TOKEN=METRICS_TOKEN,
    )
    running.start()
    yield running
    running.kill()


@pytest.mark.parametrize("path", PATHS)
def test_answer_has_an_id_of_its_own_and_careful_headers(hall: Hall, path: str) -> None:
    first, second = (hall.request("GET", path, headers={"X-Request-ID": "mine"}) for _ in "ab")

    ids = [answer.headers["X-Request-ID"] for answer in (first, second)]
    assert len({*ids, "mine"}) == 3
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in first.headers["Permissions-Policy"]
    policy = first.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'" if path == "/" else "default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "Strict-Transport-Security" not in first.headers


@pytest.mark.parametrize(
    ("given", "taken"),
    [("abc-1.2_X", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("", False)],
)
def test_answer_has_the_id_that_a_trusted_proxy_gives(
    proxied: Hall, given: str, taken: bool
) -> None:
    answer = proxied.request("GET", "/healthz", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is taken


@pytest.mark.parametrize("path", PATHS)
def test_browsers_are_asked_to_stay_with_https_where_they_use_it(proxied: Hall, path: str) -> None:
    answer = proxied.request("GET", path, headers={"X-Forwarded-Proto": "https"})

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_forwarded_headers_are_taken_from_a_trusted_proxy_alone(hall: Hall, proxied: Hall) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "vote.example.org"}
    origin = {**forwarded, "Origin": "https://vote.example.org"}
    path = "/socket.io/?EIO=4&transport=polling"

    answers = [server.request("GET", path, headers=origin) for server in (hall, proxied)]

    assert [answer.status_code for answer in answers] == [400, 200]


@pytest.mark.parametrize(
    ("header", "scheme"),
    [("https", "https"), ("HTTPS", "https"), ("http", "http")]
    + [(word, "http") for word in ("javascript", "ws", "", "https:", "data", "가")],
)
def test_link_of_the_qr_code_is_http_or_https_whatever_a_proxy_says(
    proxied: Hall, header: str, scheme: str
) -> None:
    fields = {"X-Forwarded-Proto": header.encode(), "X-Forwarded-Host": "vote.example.org"}

    drawn = proxied.request("GET", "/rooms/lobby/qr.svg", headers=fields)

    assert f"<title>{scheme}://vote.example.org/r/lobby</title>" in drawn.text


def figures(server: Server, token: str | None) -> dict[tuple[str, str], float]:
    """Return what /metrics tells, by name and labels in their order."""
    answer = server.request("GET", "/metrics", token)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_figures_count_requests_by_route_and_never_name_what_was_asked(proxied: Hall) -> None:
    voter, before = proxied.token_of(proxied.people[0]), figures(proxied, METRICS_TOKEN)
    for path in ("/polls/1", "/polls/2", "/healthz?secret=1", "/nowhere", "/r/SECRET"):
        proxied.request("GET", path, voter)
    proxied.request("TRACE", "/nowhere")
    assert proxied.cast(voter, [1]).status_code == 201

    metrics = figures(proxied, METRICS_TOKEN)

    def counted(labels: str) -> float:
        key = ("rollcall_request_seconds_count", labels)
        return metrics[key] - before.get(key, 0)

    assert counted("GET /polls/<int:poll_id> 200") == 2
    assert counted("PUT /polls/<int:poll_id>/ballot 201") == 1
    assert counted("GET none 404") == counted("other none 404") == 1
    assert metrics["rollcall_ballots", ""] == 1
    assert metrics["rollcall_votes_total", "accepted"] == 1
    assert metrics["rollcall_polls_ongoing", ""] > 0
    if not ON_POSTGRES:
        assert metrics["rollcall_store_write_seconds_count", ""] > 0
        assert metrics["rollcall_store_journal_bytes", ""] > 0
    assert metrics["rollcall_commits_total", ""] > 0
    assert metrics["rollcall_people_online", ""] == metrics["rollcall_connections", ""] == 0
    bucket = ("rollcall_request_seconds_bucket", "+Inf GET /polls/<int:poll_id> 200")
    assert metrics[bucket] == 2
    assert "process_resident_memory_bytes" in {name for name, _ in metrics}
    assert not [key for key in metrics if re.search("(?i)secret|nowhere|example", str(key))]


@pytest.mark.parametrize(
    ("token", "refused"),
    [
        (None, (401, "unauthenticated")),
        (METRICS_TOKEN[:-1], (401, "token_invalid")),
        ("ann", (403, "forbidden")),
    ],
)
def test_figures_are_for_administrators_and_their_token_alone(
    proxied: Hall, token: str | None, refused: Any
) -> None:
    sent = proxied.token_of(proxied.people[1]) if token == "ann" else token

    assert refusal(proxied.request("GET", "/metrics", sent)) == refused


def test_figures_are_shown_to_an_administrator(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    try:
        token = server.sign_up("ann")
        server.request("POST", "/auth/admin", token, json={"code": server.setup_code()})

        assert figures(server, token)["rollcall_writable", ""] == 1
    finally:
        server.kill()
