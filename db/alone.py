"""What a store answers whose process is the only one that writes."""

from collections.abc import Callable
from datetime import UTC, datetime


class Alone:
    """The part of a `Store` that is about other workers: there are none."""

    @property
    def worker(self) -> str | None:
        return None

    @property
    def leads(self) -> bool:
        return True

    @property
    def outdated(self) -> bool:
        return False

    def send_note(self, _note: str) -> None:
        """Nobody else is there."""

    def hear_notes(self, _listener: Callable[[str], None]) -> None:
        """Nobody else is there."""

    def is_gone(self, _worker: str) -> bool:
        return False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def catch_up(self) -> None:
        """Return at once: nobody else writes."""
