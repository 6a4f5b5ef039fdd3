"""A folder for one piece of work, of which a killed process leaves nothing for long."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp


@contextmanager
def work_folder(prefix: str) -> Iterator[Path]:
    """Make a folder that only its owner can read, and remove it at the end. Remove those, too, that
    killed processes left: the locks of running ones are held.
    """
    for left in Path(gettempdir()).glob(f"{prefix}*"):
        if not left.is_symlink() and left.is_dir() and left.stat().st_uid == os.geteuid():
            _remove_unused(left)
    folder, lock = _make(prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(lock)


def _make(prefix: str) -> tuple[Path, int]:
    while True:
        folder = Path(mkdtemp(prefix=prefix))
        lock = _lock(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if lock is not None:  # another process has just taken it for one that is left
            os.close(lock)


def _remove_unused(folder: Path) -> None:
    lock = _lock(folder)
    if lock is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """Return the descriptor of a lock; None if it is held, or there is no such folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
