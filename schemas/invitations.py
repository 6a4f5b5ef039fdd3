"""Invitations: codes by which people sign up where not everybody may."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.rooms import PRIVATE
from schemas.validation import Schema

USES = 10_000
HOURS = 24 * 365


@dataclass(frozen=True)
class Invitation:
    """A code for so many more sign-ups; `code` is its SHA-256."""

    id: int
    code: str = field(metadata=PRIVATE)
    uses: int
    expires_at: datetime


INVITATION = Schema(
    {
        "uses": {"type": "integer", "min": 1, "max": USES},
        "hours": {"type": "integer", "min": 1, "max": HOURS},
    }
)
