"""Times as clients read them."""

from datetime import UTC, datetime


def iso(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_now() -> datetime:
    """Return the time; the one clock of the server."""
    return datetime.now(UTC)
