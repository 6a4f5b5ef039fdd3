"""A folder for one piece of work, of which a killed process leaves nothing for long."""

import fcntl
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any, NoReturn

ENDING = signal.SIGTERM, signal.SIGHUP
"""The signals by which a timer, systemd or a closed terminal ends a process."""


@contextmanager
def work_folder(prefix: str) -> Iterator[Path]:
    """Make a folder that only its owner can read, and remove it at the end, also if the process is
    ended by a signal that can be caught. Remove those, too, that killed processes left: the locks
    of running ones are held.
    """
    for left, lock in _unused(prefix):
        shutil.rmtree(left, ignore_errors=True)
        os.close(lock)
    with _exit_on_signals():
        folder, lock = _make(prefix)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
            os.close(lock)


def find_left(prefix: str) -> list[Path]:
    """Return this user's folders that killed processes left."""
    found = []
    for left, lock in _unused(prefix):
        os.close(lock)
        found.append(left)
    return found


@contextmanager
def _exit_on_signals() -> Iterator[None]:
    """Let signals raise SystemExit that would end the process at once."""
    former = {}
    if threading.current_thread() is threading.main_thread():
        ending = [each for each in ENDING if signal.getsignal(each) is signal.SIG_DFL]
        former = {each: signal.signal(each, _exit) for each in ending}
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)


def _exit(number: int, _frame: Any) -> NoReturn:
    raise SystemExit(128 + number)  # what a shell reports for it


def _make(prefix: str) -> tuple[Path, int]:
    while True:
        folder = Path(mkdtemp(prefix=prefix))
        lock = _lock(folder)
        if lock is not None and folder.exists():
            return folder, lock
        if lock is not None:  # another process has just taken it for one that is left
            os.close(lock)


def _unused(prefix: str) -> Iterator[tuple[Path, int]]:
    """Yield this user's folders that no process holds, each with the lock that now holds it."""
    for folder in sorted(Path(gettempdir()).glob(f"{prefix}*")):
        if not folder.is_symlink() and folder.is_dir() and folder.stat().st_uid == os.geteuid():
            lock = _lock(folder)
            if lock is not None:
                yield folder, lock


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
