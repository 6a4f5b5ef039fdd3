"""Opens the store that a setting names."""

import secrets
from datetime import datetime
from pathlib import Path

from db.configured import KEYS, LACKING
from db.entity_store import EntityStore
from db.journal import Unavailable, files
from db.tinydb_store import TinyDBStore


def open_store(
    database: Path | str,
    folder: Path,
    now: datetime,
    worker: str = "",
    *,
    keep_journals: bool = False,
) -> EntityStore:
    """Open the store in a TinyDB file, or in the PostgreSQL database of a URL.

    folder: where the keys of polls are, with PostgreSQL
    now: aware UTC
    worker: what this process is called among the workers of the database
    keep_journals: whether TinyDB's journals stay after compactions

    Raises `JournalError`.
    """
    if isinstance(database, Path):
        return TinyDBStore(database, now, keep_journals=keep_journals)
    try:
        from db.postgres import PostgresStore  # noqa: PLC0415 (an optional dependency)
    except ModuleNotFoundError as error:
        raise Unavailable(LACKING) from error
    files.make_folder(folder)
    name = "-".join(filter(None, (worker, secrets.token_hex(4))))  # another after each start
    return PostgresStore(database, folder / KEYS, now, worker=name)


def find_unsafe(url: str) -> list[str]:
    """Return the settings of a PostgreSQL database by which a crash of it loses votes.

    Raises `Unavailable` if it can't be reached.
    """
    try:
        from db.postgres.connecting import ask_unsafe  # noqa: PLC0415 (an optional dependency)
    except ModuleNotFoundError as error:
        raise Unavailable(LACKING) from error
    return ask_unsafe(url)
