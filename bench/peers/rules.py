"""What the peers in Python share: the token, the tables, the rules of a ballot. No framework.

Verifying with PyJWT, SQLite in WAL mode with synchronous=FULL, one ballot per voter held by a
constraint, and the answer once the commit has returned.
"""

import os
import secrets
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt

KEY = os.environ["KEY"]
FOLDER = Path(os.environ["FOLDER"])
POLLS, VOTERS = int(os.environ["POLLS"]), int(os.environ["VOTERS"])
CANDIDATES = 5

SCHEMA = """
    CREATE TABLE IF NOT EXISTS voters (id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS polls (
        id INTEGER PRIMARY KEY, state TEXT NOT NULL, allow_change INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS candidates (
        id INTEGER PRIMARY KEY, poll INTEGER NOT NULL REFERENCES polls (id));
    CREATE TABLE IF NOT EXISTS ballots (
        poll INTEGER NOT NULL REFERENCES polls (id), voter TEXT NOT NULL,
        candidate INTEGER NOT NULL, receipt TEXT NOT NULL, PRIMARY KEY (poll, voter)
    ) WITHOUT ROWID;
"""


class Refused(Exception):
    """A status and a code for the client."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def connect() -> sqlite3.Connection:
    """Return a connection; what it prepares once it keeps."""
    connection = sqlite3.connect(
        FOLDER / "votes.db", timeout=30, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def make_tables() -> None:
    """Make the tables with every poll open; the last one's ballots are final."""
    connection = connect()
    connection.executescript(SCHEMA)
    if connection.execute("SELECT count(*) FROM polls").fetchone()[0] == 0:
        polls = [(poll, "open", poll < POLLS) for poll in range(1, POLLS + 1)]
        connection.execute("BEGIN")
        voters = [(f"u{number}",) for number in range(1, VOTERS + 1)]
        connection.executemany("INSERT INTO voters VALUES (?)", voters)
        connection.executemany("INSERT INTO polls VALUES (?, ?, ?)", polls)
        candidates = [
            (CANDIDATES * (poll - 1) + place, poll)
            for poll in range(1, POLLS + 1)
            for place in range(1, CANDIDATES + 1)
        ]
        connection.executemany("INSERT INTO candidates VALUES (?, ?)", candidates)
        connection.execute("COMMIT")
    connection.close()


def read_claims(header: str | None) -> Any:
    """Return a token's claims. Raises `Refused`."""
    try:
        token = (header or "").removeprefix("Bearer ")
        return jwt.decode(token, KEY, ["HS256"], options={"require": ["sub", "exp"]})
    except jwt.InvalidTokenError as error:
        raise Refused(401, "unauthenticated") from error


def read_voter(header: str | None) -> str:
    """Return whose a token is. Raises `Refused`."""
    return str(read_claims(header)["sub"])


def cast(connection: sqlite3.Connection, poll: int, voter: str, choices: list[int]) -> Any:
    """Keep a ballot; return its document and status. Raises `Refused`."""
    found = connection.execute("SELECT state, allow_change FROM polls WHERE id = ?", (poll,))
    row = found.fetchone()
    if row is None:
        raise Refused(404, "not_found")
    if row[0] != "open":
        raise Refused(409, "poll_not_open")
    known = connection.execute(
        "SELECT 1 FROM candidates WHERE id = ? AND poll = ?", (choices[0], poll)
    )
    if known.fetchone() is None:
        raise Refused(400, "unknown_candidate")
    receipt, changed = secrets.token_hex(16), False
    ballot = {"poll": poll, "voter": voter, "candidate": choices[0], "receipt": receipt}
    try:
        connection.execute(
            "INSERT INTO ballots VALUES (:poll, :voter, :candidate, :receipt)", ballot
        )
    except sqlite3.IntegrityError as error:
        if not row[1]:
            raise Refused(409, "already_voted") from error
        connection.execute(
            "UPDATE ballots SET candidate = :candidate, receipt = :receipt"
            " WHERE poll = :poll AND voter = :voter",
            ballot,
        )
        changed = True
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    document = {"receipt": receipt, "poll": poll, "changed": changed, "server_time": now}
    return document, 200 if changed else 201
