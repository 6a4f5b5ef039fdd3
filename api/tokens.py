"""Session tokens: JWTs signed with HS256, and their checks.

Source: RFC 7519, and RFC 8725 for pinning the algorithm.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt

from schemas.accounts import CLAIMS, Claims, read_own_claims
from voting.faults import Invalid
from voting.model.accounts import Revocation
from voting.model.rooms import Guest, Room
from voting.people import Holder, key_of, person_of
from voting.refusals import TokenExpired, TokenInvalid
from voting.store import Store

CACHED = 8_192
SCHEME = "Bearer "
SCREEN_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Session:
    """A verified token: its person (`u12`, `r31`, `g5`, `s4`) and its expiry.

    key: the type and the id by which the store finds the holder
    """

    token_id: str
    person: str
    generation: int
    expires_at: datetime
    key: tuple[Any, int]


class Tokens:
    """Issues and verifies tokens under one key.

    The signature of a token is verified once and remembered; its expiry and its revocation are
    checked at every use.
    """

    def __init__(self, key: str, hours: float) -> None:
        self._key = key
        self._lifetime = timedelta(hours=hours)
        self._header = jwt.encode({}, key, "HS256").partition(".")[0]
        self.read: Callable[[str], Session] = lru_cache(CACHED)(self._verify)
        """Returns the session of a token, whether it is over or not. Raises `TokenInvalid`."""
        self.read_header: Callable[[str], Session] = lru_cache(CACHED)(self._read_header)
        """Returns the same for a header that begins with `SCHEME`. A client sends the same header
        each time, so nothing is copied to look it up.
        """

    def issue(
        self, holder: Holder, now: datetime, lifetime: timedelta | None = None
    ) -> tuple[str, datetime]:
        """Return a new token for an account, a row, a guest or a room's screens, and its expiry.

        lifetime: for how long it is good; None for as long as others of its kind
        """
        if lifetime is None:
            lifetime = SCREEN_LIFETIME if isinstance(holder, Room) else self._lifetime
        expires_at = (now + lifetime).replace(microsecond=0)
        claims = {
            "sub": person_of(holder),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": secrets.token_urlsafe(12),
            "gen": _generation_of(holder),
        }
        return jwt.encode(claims, self._key, "HS256"), expires_at

    def authenticate(self, store: Store, token: str, now: datetime) -> tuple[Session, Holder]:
        """Return the session and the holder of a token.

        Raises `TokenExpired`, or `TokenInvalid` if the token is malformed, foreign or revoked, or
        its holder was deleted or has ended its sessions.
        """
        session = self.read(token)
        return session, self.holder_of(store, session, now)

    def holder_of(self, store: Store, session: Session, now: datetime) -> Holder:
        """Return the holder of a session; raises as `authenticate`."""
        holder: Holder | None = store.get(*session.key)
        if (
            holder is None
            or _generation_of(holder) != session.generation
            or store.find(Revocation, "token_id", session.token_id) is not None
        ):
            raise TokenInvalid
        if now >= session.expires_at:
            raise TokenExpired
        return holder

    def _read_header(self, header: str) -> Session:
        return self.read(header.removeprefix(SCHEME))

    def _verify(self, token: str) -> Session:
        claims = self._read_own(token) or self._decode(token)
        expires_at = datetime.fromtimestamp(claims.exp, UTC)
        return Session(claims.jti, claims.sub, claims.gen, expires_at, key_of(claims.sub))

    def _read_own(self, token: str) -> Claims | None:
        """Return the claims of a sound token in the form that `issue` writes; None for another,
        which PyJWT judges. It takes ten times as long, and people who vote first all come at once.
        """
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        if header != self._header:  # so the algorithm is HS256
            return None
        try:
            wanted = hmac.digest(self._key.encode(), signed.encode(), "sha256")
            if not hmac.compare_digest(urlsafe_b64encode(wanted)[:-1], signature.encode()):
                return None
            return read_own_claims(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except ValueError:
            return None

    def _decode(self, token: str) -> Claims:
        try:
            claims = jwt.decode(
                token, self._key, ["HS256"], options={"verify_exp": False, "verify_iat": False}
            )
            return Claims(**CLAIMS.parse(claims, ignore_unknown=True))
        except (jwt.InvalidTokenError, Invalid, ValueError, RecursionError) as error:
            raise TokenInvalid from error


def _generation_of(holder: Holder) -> int:
    """Return how often all sessions of a holder were ended; those of a guest never are."""
    return 0 if isinstance(holder, Guest) else holder.generation
