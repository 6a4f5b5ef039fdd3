"""The system calls of the store, and their order. Nothing here knows what the bytes mean.

Every durable step of the store is one of these functions, so a test that records `os` here sees
everything that a crash could interrupt.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from db.journal.errors import Locked, disk_fault

Run = Callable[[Callable[[], Any]], Any]

PRIVATE = 0o600
SYNC_BYTES = 8 << 20
ROOM_BYTES = 64 << 10


def lock(path: Path) -> int:
    """Lock the file at `path` without waiting; return its descriptor.

    Raises `Locked` if another process has it, `OutcomeUnknown` if the folder can't be written.
    """
    try:
        if not path.exists():  # a first opening, or one that was killed
            make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.write(descriptor, b"%d\n" % os.getpid())
        except OSError:
            os.close(descriptor)
            raise
    except BlockingIOError as error:
        holder = path.read_text(errors="replace").strip() or "(unknown)"
        raise Locked(
            f"{path.with_suffix('')} is in use by process {holder}: stop it first"
        ) from error
    except OSError as error:
        raise disk_fault(error, f"{path.parent} can't be written") from error
    return descriptor


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of the store at `path` without waiting. Raises as `lock`."""
    descriptor = lock(beside(path, ".lock"))
    try:
        yield
    finally:
        os.close(descriptor)


def beside(path: Path, suffix: str) -> Path:
    """Return the path of a file that is named after another."""
    return path.with_name(path.name + suffix)


def make_folder(folder: Path) -> None:
    """Make a folder, if there is none; return once its name is on the disk."""
    if not folder.exists():
        make_folder(folder.parent)
        os.mkdir(folder)
    with suppress(PermissionError):  # then it was made by somebody else
        fsync_folder(folder.parent)


def require_writable(path: Path) -> None:
    """Raise PermissionError for a file that its owner has made read-only."""
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} is read-only")


def fsync(descriptor: int) -> None:
    """Return once the file's bytes are on the disk itself."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        os.fsync(descriptor)
    else:  # macOS: fsync leaves the bytes in the drive's cache
        fcntl.fcntl(descriptor, full)


def fsync_folder(folder: Path) -> None:
    """Return once the folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, start: int, end: int) -> bytes:
    """Return a file's bytes from `start` to before `end`."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`. A short write is continued; an error is raised."""
    while data:
        data = data[os.write(descriptor, data) :]


def append(descriptor: int, data: bytes) -> None:
    """Add `data` to an open file; return once it is on the disk."""
    write_all(descriptor, data)
    fsync(descriptor)


def write_line(descriptor: int, line: bytes, room: int) -> int:
    """Write `line` over the `room` zeros that follow; return how many are left.

    It is on the disk then. If it does not fit, the same write makes room for later lines, because
    an fsync is shorter if the file's size doesn't change. A disk that is nearly full gives less
    room, or none; `line` is refused only if it does not fit itself.
    """
    if len(line) <= room:
        append(descriptor, line)
        return room - len(line)
    written = os.write(descriptor, line + bytes(ROOM_BYTES))
    append(descriptor, line[written:])
    made = max(0, written - len(line))
    os.lseek(descriptor, -made, os.SEEK_CUR)
    return made


def direct(call: Callable[[], Any]) -> Any:
    """Run a blocking call in the caller's thread."""
    return call()


def replace(path: Path, chunks: Iterable[bytes], run: Run = direct) -> None:
    """Replace `path` by a file made of `chunks`; see `supersede`."""
    os.close(supersede(path, chunks, run))


def supersede(path: Path, chunks: Iterable[bytes], run: Run = direct) -> int:
    """Replace `path` by a file made of `chunks`; return its descriptor, at its end.

    A crash leaves the old file or the new one, never a mixture: a temporary file, fsync, rename,
    fsync of the folder. The file keeps its permissions. `run` is given each blocking step.
    """
    descriptor: int = run(partial(create, path))
    fill(path, descriptor, chunks, run)
    try:
        run(partial(rename, temporary_of(path), path))
    except BaseException:
        abandon(path, descriptor)
        raise
    return descriptor


def temporary_of(path: Path) -> Path:
    """Return where a file is written before it gets its name."""
    return beside(path, ".tmp")


def create(path: Path) -> int:
    """Return a new temporary file for `path`, with the same permissions if there is one."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else PRIVATE
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    descriptor = os.open(temporary_of(path), flags, PRIVATE)
    try:
        os.fchmod(descriptor, mode)
    except BaseException:
        abandon(path, descriptor)
        raise
    return descriptor


def fill(path: Path, descriptor: int, chunks: Iterable[bytes], run: Run) -> None:
    """Write `chunks` to the temporary file for `path`; return once they are on the disk. If
    that fails, the file is closed and removed, and the OSError names `path`.
    """
    unsynced = 0
    try:
        for chunk in chunks:
            run(partial(write_all, descriptor, chunk))
            unsynced += len(chunk)
            if unsynced >= SYNC_BYTES:  # or the last fsync would hold up everybody else's
                unsynced = 0
                run(partial(fsync, descriptor))
        run(partial(fsync, descriptor))
    except BaseException as error:
        abandon(path, descriptor)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise


def close(descriptor: int) -> None:
    """Close a file."""
    os.close(descriptor)


def abandon(path: Path, descriptor: int) -> None:
    """Close a temporary file, and remove it: a full disk needs the room."""
    os.close(descriptor)
    with suppress(OSError):
        os.unlink(temporary_of(path))


def rename(temporary: Path, path: Path) -> None:
    """Rename a finished file; return once the name is on the disk."""
    os.replace(temporary, path)
    fsync_folder(path.parent)


def keep(path: Path, data: bytes) -> None:
    """Add `data` and a line feed to the file at `path`; return once both are on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE)
    try:
        append(descriptor, data + b"\n")
    finally:
        os.close(descriptor)
    fsync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file, if there is one; return once its name is gone from the disk."""
    with suppress(FileNotFoundError):
        os.unlink(path)
        fsync_folder(path.parent)


def unname(path: Path) -> None:
    """Remove a file whose name may come back after a crash."""
    os.unlink(path)


def discard(paths: Iterable[Path]) -> None:
    """Remove files of one folder, those that there are; return once no name is on the disk."""
    folders = set()
    for each in paths:
        with suppress(FileNotFoundError):
            os.unlink(each)
        folders.add(each.parent)
    for folder in folders:
        fsync_folder(folder)
