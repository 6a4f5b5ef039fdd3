"""The planned times of polls: which are allowed, and what follows if one is missed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from voting.faults import Fault, Invalid
from voting.model.polls import Poll

TOLERANCE_SECONDS = 60
"""How many seconds late a requested opening may be: forms have minutes, and clocks differ."""
GRACE_SECONDS = 300
"""How late the clock still opens a poll. After that a host must."""
HORIZON_DAYS = 3660
"""How far ahead a poll may be planned."""
ROUNDING = timedelta(milliseconds=1)
"""Times that differ by less count as the same, because clients may send them back rounded."""


def check_times(fields: Mapping[str, Any], now: datetime) -> None:
    """Raises `Invalid` for an opening or a close in the past, or more than ten years ahead."""
    faults, latest = [], now + timedelta(days=HORIZON_DAYS)
    tolerated = now - timedelta(seconds=TOLERANCE_SECONDS)
    for name, earliest in (("opens_at", tolerated), ("closes_at", now)):
        time = fields.get(name)
        if time is not None and time <= earliest:
            faults.append(Fault(name, "in_the_past"))
        elif time is not None and time > latest:
            faults.append(Fault(name, "too_large", latest.date().isoformat()))
    if faults:
        raise Invalid(*faults)


def changed_times(poll: Poll, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields without times that the poll already has."""
    kept = {"opens_at": poll.opens_at, "closes_at": poll.closes_at}
    return {name: value for name, value in fields.items() if not _same(value, kept.get(name))}


def due_at(poll: Poll) -> datetime | None:
    """Return when the clock must next open or close a poll; None if it has no such time."""
    if poll.state == "draft":
        return None if poll.missed_opening else poll.opens_at
    return poll.closes_at if poll.ongoing else None


def is_missed(poll: Poll, now: datetime) -> bool:
    """Return whether it is too late for the clock to open a draft, or its close has passed.

    An opening can't be undone, and people may have gone home, so a host decides.
    """
    grace = timedelta(seconds=GRACE_SECONDS)
    late = poll.opens_at is not None and now - poll.opens_at > grace
    return late or (poll.closes_at is not None and poll.closes_at <= now)


def _same(value: Any, kept: datetime | None) -> bool:
    return kept is not None and isinstance(value, datetime) and abs(value - kept) < ROUNDING


def is_due(poll: Poll, now: datetime) -> bool:
    """Return whether a poll has not been closed yet although its `closes_at` has passed."""
    over = poll.closes_at is not None and poll.closes_at <= now
    return over and poll.ongoing
