"""Secrets that the server makes for itself, in files beside the data that only the owner reads."""

from collections.abc import Callable
from pathlib import Path

from db.journal import files


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """Return what is in the file, made and durable at the first call."""
    if not path.exists():
        files.replace(path, [make().encode()])
    return path.read_text().strip()


def forget(path: Path) -> None:
    """Remove a secret; return once it is gone from the disk."""
    files.remove(path)
