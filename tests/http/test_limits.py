"""How often one may ask: refused with when to come again, and only who asks too often."""

import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.limits import LIMITS, PERSON
from tests.http.hall import PASSWORD, Hall, refusal
from tests.server import Server

RESETS = next(limit.amount for limit in LIMITS if limit.endpoint == "auth.post_reset")
LOGIN = "/auth/login"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall that these tests use up; each comes from an address of its own."""
    running = Hall(tmp_path_factory.mktemp("own"), people=5, TRUSTED_PROXIES="1")
    running.start()
    yield running
    running.kill()


def use_wrong_code(server: Server, address: str, language: str = "en") -> Any:
    """Send a wrong one-time code as a proxy in front of the server passes it on."""
    body = {"code": "0" * 16, "password": PASSWORD}
    headers = {"X-Forwarded-For": address, "Accept-Language": language}
    return server.request("POST", "/auth/reset", json=body, headers=headers)


def test_wrong_codes_are_refused_after_too_many_from_an_address(own: Hall) -> None:
    statuses = [use_wrong_code(own, "192.0.2.1").status_code for _ in range(RESETS)]

    refused = use_wrong_code(own, "192.0.2.1", "ko")

    assert set(statuses) == {403}
    assert refusal(refused) == (429, "rate_limited")
    seconds = int(refused.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused.json()["retry_after"] == seconds
    assert f"{seconds}초" in refused.json()["detail"]
    assert refusal(use_wrong_code(own, "192.0.2.2")) == (403, "forbidden")


def test_wrong_codes_are_counted_by_site_when_it_has_many_addresses(own: Hall) -> None:
    for number in range(RESETS):
        use_wrong_code(own, f"2001:db8::{number:x}")

    assert refusal(use_wrong_code(own, "2001:db8::ffff")) == (429, "rate_limited")
    assert refusal(use_wrong_code(own, "2001:db8:0:1::1")) == (403, "forbidden")


def pipeline(server: Server, path: str, tokens: list[str], count: int) -> Counter[bytes]:
    """Send many requests on one connection at once; return how often each status came."""
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: "
    requests = [f"{head}{tokens[n % len(tokens)]}\r\n\r\n" for n in range(count)]
    requests[-1] = requests[-1][:-2] + "Connection: close\r\n\r\n"
    answered = b""
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        for start in range(0, count, 100):
            client.sendall("".join(requests[start : start + 100]).encode())
            client.setblocking(False)
            try:
                while part := client.recv(1 << 20):
                    answered += part
            except BlockingIOError:
                client.settimeout(60)
        while part := client.recv(1 << 20):
            answered += part
    return Counter(re.findall(rb"HTTP/1\.1 (\d+) ", answered))


def test_person_is_limited_across_all_their_tokens(own: Hall) -> None:
    account = own.people[0]
    tokens = [own.token_of(account) for _ in range(3)]
    count = 2 * PERSON[0] + 100  # in at least one of the spans there are too many, if it goes fast

    statuses = pipeline(own, "/auth/me", tokens, count)
    while not statuses[b"429"]:  # a machine so slow had three spans
        statuses += pipeline(own, "/auth/me", tokens, count)

    assert statuses.keys() == {b"200", b"429"}
    assert statuses.total() % count == 0
    assert statuses[b"200"] >= PERSON[0]
    other = own.token_of(own.people[3])
    assert own.request("GET", "/auth/me", other).status_code == 200


def test_candidates_are_never_refused_however_often_they_are_asked(own: Hall) -> None:
    count = 2 * PERSON[0] + 100

    assert pipeline(own, "/candidates", [own.token_of(own.people[4])], count) == {b"200": count}


def test_nothing_is_refused_when_limits_are_off(tmp_path: Path) -> None:
    server = Server(tmp_path, RATE_LIMITS="off").start()
    try:
        statuses = {use_wrong_code(server, "192.0.2.1").status_code for _ in range(RESETS + 10)}

        assert statuses == {403}
    finally:
        server.kill()


def test_right_password_signs_in_also_after_many_failures(own: Hall) -> None:
    account = own.people[1]
    wrong = {"email": account.email.upper(), "password": "wrong-horse"}

    failures = [own.request("POST", LOGIN, json=wrong) for _ in range(5)]

    assert {refusal(failure) for failure in failures} == {(401, "bad_credentials")}
    assert own.sign_in(account.email)


def test_current_password_can_not_be_guessed_faster_than_at_signing_in(own: Hall) -> None:
    account, guess = own.people[2], {"password": "battery-staple", "current_password": "wrong"}
    token = own.token_of(account)

    guesses = [own.request("PATCH", "/auth/me", token, json=guess) for _ in range(4)]
    sign_in = own.request("POST", LOGIN, json={"email": account.email, "password": "wrong-horse"})

    slowed = [answer.elapsed.total_seconds() for answer in (guesses[3], sign_in)]
    assert [seconds >= wait for seconds, wait in zip(slowed, (0.5, 1.0), strict=True)] == [True] * 2
