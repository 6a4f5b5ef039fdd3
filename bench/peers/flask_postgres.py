"""Flask and PostgreSQL under gunicorn: psycopg's pool, and one prepared statement a vote.

The statement reads the poll FOR SHARE, so that no ballot is stored after a close that another
worker has answered, and stores the ballot by one upsert. It is committed by itself.
"""

import fcntl
import os
import secrets
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask, jsonify, request
from psycopg_pool import ConnectionPool

from bench.peers import rules

URL = os.environ["DATABASE"]
SIZE = int(os.environ["CONNECTIONS"])

SCHEMA = """
    CREATE TABLE IF NOT EXISTS peer_voters (id text PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS peer_polls (
        id int PRIMARY KEY, state text NOT NULL, allow_change boolean NOT NULL);
    CREATE TABLE IF NOT EXISTS peer_candidates (
        id int PRIMARY KEY, poll int NOT NULL REFERENCES peer_polls (id) ON DELETE CASCADE);
    CREATE TABLE IF NOT EXISTS peer_ballots (
        poll int NOT NULL REFERENCES peer_polls (id) ON DELETE CASCADE, voter text NOT NULL,
        candidate int NOT NULL, receipt text NOT NULL, PRIMARY KEY (poll, voter));
"""
CAST = """
    WITH poll AS (SELECT state, allow_change FROM peer_polls WHERE id = %(poll)s FOR SHARE),
    known AS (SELECT 1 FROM peer_candidates WHERE id = %(candidate)s AND poll = %(poll)s),
    cast_now AS (
        INSERT INTO peer_ballots SELECT %(poll)s, %(voter)s, %(candidate)s, %(receipt)s
        FROM poll, known WHERE state = 'open'
        ON CONFLICT (poll, voter)
        DO UPDATE SET candidate = excluded.candidate, receipt = excluded.receipt
        WHERE (SELECT allow_change FROM poll) RETURNING xmax <> 0 AS changed
    )
    SELECT state, EXISTS (SELECT FROM known), (SELECT changed FROM cast_now) FROM poll
"""

app = Flask(__name__, static_folder=None)


def make_tables() -> None:
    """Make the tables with every poll open; the last one's ballots are final."""
    first, places = rules.CANDIDATES, range(1, rules.CANDIDATES + 1)
    candidates = [
        (first * (poll - 1) + place, poll) for poll in range(1, rules.POLLS + 1) for place in places
    ]
    with (rules.FOLDER / "tables").open("w") as lock, psycopg.connect(URL) as connection:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers start together
        cursor = connection.cursor()
        cursor.execute(SCHEMA)
        if cursor.execute("SELECT 1 FROM peer_polls LIMIT 1").fetchone():
            return
        cursor.executemany(
            "INSERT INTO peer_voters VALUES (%s)",
            [(f"u{each + 1}",) for each in range(rules.VOTERS)],
        )
        cursor.executemany(
            "INSERT INTO peer_polls VALUES (%s, 'open', %s)",
            [(poll, poll < rules.POLLS) for poll in range(1, rules.POLLS + 1)],
        )
        cursor.executemany("INSERT INTO peer_candidates VALUES (%s, %s)", candidates)


make_tables()
pool = ConnectionPool(
    URL,
    min_size=SIZE,
    max_size=SIZE,
    kwargs={"autocommit": True, "prepare_threshold": 0, "application_name": "rollcall peer"},
)


@app.errorhandler(rules.Refused)
def refuse(refused: rules.Refused) -> Any:
    return jsonify(code=refused.code), refused.status


@app.put("/polls/<int:poll>/ballot")
def put_ballot(poll: int) -> Any:
    voter = rules.read_voter(request.headers.get("Authorization"))
    body = request.get_json(silent=True)
    choices = body.get("choices") if isinstance(body, dict) else None
    if not (isinstance(choices, list) and len(choices) == 1 and type(choices[0]) is int):
        raise rules.Refused(400, "invalid_request")
    receipt = secrets.token_hex(16)
    ballot = {"poll": poll, "voter": voter, "candidate": choices[0], "receipt": receipt}
    with pool.connection() as connection:
        row = connection.execute(CAST, ballot).fetchone()
    if row is None:
        raise rules.Refused(404, "not_found")
    state, known, changed = row
    if state != "open":
        raise rules.Refused(409, "poll_not_open")
    if not known:
        raise rules.Refused(400, "unknown_candidate")
    if changed is None:
        raise rules.Refused(409, "already_voted")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    document = {"receipt": receipt, "poll": poll, "changed": changed, "server_time": now}
    return jsonify(document), 200 if changed else 201
