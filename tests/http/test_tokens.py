"""Sessions: how a token is sent, and which are refused."""

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.http.hall import KEY, Hall, refusal
from tests.http.rooms.house import until
from tests.server import Server

NOW = int(datetime.now(UTC).timestamp())
CLAIMS: dict[str, Any] = {"sub": "u1", "iat": NOW, "exp": NOW + 3600, "jti": "test", "gen": 0}


def signed(key: str = KEY, algorithm: str = "HS256", **changes: Any) -> str:
    """Return a token with claims changed; None takes one away."""
    claims = {k: v for k, v in {**CLAIMS, **changes}.items() if v is not None}
    return jwt.encode(claims, key, algorithm)


def unsigned(algorithm: str) -> str:
    """Return a token that says it needs no signature."""
    parts = ({"alg": algorithm, "typ": "JWT"}, CLAIMS)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*texts, b""]).decode()


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}", "BEARER   {} "])
def test_token_signs_in_when_bare_or_with_its_scheme(hall: Hall, form: str) -> None:
    headers = {"Authorization": form.format(signed()).strip()}

    answer = hall.request("GET", "/auth/me", headers=headers)

    assert answer.json()["id"] == 1


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer "])
def test_session_is_asked_for_when_no_token_is_sent(hall: Hall, header: str | None) -> None:
    headers = {"Authorization": header}

    answer = hall.request("GET", "/auth/me", headers=headers)

    assert refusal(answer) == (401, "unauthenticated")


REFUSED = {
    "malformed": "not.a.token",
    "one word": "token",
    "basic": "Basic dTpw",
    "foreign": signed("another key, which is longer than 32 bytes"),
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "no signature": unsigned("HS256"),
    "other algorithm": signed(algorithm="HS512"),
    "cut off": signed()[:-4],
    "longer": signed() + ".x",
    "no subject": signed(sub=None),
    "no expiry": signed(exp=None),
    "no start": signed(iat=None),
    "no id": signed(jti=None),
    "no generation": signed(gen=None),
    "nobody": signed(sub="u999999"),
    "guest": signed(sub="g1"),
    "empty subject": signed(sub=""),
    "ended generation": signed(gen=1),
    "wordy generation": signed(gen="first"),
    "endless": signed(exp=10**20),
    "not text": "é" * 20,
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
def test_token_is_refused_when_it_is_not_one_of_ours(hall: Hall, token: str) -> None:
    headers = {"Authorization": token.encode("latin-1")}

    answer = hall.request("GET", "/auth/me", headers=headers)

    assert refusal(answer) == (401, "token_invalid")


ANYTHING: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, float("inf"), float("nan")),
    *(10**11 + 1, 253402300799, 10**18, -(10**18), 10**40, -(10**4000)),
    *("", "x", "1", "u1\n", "u\u0661", "\0", "\ud800", "9" * 3_000, [], ["x"], {}, {"a": [1]}),
)


def raw_token(head: bytes, body: bytes) -> str:
    """Return a token of any head and body, with our key's signature."""
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (head, body)]
    signature = hmac.digest(KEY.encode(), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


@pytest.mark.parametrize("claim", [*CLAIMS, "nbf", "aud", "iss", "other"])
def test_token_with_our_signature_is_refused_or_taken_whatever_a_claim_is(
    hall: Hall, claim: str
) -> None:
    for number, value in enumerate(ANYTHING):
        claims = {**CLAIMS, "jti": f"{claim}-{number}", claim: value}
        token = raw_token(b'{"alg":"HS256","typ":"JWT"}', json.dumps(claims).encode())
        for method, path in (
            ("GET", "/auth/me"),
            ("GET", f"/auth/token?token={token}"),
            ("POST", "/auth/logout"),
            ("GET", "/auth/me"),
        ):
            answer = hall.request(method, path, token)
            if answer.status_code not in (200, 204):
                assert answer.status_code == 401, (claim, value, answer.text)
                assert answer.json()["code"] in ("token_invalid", "token_expired")
        assert answer.status_code == 401, "it was logged out"


@pytest.mark.parametrize("head", [b"[]", b"1", b"{}", b'{"alg":[]}', b"[" * 3_000, b"\xff"])
@pytest.mark.parametrize(
    "body", [b"[]", b"1", b'{"a":' * 1_500, b'{"exp":' + b"9" * 5_000, b"\xff"]
)
def test_signed_text_that_is_not_a_token_is_refused(hall: Hall, head: bytes, body: bytes) -> None:
    for each in (raw_token(head, body), raw_token(b'{"alg":"HS256"}', body)):
        assert refusal(hall.request("GET", "/auth/me", each)) == (401, "token_invalid")


def test_token_is_refused_when_its_claims_were_changed(hall: Hall) -> None:
    head, _, signature = signed().split(".")
    body = signed(sub="u2").split(".")[1]

    answer = hall.request("GET", "/auth/me", f"{head}.{body}.{signature}")

    assert refusal(answer) == (401, "token_invalid")


def test_expired_token_is_refused_as_expired(hall: Hall) -> None:
    answer = hall.request("GET", "/auth/me", signed(exp=NOW - 1))

    assert refusal(answer) == (401, "token_expired")


def test_token_expires_after_the_hours_that_are_set(tmp_path: Path) -> None:
    server = Server(tmp_path, TOKEN_HOURS="0.0005").start()  # 1.8 s, to the whole second
    try:
        server.sign_up("ann")

        def find_good() -> str | None:
            """Return a token that was good after all that signing in took."""
            token = server.sign_in("ann@example.org")
            return token if server.request("GET", "/auth/me", token).ok else None

        def find_refusal() -> tuple[int, str] | None:
            answer = server.request("GET", "/auth/me", token)
            return None if answer.ok else refusal(answer)

        token = until(find_good)

        assert until(find_refusal) == (401, "token_expired")
    finally:
        server.kill()


def test_logout_ends_that_session_alone(hall: Hall) -> None:
    account = hall.people[2]
    ended, other = hall.token_of(account), hall.token_of(account)
    assert hall.request("GET", "/auth/me", ended).status_code == 200

    answer = hall.request("POST", "/auth/logout", ended)

    assert (answer.status_code, answer.content) == (204, b"")
    assert refusal(hall.request("GET", "/auth/me", ended)) == (401, "token_invalid")
    assert refusal(hall.request("POST", "/auth/logout", ended)) == (401, "token_invalid")
    assert hall.request("GET", "/auth/me", other).status_code == 200


def test_logout_and_sessions_hold_when_the_server_starts_again(server: Server) -> None:
    kept = server.sign_up("ann")
    ended = server.sign_in("ann@example.org")
    server.request("POST", "/auth/logout", ended)

    server.kill()
    server.start()

    assert refusal(server.request("GET", "/auth/me", ended)) == (401, "token_invalid")
    assert server.request("GET", "/auth/me", kept).status_code == 200
