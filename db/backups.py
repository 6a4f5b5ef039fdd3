"""Backups in a folder: what they are called, how one is written, and which are removed.

A name tells when a backup was taken, and whether it has ballots of secret polls that had not ended.
Such a backup has their pseudonyms and, beside an older one, tells which ballots came between the
two. So once any of those polls has ended, a newer backup takes its place.

A backup that is named by a time after now was taken while the clock was wrong. Its age is unknown,
so it counts as the oldest.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from db.journal import files
from db.journal.files import Run, direct

NAMED = re.compile(r"rollcall-(\d{8}T\d{6}Z)(-open)?\.json")
TIME = "%Y%m%dT%H%M%SZ"
WITNESSES = 4
"""How many backups have to say that another one is old: a clock that is far ahead removes none
until so many were taken by it.
"""


@dataclass(frozen=True)
class Backup:
    """A backup that is complete.

    unsealed: whether it may have ballots of secret polls that had not ended
    """

    path: Path
    at: datetime
    unsealed: bool


def find_backups(folder: Path, now: datetime) -> list[Backup]:
    """Return the backups of a folder, oldest first; before all others come those whose names tell a
    time after now. Other files are left out.
    """
    found = map(_read_name, folder.glob("rollcall-*.json"))
    return sorted(filter(None, found), key=lambda each: (each.at <= now, each.at))


def _read_name(path: Path) -> Backup | None:
    name = NAMED.fullmatch(path.name)
    if name is None:
        return None
    try:
        at = datetime.strptime(name[1], TIME).replace(tzinfo=UTC)
    except ValueError:  # the digits are no time
        return None
    return Backup(path, at, unsealed=bool(name[2]))


def write_backup(
    folder: Path, now: datetime, chunks: Iterable[bytes], *, unsealed: bool, run: Run = direct
) -> Backup:
    """Write a backup that only its owner can read; return it once it is on the disk.

    A crash or a full disk leaves no half of one under its name. What is left of an earlier try is
    removed. Raises OSError.
    """
    run(partial(_prepare, folder))
    path = folder / f"rollcall-{now:{TIME}}{'-open' if unsealed else ''}.json"
    files.replace(path, chunks, run)
    return Backup(path, now.replace(microsecond=0), unsealed)


def _prepare(folder: Path) -> None:
    files.make_folder(folder)
    for left in folder.glob("rollcall-*.json.tmp"):
        left.unlink()


def is_due(
    backups: Sequence[Backup], now: datetime, interval: timedelta, ended_at: datetime
) -> bool:
    """Return whether a backup should be taken: the newest is older than the interval or from after
    now, or one may have ballots of a secret poll that has ended.

    backups: as `find_backups` returns them
    ended_at: when the last secret poll ended, in whole seconds
    """
    if not backups or not timedelta(0) <= now - backups[-1].at < interval:
        return True
    return any(_must_go(each, now, ended_at) for each in backups)


def find_surplus(
    backups: Sequence[Backup],
    now: datetime,
    count: int,
    age: timedelta,
    ended_at: datetime,
) -> list[Backup]:
    """Return the backups that should be removed: all but the newest `count`, those that are older
    than `age` by the newest `WITNESSES`, and those that have ballots of a secret poll that has
    ended. The newest is never one of them.
    """
    surplus = set(backups[: max(0, len(backups) - count)])
    if len(backups) >= WITNESSES:
        known = min(now, backups[-WITNESSES].at)
        surplus |= {each for each in backups if known - each.at > age}
    surplus |= {each for each in backups if _must_go(each, now, ended_at)}
    return [each for each in backups[:-1] if each in surplus]


def remove_backups(backups: Iterable[Backup]) -> None:
    """Remove backups; return once no name is on the disk."""
    with suppress(FileNotFoundError):
        files.discard(each.path for each in backups)


def _must_go(backup: Backup, now: datetime, ended_at: datetime) -> bool:
    """Return whether a backup may have ballots of a secret poll that has ended since."""
    return backup.unsealed and not ended_at <= backup.at <= now
