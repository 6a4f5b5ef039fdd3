"""The parts that routes use, wired once in `app`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from api.backups import Backups
from api.batches import Batches
from api.closings import Closings
from api.limits import PersonLimit, Reading, RollChanges, Window
from api.passwords import Passwords
from api.pictures import Pictures
from api.presence import Presence
from api.records import Records
from api.results import ResultsCache
from api.settings import SignUp
from api.shared_counts import SharedCounts
from api.slices import LongReads
from api.slowing import Slowdown
from api.tokens import Tokens
from voting.pruning import Prunable
from voting.store import Store
from voting.tallies import Tallies

NAME = "rollcall"


@dataclass(frozen=True, kw_only=True)
class Services:
    """The server's parts.

    setup_code: the file with the administrator's one-time code
    voted: is called with a person (`u12`) who has cast a ballot, to notify their other devices
    password_min: the shortest new password, in characters
    signup: open, invite or closed
    guest_hosts: whether people without an account may start rooms
    guest_rooms: counts those rooms by network
    keep: for how long things are kept that no poll needs; what is left out, for ever
    backups: None where no folder is set
    """

    store: Store
    tallies: Tallies
    results: ResultsCache
    presence: Presence
    tokens: Tokens
    passwords: Passwords
    pictures: Pictures
    setup_code: Path
    clock: Callable[[], datetime]
    voted: Callable[[str], None]
    counts: SharedCounts
    slowdown: Slowdown
    person_limit: PersonLimit
    password_min: int
    records: Records
    reading: Reading
    long_reads: LongReads
    roll_changes: RollChanges
    signup: SignUp
    guest_hosts: bool
    guest_rooms: Window
    batches: Batches
    closings: Closings
    started_at: datetime
    keep: Mapping[Prunable, timedelta]
    backups: Backups | None


def services() -> Services:
    """Return the parts of the app that serves the current request."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # in half the time
    return app.extensions[NAME]  # type: ignore[no-any-return]
