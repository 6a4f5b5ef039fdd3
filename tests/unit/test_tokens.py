"""Session tokens, with a clock in hand."""

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from api.tokens import Tokens
from db.tinydb_store import TinyDBStore
from schemas.accounts import CLAIMS
from tests.unit.lobby import NOW, add_account
from voting.accounts import MARGIN_HOURS, PURGED, end_session
from voting.faults import Invalid
from voting.model.accounts import Revocation
from voting.refusals import TokenExpired, TokenInvalid
from voting.store import Store

KEY = "a key of tests, longer than 32 bytes"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
OWN: dict[str, Any] = {"sub": "u1", "iat": 1, "exp": 2, "jti": "a", "gen": 0}
ODD: list[dict[str, Any]] = [
    *({"sub": sub} for sub in ("u", "u1\n", "xu1", "x1", "u\u0661", "u" + "9" * 19, 1, None)),
    *({"exp": exp} for exp in (-1, 10**11, 10**11 + 1, 2.0, "2", True, None)),
    *({"jti": jti} for jti in ("", "a\n", "a" * 64, "a" * 65, "é", 7)),
    *({"gen": gen} for gen in (10**18, 10**18 + 1, -1, False, 0.0)),
    *({"iat": iat} for iat in (-1, "1", 10**12)),
    *({"aud": "others"}, {"nbf": 10**10}, {"nbf": 1}, {"more": [1]}, {"iss": 7}),
]


def test_token_is_its_accounts_until_it_expires(store: Store) -> None:
    tokens, account = Tokens(KEY, hours=1), add_account(store, "ann")

    token, expires_at = tokens.issue(account, NOW + timedelta(milliseconds=900))

    assert expires_at == NOW + timedelta(hours=1)
    session, found = tokens.authenticate(store, token, expires_at - timedelta(microseconds=1))
    assert (found, session.expires_at) == (account, expires_at)
    for later in (timedelta(0), timedelta(days=400)):
        with pytest.raises(TokenExpired):
            tokens.authenticate(store, token, expires_at + later)


def test_token_is_short_when_ids_are_long(store: Store) -> None:
    account = replace(add_account(store, "ann"), id=2**53, generation=1_000_000)

    token, _ = Tokens(KEY, hours=24 * 365).issue(account, NOW)

    assert len(token) < 300


def test_token_is_another_each_time(store: Store) -> None:
    tokens, account = Tokens(KEY, hours=1), add_account(store, "ann")

    issued = {tokens.issue(account, NOW)[0] for _ in range(50)}

    assert len(issued) == 50


def test_token_is_refused_when_revoked_though_it_was_verified_before(store: Store) -> None:
    tokens, account = Tokens(KEY, hours=1), add_account(store, "ann")
    (token, _), (other, _) = tokens.issue(account, NOW), tokens.issue(account, NOW)
    session, _ = tokens.authenticate(store, token, NOW)

    end_session(store, session.token_id, session.expires_at, NOW)

    with pytest.raises(TokenInvalid):
        tokens.authenticate(store, token, NOW)
    assert tokens.authenticate(store, other, NOW)


def test_tokens_are_all_refused_when_the_account_has_ended_its_sessions(store: Store) -> None:
    tokens, account = Tokens(KEY, hours=1), add_account(store, "ann")
    token, _ = tokens.issue(account, NOW)
    tokens.authenticate(store, token, NOW)
    later = replace(account, generation=1)

    with store.transaction():
        store.save(later)

    with pytest.raises(TokenInvalid):
        tokens.authenticate(store, token, NOW)
    assert tokens.authenticate(store, tokens.issue(later, NOW)[0], NOW)[1] == later


def test_token_shows_nothing_that_is_not_needed(store: Store) -> None:
    account = add_account(store, "ann")

    token, expires_at = Tokens(KEY, hours=1).issue(account, NOW)

    claims = jwt.decode(token, KEY, ["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims.pop("jti")
    assert claims == {
        "sub": account.person,
        "iat": int(NOW.timestamp()),
        "exp": int(expires_at.timestamp()),
        "gen": 0,
    }


def test_token_is_refused_when_another_key_signed_it(store: Store) -> None:
    token, _ = Tokens(KEY.upper(), hours=1).issue(add_account(store, "ann"), NOW)

    with pytest.raises(TokenInvalid):
        Tokens(KEY, hours=1).authenticate(store, token, NOW)


@pytest.mark.parametrize("odd", [{}, *ODD], ids=str)
def test_token_is_read_as_pyjwt_and_the_schema_read_it(odd: dict[str, Any]) -> None:
    usual = jwt.encode(OWN, KEY, "HS256")
    signed = _sign(json.dumps(OWN | odd).encode())

    for token in (signed, *_spoil(usual), *_spoil(signed)):
        assert _read(token) == _read_with_pyjwt(token), token


def _sign(payload: bytes) -> str:
    """Return a token of any payload, which `jwt.encode` may refuse."""
    return jwt.PyJWS().encode(payload, KEY, "HS256", headers={"typ": "JWT"})


def _spoil(token: str) -> list[str]:
    header, payload, signature = token.split(".")
    last = signature[:-1] + chr(ord(signature[-1]) + 1)  # often the same bytes, in another way
    none = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    seal = hmac.digest(KEY.encode(), f"{none}.{payload}".encode(), "sha256")
    return [
        *(
            f"{header}.{payload}.{each}"
            for each in (last, signature + "=", signature[:-1], "", "é")
        ),
        *(f"{each}.{payload}.{signature}" for each in (none, "", header + "=")),
        f"{none}.{payload}.",
        f"{none}.{payload}.{urlsafe_b64encode(seal).decode().rstrip('=')}",
        *(f"{header}.{each}.{signature}" for each in (payload + "=", payload[:-1], "", "é")),
        *(token + ".", "." + token, f"{header}.{signature}", f"{token}.{signature}"),
        *(_sign(each) for each in (b"", b"[]", b"{", b'"u1"', b"\xff", b"[" * 9_999)),
        jwt.encode(OWN, KEY, "HS384"),
        jwt.encode(OWN, KEY, "HS256", headers={"kid": "a"}),
        jwt.encode(OWN, KEY.upper(), "HS256"),
    ]


def _read(token: str) -> tuple[object, ...] | None:
    try:
        session = Tokens(KEY, hours=1).read(token)
    except TokenInvalid:
        return None
    expires = session.expires_at.timestamp()
    return session.person, session.token_id, session.generation, expires


def _read_with_pyjwt(token: str) -> tuple[object, ...] | None:
    try:
        claims = jwt.decode(
            token, KEY, ["HS256"], options={"verify_exp": False, "verify_iat": False}
        )
        claims = CLAIMS.parse(claims, ignore_unknown=True)
    except (jwt.InvalidTokenError, Invalid, ValueError, RecursionError):
        return None
    return claims["sub"], claims["jti"], claims["gen"], claims["exp"]


def test_revocations_are_forgotten_once_their_tokens_have_expired(tmp_path: Path) -> None:
    seconds = [0.0]
    store = TinyDBStore(tmp_path / "rollcall.json", NOW, lambda: seconds[0])
    long_lived = [f"of a guest host {number}" for number in range(PURGED)]
    for token in long_lived:
        end_session(store, token, NOW + 30 * DAY, NOW)
    for number in range(3 * PURGED):
        end_session(store, f"early-{number}", NOW + SECOND, NOW)

    seconds[0] = 3_600 * (MARGIN_HOURS + 1)
    for number in range(3):
        end_session(store, f"late-{number}", NOW + 3 * SECOND, NOW + 2 * SECOND)

    left = [kept.token_id for kept in store.each(Revocation)]
    store.close()
    assert left == [*long_lived, "late-0", "late-1", "late-2"]
