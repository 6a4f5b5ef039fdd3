"""Invitations: codes by which people sign up where not everybody may."""

from schemas.validation import Schema

USES = 10_000
HOURS = 24 * 365


INVITATION = Schema(
    {
        "uses": {"type": "integer", "min": 1, "max": USES},
        "hours": {"type": "integer", "min": 1, "max": HOURS},
    }
)
