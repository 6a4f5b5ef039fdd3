"""Where the data is, by the environment and by `.env` in the present folder."""

import os
from pathlib import Path

from dotenv import load_dotenv

DEFAULT_URL = "tinydb:///instance/rollcall.json"
TINYDB = "tinydb:///"
DATABASES = "postgresql://", "postgres://"
KEYS = "polls.keys"
"""The file of the polls' keys, with PostgreSQL: in `ROLLCALL_INSTANCE`."""
LACKING = "PostgreSQL needs psycopg: pip install 'rollcall[postgres]'"
IN_DATABASE = (
    "the data is in PostgreSQL, and this command works on a file (--data). `rollcall backup` asks "
    "the running server, ROLLCALL_KEEP_DAYS prunes, and `python -m db.postgres.restoring URL FILE` "
    "restores"
)


def configured_url() -> str:
    """Return `ROLLCALL_DATABASE_URL`, also of `.env`, or its default."""
    load_dotenv(Path(".env"))
    return os.environ.get("ROLLCALL_DATABASE_URL", DEFAULT_URL)


def configured_path() -> Path:
    """Return the file of `ROLLCALL_DATABASE_URL`. Raises ValueError for another store."""
    url = configured_url()
    scheme, found, path = url.partition(TINYDB)
    if url.startswith(DATABASES):
        raise ValueError(IN_DATABASE)
    if scheme or not found:
        raise ValueError("ROLLCALL_DATABASE_URL is not tinydb:///…: name the file with --data")
    return Path(path)


def configured_instance() -> Path:
    """Return the folder of `ROLLCALL_INSTANCE`, or its default."""
    load_dotenv(Path(".env"))
    return Path(os.environ.get("ROLLCALL_INSTANCE", "instance"))
