"""What the doctor looks at on this machine: settings, folder, open files, clock, disk."""

import ctypes
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Literal, NamedTuple

from api.backups import RETRY
from api.httpd import count_places
from api.settings import BadSetting, Settings, read_settings
from cli.client import EVERYWHERE
from cli.output import owner_of
from db.backups import find_backups
from db.configured import KEYS
from db.journal.errors import NO_ROOM
from db.journal.files import fsync

PLACES, FREE_BYTES, SCARCE_BYTES = 2_000, 1 << 30, 100 << 20
SYNCS, SLOW_SECONDS = 40, 0.02
FORGETFUL, FOREIGN = ("tmpfs", "ramfs"), ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs")
"""File systems that lose everything at a restart, and those of other machines."""
UNSYNCHRONISED = 5
"""What adjtimex(2) returns where nothing keeps the clock right."""
NUMBERS_BYTES = 512
"""More than the structure that it fills in."""


class Finding(NamedTuple):
    """What a check found. `do` says what to do; it is empty where nothing has to be done."""

    about: str
    verdict: Literal["ok", "warning", "fault"]
    says: str
    do: str = ""


def ok(about: str, says: str) -> Finding:
    return Finding(about, "ok", says)


def warning(about: str, says: str, do: str) -> Finding:
    return Finding(about, "warning", says, do)


def fault(about: str, says: str, do: str) -> Finding:
    return Finding(about, "fault", says, do)


class Machine:
    """What the checks share. `settings` is None where they can't be read."""

    def __init__(self) -> None:
        self.settings: Settings | None = None
        self.served = False
        """Whether a server of ours answers at the port."""

    @property
    def folder(self) -> Path:
        """The folder of the data, or the nearest one above it that exists."""
        return nearest(self.settings.folder.resolve() if self.settings else Path.cwd())


def check_settings(machine: Machine) -> Iterator[Finding]:
    """Read the settings as the server does, and look for those that don't fit each other."""
    try:
        machine.settings = settings = read_settings()
    except BadSetting as error:
        yield fault("settings", str(error), "docs/api.md lists every setting")
        return
    yield ok("settings", f"the data is in {settings.place}")
    yield from _look_for_misfits(settings)
    if _everybody_reads_a_key(Path(".env")):
        yield fault("settings", ".env has a key and everybody reads it", "chmod 600 .env")


def _everybody_reads_a_key(env: Path) -> bool:
    try:
        return bool(env.stat().st_mode & stat.S_IROTH) and b"SECRET" in env.read_bytes()
    except OSError:  # there is none, or this user can't enter the folder
        return False


def _look_for_misfits(settings: Settings) -> Iterator[Finding]:
    if settings.host.startswith("unix:") and not settings.trusted_proxies:
        says = (
            "a UNIX socket has no client addresses, and no proxy is trusted to name them: everybody"
            " shares one client's limits"
        )
        yield fault("settings", says, "set ROLLCALL_TRUSTED_PROXIES=1")
    if settings.host in EVERYWHERE and settings.trusted_proxies:
        says = f"a proxy is trusted: who reaches {settings.host} past it can claim any address"
        do = "set ROLLCALL_HOST=127.0.0.1, unless only the proxy reaches it (a container's network)"
        yield warning("settings", says, do)
    if not settings.rate_limits:
        yield warning("settings", "no request is counted", "set ROLLCALL_RATE_LIMITS=on for a vote")


def check_folder(machine: Machine) -> Iterator[Finding]:
    """Look at the rights of the data's folder and files, and at the room that is left."""
    if machine.settings is None:
        return
    folder, wanted = machine.folder, machine.settings.folder.resolve()
    mode, me = stat.S_IMODE(folder.stat().st_mode), os.geteuid()
    if not os.access(folder, os.W_OK | os.X_OK):
        do = f"give {'it' if folder == wanted else wanted} to the user that serves"
        yield fault("folder", f"this user can't write {folder}", do)
        return
    if me == 0 and folder.stat().st_uid:
        owner = owner_of(folder)
        says = f"{folder} belongs to {owner}, and this is root"
        yield fault("folder", says, f"run it as that user: sudo -u {owner}")
    elif folder == wanted and mode & stat.S_IWOTH:
        yield fault("folder", f"everybody can write {folder}", f"chmod 700 {folder}")
    else:
        yield ok("folder", f"{folder} can be written")
    if folder == wanted:
        database = machine.settings.database
        yield from _check_own_files(folder, database.name if isinstance(database, Path) else KEYS)
    yield from _check_room(folder)


def _check_own_files(folder: Path, name: str) -> Iterator[Finding]:
    named = (*folder.glob(f"{name}*"), folder / "secret-key", folder / "setup-code")
    there = [each for each in named if each.is_file()]
    if names := " ".join(each.name for each in there if each.stat().st_mode & 0o077):
        yield fault("folder", f"others may read {names}", f"cd {folder} && chmod 600 {names}")
    if names := " ".join(each.name for each in there if not _can_change(each)):
        says = f"this user can't read and write {names}: the server won't start"
        do = f"as root: cd {folder} && chown --reference=. {names} && chmod 600 {names}"
        yield fault("folder", says, do)


def _can_change(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _check_room(folder: Path) -> Iterator[Finding]:
    free, kind = shutil.disk_usage(folder).free, file_system_of(folder)
    says = f"{free / (1 << 30):,.1f} GiB are free"
    if free > FREE_BYTES:
        yield ok("disk", says)
    else:
        judge = fault if free < SCARCE_BYTES else warning
        yield judge("disk", says, "free some: at 0 no vote is taken")
    if kind in FORGETFUL:
        yield fault("disk", f"{folder} is in memory ({kind})", "move it to a disk")
    elif kind in FOREIGN:
        says = f"{folder} is another machine's ({kind})"
        yield warning("disk", says, "prefer a disk of this one")
    elif kind == "overlay":
        yield fault("disk", f"{folder} goes with its container", "mount a volume for the data")


def check_backups(machine: Machine) -> Iterator[Finding]:
    """Find out whether the folder of backups can be written, is on another disk, and has a backup
    that is as new as the settings want.
    """
    settings = machine.settings
    if settings is None:
        return
    if settings.backup_dir is None:
        do = "set ROLLCALL_BACKUP_DIR to a folder on another disk, or take them in another way"
        yield warning("backups", "the server takes none by itself", do)
        return
    wanted = settings.backup_dir.resolve()
    folder = nearest(wanted)
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        says = f"nothing can be written to {folder}, so no backup is taken: {error.strerror}"
        do = f"give {wanted} to the user that serves; in a unit: ReadWritePaths={wanted}"
        yield fault("backups", says, do)
        return
    if folder.stat().st_dev == machine.folder.stat().st_dev:
        says = f"{wanted} is on the disk of the data, and is lost with it"
        yield warning("backups", says, "prefer a folder on another disk, or copy them away")
    else:
        yield ok("backups", f"{wanted} can be written, on another disk")
    yield _look_for_newest(wanted, settings.backup_hours, datetime.now(UTC))


def _look_for_newest(folder: Path, hours: float, now: datetime) -> Finding:
    about, every = "newest backup", timedelta(hours=hours)
    do = "a start takes one; while the server runs, its log says why `no backup was written`"
    known = [each for each in find_backups(folder, now) if each.at <= now]
    if not known:
        return warning(about, f"{folder} has none that was taken before now", do)
    age = now - known[-1].at
    says = f"{known[-1].path.name} is {_in_words(age)} old"
    if age > every + RETRY:
        return warning(about, f"{says}, and one is due every {_in_words(every)}", do)
    return ok(about, says)


def _in_words(time: timedelta) -> str:
    """Return a length of time as people say it."""
    hours = time / timedelta(hours=1)
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.2g} h" if hours < 48 else f"{hours / 24:,.0f} days"


def nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def file_system_of(folder: Path) -> str:
    """Return the name of the file system that a folder is on; "" where that is unknown."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = before.split()[4]
        if folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return kind


def check_files(machine: Machine) -> Iterator[Finding]:
    """Look at how many connections the open-file limit leaves: the server's, if one runs."""
    places, whose = count_places(), "this user's"
    server = _server_of(machine)
    if server is not None:
        places, whose = server, "the running server's"
    says = f"{whose} open-file limit leaves {places:,} connections"
    if places < PLACES:
        yield warning("open files", says, "LimitNOFILE=65536 in the unit, or ulimit -Hn 65536")
    else:
        yield ok("open files", says)


def _server_of(machine: Machine) -> int | None:
    """Return how many connections the process that has the store may have; None without one."""
    database = machine.settings and machine.settings.database
    if not isinstance(database, Path):
        return None
    try:
        process = int(database.with_name(f"{database.name}.lock").read_text("ascii"))
        limits = Path(f"/proc/{process}/limits").read_text("ascii")
        (line,) = (each for each in limits.splitlines() if each.startswith("Max open files"))
        return int(line.split()[3])
    except (OSError, ValueError):
        return None


def check_clock(_machine: Machine) -> Iterator[Finding]:
    """Ask the kernel whether something keeps the clock right."""
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None) if sys.platform == "linux" else None
    if adjtimex is None:
        return
    if adjtimex(ctypes.create_string_buffer(NUMBERS_BYTES)) == UNSYNCHRONISED:
        says = (
            "the kernel knows of nothing that keeps it right: polls would close at a wrong moment"
        )
        do = "apt install systemd-timesyncd (in a container or VM: look at its host)"
        yield warning("clock", says, do)
    else:
        yield ok("clock", "it is kept right")


def check_disk(machine: Machine) -> Iterator[Finding]:
    """Measure how long an fsync takes where the data is."""
    took = []
    try:
        with tempfile.TemporaryFile(dir=machine.folder) as file:
            for _ in range(SYNCS):
                file.write(b"." * 256)
                file.flush()
                began = time.perf_counter()
                fsync(file.fileno())
                took.append(time.perf_counter() - began)
    except OSError as error:
        do = "free some room" if error.errno in NO_ROOM else "look at the kernel's log: dmesg"
        says = f"nothing can be written to {machine.folder}: {error.strerror}"
        yield fault("disk", says, do)
        return
    says = f"an fsync takes {median(took) * 1e3:.1f} ms, at most {max(took) * 1e3:.1f} of {SYNCS}"
    if median(took) > SLOW_SECONDS:
        do = (
            "votes share them, so a hall still votes, but each waits; prefer an SSD of this machine"
        )
        yield warning("disk", says, do)
    else:
        yield ok("disk", says)
