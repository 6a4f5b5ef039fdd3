"""The system calls of the store, and their order. Nothing here knows what the bytes mean.

Every durable step of the store is one of these functions: a test that records `os` here
sees all that a crash could interrupt.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from db.journal.errors import Locked, Unavailable

Run = Callable[[Callable[[], Any]], Any]

PRIVATE = 0o600
SYNC_BYTES = 8 << 20


def lock(path: Path) -> int:
    """Take the lock file at `path` without waiting; return its descriptor.

    Raises `Locked` if a process has it, `Unavailable` if the folder can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        raise Unavailable(f"{path.parent} can't be written: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise Locked(
            f"{path.with_suffix('')} is in use by process {holder or '(unknown)'}: stop it first"
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def fsync(descriptor: int) -> None:
    """Return once the file's bytes are on the disk itself."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        os.fsync(descriptor)
    else:  # macOS: fsync leaves the bytes in the drive's cache
        fcntl.fcntl(descriptor, full)


def fsync_folder(folder: Path) -> None:
    """Return once the folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write the whole of `data`; a short write is continued, an error is raised."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def append(descriptor: int, data: bytes) -> None:
    """Add `data` to an open journal; return once it is on the disk."""
    write_all(descriptor, data)
    fsync(descriptor)


def open_append(path: Path) -> int:
    """Open an existing journal for `append`."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)


def replace(path: Path, chunks: Iterable[bytes], run: Run = lambda call: call()) -> int:
    """Put a file made of `chunks` in the place of `path`; return its size in bytes.

    Old or new, never a mixture, whatever happens: a temporary file, fsync, rename, fsync of
    the folder. The file keeps its permissions. `run` is given each blocking step.
    """
    temporary = path.with_name(path.name + ".tmp")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else PRIVATE
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    size = unsynced = 0
    try:
        for chunk in chunks:
            run(partial(write_all, descriptor, chunk))
            size += len(chunk)
            unsynced += len(chunk)
            if unsynced >= SYNC_BYTES:  # or the last fsync would hold up everybody else's
                unsynced = 0
                run(partial(os.fdatasync, descriptor))
        run(partial(fsync, descriptor))
    finally:
        os.close(descriptor)
    run(partial(rename, temporary, path))
    return size


def rename(temporary: Path, path: Path) -> None:
    """Move a finished file into its place; return once the name is on the disk."""
    os.replace(temporary, path)
    fsync_folder(path.parent)


def cut(path: Path, size: int, kept: Path) -> None:
    """Keep what lies in `path` after `size` bytes in the file `kept`, then cut it off."""
    with path.open("rb") as file:
        file.seek(size)
        tail = file.read()
    aside = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE)
    try:
        append(aside, tail + b"\n")
    finally:
        os.close(aside)
    fsync_folder(path.parent)
    journal = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.ftruncate(journal, size)
        fsync(journal)
    finally:
        os.close(journal)


def remove(path: Path) -> None:
    """Remove a file, if there is one; return once its name is gone from the disk."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    fsync_folder(path.parent)
