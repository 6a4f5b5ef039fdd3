"""Backups in a folder: what they are called, how one is written, and which are removed.

A name tells when a backup was taken, and whether it has ballots of a secret poll that had not
ended. Such a backup has their pseudonyms and, beside an older one, tells which ballots came between
the two. So it is removed once that poll has ended and a newer backup is there.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.journal import files
from db.journal.files import Run, direct

NAMED = re.compile(r"rollcall-(\d{8}T\d{6}Z)(-open)?\.json")
TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Backup:
    """A backup that is complete.

    unsealed: whether it may have ballots of a secret poll that had not ended
    """

    path: Path
    at: datetime
    unsealed: bool


def find_backups(folder: Path) -> list[Backup]:
    """Return the backups of a folder, oldest first. Other files are left out."""
    found = ((NAMED.fullmatch(each.name), each) for each in folder.glob("rollcall-*.json"))
    backups = [
        Backup(path, datetime.strptime(name[1], TIME).replace(tzinfo=UTC), bool(name[2]))
        for name, path in found
        if name
    ]
    return sorted(backups, key=lambda each: each.at)


def write_backup(
    folder: Path, now: datetime, chunks: Iterable[bytes], *, unsealed: bool, run: Run = direct
) -> Backup:
    """Write a backup that only its owner can read; return it once it is on the disk.

    A crash or a full disk leaves no half of one under its name. What is left of an earlier try is
    removed. Raises OSError.
    """
    files.make_folder(folder)
    for left in folder.glob("rollcall-*.json.tmp"):
        left.unlink()
    path = folder / f"rollcall-{now:{TIME}}{'-open' if unsealed else ''}.json"
    files.replace(path, chunks, run)
    return Backup(path, now.replace(microsecond=0), unsealed)


def is_due(
    backups: Sequence[Backup], now: datetime, interval: timedelta, open_since: datetime | None
) -> bool:
    """Return whether a backup should be taken: the newest is older than the interval or from after
    now, or takes the place of one whose secret polls have ended.

    open_since: when the first of the secret polls was opened whose ballots are not sealed yet
    """
    if not backups or not timedelta(0) <= now - backups[-1].at < interval:
        return True
    return any(_has_ended(each, open_since) for each in backups)


def find_surplus(
    backups: Sequence[Backup],
    now: datetime,
    count: int,
    age: timedelta,
    open_since: datetime | None,
) -> list[Backup]:
    """Return the backups that should be removed: all but the newest `count`, those older than
    `age`, and those whose secret polls have ended. The newest is never one of them.
    """
    surplus = set(backups[: max(0, len(backups) - count)])
    surplus |= {each for each in backups if now - each.at > age or _has_ended(each, open_since)}
    return [each for each in backups[:-1] if each in surplus]


def remove_backups(backups: Iterable[Backup]) -> None:
    """Remove backups; return once no name is on the disk."""
    with suppress(FileNotFoundError):
        files.discard(each.path for each in backups)


def _has_ended(backup: Backup, open_since: datetime | None) -> bool:
    """Return whether no secret poll is open any more whose ballots a backup may have."""
    return backup.unsealed and (open_since is None or open_since > backup.at + timedelta(seconds=1))
