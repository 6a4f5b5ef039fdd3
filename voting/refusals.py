"""The one tree of what is refused. Each class is a code of the contract's closed list.

Inner layers raise them; only `api/problems.py` words them and gives them a status.
"""

from datetime import datetime
from typing import TypedDict, Unpack


class Details(TypedDict, total=False):
    """What a refusal tells beside its code."""

    state: str
    server_time: datetime
    retry_after: int


class Refusal(Exception):
    """What is refused and told: `told` are members of the problem, and fill its sentence."""

    code = "internal"
    words = ""  # other words than its code's own, by their name in `codes.json`

    def __init__(self, **told: Unpack[Details]) -> None:
        super().__init__(self.code)
        self.told = told


class Unauthenticated(Refusal):
    """Nobody is signed in."""

    code = "unauthenticated"


class BadCredentials(Refusal):
    """Email and password don't belong together; which of them is wrong is not told."""

    code = "bad_credentials"


class TokenInvalid(Refusal):
    """The token is malformed, foreign, revoked, or its account is gone."""

    code = "token_invalid"


class TokenExpired(Refusal):
    """The token's time is over."""

    code = "token_expired"


class Forbidden(Refusal):
    """The asker may see it, but not do this."""

    code = "forbidden"


class SignupClosed(Forbidden):
    """Nobody may sign up here."""

    words = "signup_closed"


class InvitationNeeded(Forbidden):
    """One signs up here with an invitation, and this is none, or no longer one."""

    words = "invitation_needed"


class NotEligible(Refusal):
    """The asker is no voter of this poll."""

    code = "not_eligible"


class NotFound(Refusal):
    """There is no such thing, or the asker may not know of it."""

    code = "not_found"


class EmailTaken(Refusal):
    """Another account has the email."""

    code = "email_taken"


class PollFrozen(Refusal):
    """From the first opening a poll's rules stand: what was asked for may not change any more."""

    code = "poll_frozen"


class WrongState(Refusal):
    """The poll's state doesn't allow this step."""

    code = "wrong_state"


class ResultsHidden(Refusal):
    """The poll's rules keep its results from the asker, for now."""

    code = "results_hidden"


class NicknameTaken(Refusal):
    """Somebody present, or the roll, bears the name."""

    code = "nickname_taken"


class NotPresent(Refusal):
    """The poll takes ballots only of those who are present."""

    code = "not_present"


class AlreadyVoted(Refusal):
    """The voter has a ballot in this poll, and it bars changes."""

    code = "already_voted"


class PollNotOpen(Refusal):
    """The ballot came before the opening, in a pause, or at or after the close."""

    code = "poll_not_open"


class Stale(Refusal):
    """Something later has taken the place of what this is about: a ballot, or a version."""

    code = "stale"


class BodyEncoded(Refusal):
    """The body is compressed, or encoded in another way."""

    code = "unsupported_media_type"
    words = "encoded"


class IdempotencyMismatch(Refusal):
    """The key was used for another ballot."""

    code = "idempotency_mismatch"


class RateLimited(Refusal):
    """One asks too often; `retry_after` is in how many whole seconds to ask again."""

    code = "rate_limited"


class Full(Refusal):
    """The server holds as many connections as it takes."""

    code = "unavailable"
    words = "full"
