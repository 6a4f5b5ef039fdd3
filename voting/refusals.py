"""What the rules refuse. Each class is one code of the contract."""

from datetime import datetime


class Refusal(Exception):
    """The root of what the rules refuse."""


class NotFound(Refusal):
    """There is no such thing, or the asker may not know of it."""


class BadCredentials(Refusal):
    """Email and password don't belong together; which of them is wrong is not told."""


class Forbidden(Refusal):
    """The asker may see it, but not do this."""


class EmailTaken(Refusal):
    """Another account has the email."""


class NotEligible(Refusal):
    """The asker is no voter of this poll."""


class AlreadyVoted(Refusal):
    """The voter has a ballot in this poll, and it bars changes."""


class PollNotOpen(Refusal):
    """The ballot came before the opening, in a pause, or at or after the close."""

    def __init__(self, state: str, now: datetime) -> None:
        super().__init__(state)
        self.state = state
        self.now = now


class Stale(Refusal):
    """A later ballot has superseded the one that this is a retry of."""


class IdempotencyMismatch(Refusal):
    """The key was used for another ballot."""
