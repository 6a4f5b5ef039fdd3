"""Upgrades stores of earlier versions when they are opened, and refuses those of newer ones.

The row of `meta` says in which format the documents are. The journal's first line has a number of
its own, of how the files are written (`db.journal.format`). Before anything of an older store is
changed, its files are copied.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from db.journal import Mismatch, files
from db.journal.documents import ByTable, Document
from db.journal.offline import keep_aside
from db.tables import KINDS
from voting.meetings import date_title
from voting.model.meetings import Meeting
from voting.model.polls import ENDED, Poll
from voting.model.rooms import Attendance, Room, Row
from voting.store import Store

logger = logging.getLogger(__name__)

FORMAT = 3
"""Of the documents: 0 is that of all versions before there was a number; up to 1, ballots had
random ids; up to 2, the names in records had ids in the order in which they came.
"""
META_ID = 1
COPY = "before-upgrade-"


def format_of(meta: Mapping[int, Document]) -> int:
    """Return the format of a store's documents. Raises `Mismatch` for one that is newer."""
    found: int = meta.get(META_ID, {}).get("format", 0)
    if found > FORMAT:
        raise Mismatch(
            f"the store is of format {found}, and this version reads up to {FORMAT}: a newer "
            "version wrote it. Start that version, or restore a backup of this one"
        )
    return found


def require_ours(source: Path, tables: ByTable, *, own: bool = False) -> None:
    """Raise `Mismatch` for the tables of a file that a newer version wrote, or another program.

    own: whether it is the store itself, of which nothing may be left
    """
    format_of(tables.get("meta", {}))
    if not own and not any(tables.get(name) for name in ("meta", *KINDS)):
        raise Mismatch(f"{source} has no document of Rollcall: it is another program's, or empty")


def keep_older(
    path: Path, now: datetime, tables: ByTable, outdated: bool, *, keep: bool = True
) -> None:
    """Copy the files of a store of an earlier version before they are changed. Raises `Mismatch`
    for a newer one and for another program's file, OSError if they can't be copied.

    outdated: whether its journal is of an earlier version
    keep: False where it is a copy itself: nothing is copied then
    """
    require_ours(path, tables, own=not any(tables.values()))
    found = format_of(tables.get("meta", {}))
    if keep and any(tables.values()) and (outdated or found < FORMAT):
        aside = keep_aside(path, f"{COPY}{now:%Y%m%dT%H%M%S.%fZ}")
        logger.warning("an earlier version wrote the store: it is upgraded, and kept as %s", aside)


def drop_copies(path: Path) -> None:
    """Remove the copies that were made before upgrades; return once they are gone from the disk.

    Any of them may hold pseudonyms of a secret poll, or ballots that were replaced.
    """
    if copies := list(path.parent.glob(f"{path.name}.{COPY}*")):
        files.discard(copies)
        logger.info("copies of before an upgrade were removed, because a secret poll has ended")


def add_first_meetings(store: Store, attendance: Mapping[int, Mapping[str, Any]]) -> None:
    """Make one ended meeting of the attendance that a room had before there were meetings.

    Call it in a transaction.

    attendance: the stored documents; those of earlier versions have no `meeting`
    """
    codes = {each["room"] for each in attendance.values() if "meeting" not in each}
    for code in sorted(codes):
        room = store.find(Room, "code", code)
        if room is not None:
            _add_first_meeting(store, room)


def _add_first_meeting(store: Store, room: Room) -> None:
    people = store.group(Attendance, room.code)
    polls = [each for each in store.group(Poll, room.code) if each.state in ENDED]
    times = [at for each in people for at in (each.first_at, each.last_at, each.since_at)]
    times += [at for each in polls for at in (each.opened_at, each.closed_at)]
    known = [at for at in times if at is not None]
    starts_at, ended_at = min(known), max(known)
    title = date_title(room, starts_at)
    meeting = store.add(Meeting(0, room.code, 1, title, starts_at, ended_at, ended_at))
    for each in people:
        gone = each if each.since_at is None else each.ended(ended_at, left=each.left)
        store.save(replace(gone, meeting=meeting.id))
    for poll in polls:
        store.save(replace(poll, meeting=meeting.id))
    for row in store.group(Row, room.code):
        if row.checked_in:
            store.save(replace(row, checked_in=False))
