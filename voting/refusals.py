"""All refusals, in one tree. Each class has a code of the API's closed list.

Inner layers raise them. Only `api/problems.py` gives them a sentence and a status.
"""

from datetime import datetime
from typing import TypedDict, Unpack


class Details(TypedDict, total=False):
    """What a refusal may hold besides its code."""

    state: str
    server_time: datetime
    retry_after: int


class Refusal(Exception):
    """A request is refused. `details` become members of the problem, and fill its sentence."""

    code = "internal"
    variant = ""  # the name in `codes.json` of another sentence than the code's own

    def __init__(self, **details: Unpack[Details]) -> None:
        super().__init__(self.code)
        self.details = details


class Unauthenticated(Refusal):
    """Nobody is signed in."""

    code = "unauthenticated"


class BadCredentials(Refusal):
    """The email or the password is wrong; the response doesn't say which."""

    code = "bad_credentials"


class TokenInvalid(Refusal):
    """The token is malformed, another server's, or revoked, or its account is deleted."""

    code = "token_invalid"


class TokenExpired(Refusal):
    """The token has expired."""

    code = "token_expired"


class Forbidden(Refusal):
    """The sender may see the thing, but not do this to it."""

    code = "forbidden"


class SignupClosed(Forbidden):
    """Nobody may sign up here."""

    variant = "signup_closed"


class InvitationNeeded(Forbidden):
    """Signing up takes an invitation, and the sender has none that is valid."""

    variant = "invitation_needed"


class Muted(Forbidden):
    """A host has muted the sender in this room."""

    variant = "muted"


class NotEligible(Refusal):
    """The sender is not a voter of this poll."""

    code = "not_eligible"


class CameLater(NotEligible):
    """The sender came to the roll after the poll had opened, and no host has admitted them."""

    variant = "came_later"


class NotFound(Refusal):
    """The thing doesn't exist, or the sender may not know of it."""

    code = "not_found"


class EmailTaken(Refusal):
    """Another account has the email."""

    code = "email_taken"


class PollFrozen(Refusal):
    """The poll has been opened, so this rule of it can't be changed any more."""

    code = "poll_frozen"


class WrongState(Refusal):
    """The poll's state doesn't allow this step."""

    code = "wrong_state"


class NoProof(Refusal):
    """The poll was closed before records had proofs."""

    code = "no_proof"


class ResultsHidden(Refusal):
    """The poll's results are hidden from the sender for now."""

    code = "results_hidden"


class NicknameTaken(Refusal):
    """Somebody in the room or on its roll has the name."""

    code = "nickname_taken"


class NotPresent(Refusal):
    """The poll accepts ballots only from people who are present."""

    code = "not_present"


class AlreadyVoted(Refusal):
    """The voter has a ballot in this poll, and the poll doesn't allow changes."""

    code = "already_voted"


class PollNotOpen(Refusal):
    """The ballot arrived before the opening, in a pause, or at or after the close."""

    code = "poll_not_open"


class Stale(Refusal):
    """The request is about a ballot or a version that something newer has replaced."""

    code = "stale"


class BodyEncoded(Refusal):
    """The body is compressed, or encoded in another way."""

    code = "unsupported_media_type"
    variant = "encoded"


class IdempotencyMismatch(Refusal):
    """The key was used for another ballot."""

    code = "idempotency_mismatch"


class RateLimited(Refusal):
    """The sender sends too many requests; `retry_after` is when to try again, in whole seconds."""

    code = "rate_limited"


class Full(Refusal):
    """The server holds as many connections as it takes."""

    code = "unavailable"
    variant = "full"
