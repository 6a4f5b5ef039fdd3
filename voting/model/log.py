"""The log of a room: one entry for each act that can decide an outcome."""

from dataclasses import dataclass, field
from typing import Any, Literal

from voting.model.rooms import PRIVATE

LogKind = Literal[
    "roll_changed",
    "hosts_changed",
    "member_restored",
    "codes_made",
    "row_claimed",
    "person_barred",
    "bar_ended",
    "reset_allowed",
    "checked_in",
    "checked_out",
    "quorum_changed",
    "room_changed",
    "meeting_begun",
    "meeting_ended",
    "poll_opened",
    "electorate_fixed",
    "poll_paused",
    "poll_continued",
    "poll_changed",
    "admitted",
    "poll_closed",
    "poll_voided",
    "results_published",
    "backup_restored",
]
"""What was done."""


@dataclass(frozen=True)
class LogEntry:
    """One act, as it stands in its room's log for good; see `voting.log`.

    n: its place in the log, from 1
    at: when it was done, as clients read times
    actor: the person who did it, `u12` or `r3`; "clock"; or "operator", who runs the server
    data: ids, counts and digests; never a name
    previous, hash: the hash of the entry before, and its own, which covers that
    """

    id: int = field(metadata=PRIVATE)
    room: str = field(metadata=PRIVATE)
    n: int
    at: str
    kind: LogKind
    actor: str
    data: dict[str, Any]
    previous: str
    hash: str
