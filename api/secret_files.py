"""Secrets in files beside the data, which only the server's user reads."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from db.journal import files

SETUP_CODE = "setup-code"
"""The file with a one-time code that makes an administrator."""


def new_setup_code() -> str:
    """Return a new one-time code."""
    return secrets.token_hex(8)


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in a file that only its owner reads, made at the first start, by one of
    the workers that start at once.
    """
    if not path.exists():
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        files.replace(made, [make().encode()])
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
        files.fsync_folder(path.parent)
    return path.read_text("utf-8").strip()
