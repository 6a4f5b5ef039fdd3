"""Session tokens: JWTs signed with HS256, and what they are checked for.

Source: RFC 7519, and RFC 8725 for pinning the algorithm.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt

from db import Store
from schemas.accounts import Account
from schemas.refusals import TokenExpired, TokenInvalid

CACHED = 8_192
_CLAIMS = ("sub", "exp", "iat", "jti", "gen")


@dataclass(frozen=True)
class Session:
    """A verified token: whose it is and until when."""

    token_id: str
    account_id: int
    generation: int
    expires_at: datetime


class Tokens:
    """Issues and verifies tokens under one key.

    The signature of a token is verified once and remembered; its expiry and its revocation are
    checked at every use.
    """

    def __init__(self, key: str, hours: float) -> None:
        self._key = key
        self._lifetime = timedelta(hours=hours)
        self._decode = lru_cache(CACHED)(self._verify)

    def issue(self, account: Account, now: datetime) -> tuple[str, datetime]:
        """Return a new token and when it expires."""
        expires_at = (now + self._lifetime).replace(microsecond=0)
        claims = {
            "sub": account.person,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": secrets.token_urlsafe(12),
            "gen": account.generation,
        }
        return jwt.encode(claims, self._key, "HS256"), expires_at

    def authenticate(self, store: Store, token: str, now: datetime) -> tuple[Session, Account]:
        """Return whose a token is.

        Raises `TokenExpired`, or `TokenInvalid` for one that is malformed, foreign, revoked, or
        of an account that is gone or has ended its sessions.
        """
        session = self._decode(token)
        account = store.account(session.account_id)
        if (
            account is None
            or account.generation != session.generation
            or store.is_revoked(session.token_id)
        ):
            raise TokenInvalid
        if now >= session.expires_at:
            raise TokenExpired
        return session, account

    def _verify(self, token: str) -> Session:
        try:
            claims = jwt.decode(
                token,
                self._key,
                ["HS256"],
                options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
            return Session(
                str(claims["jti"]),
                int(str(claims["sub"]).removeprefix("u")),
                int(claims["gen"]),
                datetime.fromtimestamp(claims["exp"], UTC),
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
            raise TokenInvalid from error
