"""Session tokens, with a clock in hand."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from api.tokens import Tokens
from db.tinydb_store import TinyDBStore
from tests.unit.lobby import NOW, add_account
from voting.accounts import MARGIN_HOURS, PURGED, end_session
from voting.model.accounts import Revocation
from voting.refusals import TokenExpired, TokenInvalid
from voting.store import Store

KEY = "a key of tests, longer than 32 bytes"
SECOND = timedelta(seconds=1)


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


def test_revocations_are_forgotten_once_their_tokens_have_expired(tmp_path: Path) -> None:
    seconds = [0.0]
    store = TinyDBStore(tmp_path / "rollcall.json", NOW, lambda: seconds[0])
    for number in range(3 * PURGED):
        end_session(store, f"early-{number}", NOW + SECOND, NOW)

    seconds[0] = 3_600 * (MARGIN_HOURS + 1)
    for number in range(3):
        end_session(store, f"late-{number}", NOW + 3 * SECOND, NOW + 2 * SECOND)

    left = [kept.token_id for kept in store.each(Revocation)]
    store.close()
    assert left == ["late-0", "late-1", "late-2"]
