"""The expert's Python: a bare ASGI app, and SQLite behind one thread that commits what has queued.

uvicorn runs it on uvloop with httptools. Tokens are verified once and their expiry checked every
time; the body is checked by msgspec's compiled decoder. Each vote is checked before it is written,
so a refusal undoes nothing.
"""

import asyncio
import os
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from bench.peers import rules

CACHED_TOKENS = 10_000
FIND = """
    SELECT state, allow_change, EXISTS (SELECT 1 FROM voters WHERE id = ?),
        EXISTS (SELECT 1 FROM candidates WHERE id = ? AND poll = polls.id)
    FROM polls WHERE id = ?
"""
INSERT = "INSERT INTO ballots VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
UPDATE = "UPDATE ballots SET candidate = ?, receipt = ? WHERE poll = ? AND voter = ?"

Answer = tuple[int, Any]
Vote = tuple[int, str, int, "asyncio.Future[Answer]"]


class Ballot(msgspec.Struct, forbid_unknown_fields=True):
    choices: Annotated[list[int], msgspec.Meta(min_length=1, max_length=1)]


decode = msgspec.json.Decoder(Ballot).decode
encode = msgspec.json.Encoder().encode
verified: dict[str, tuple[str, float]] = {}


def read_voter(header: str) -> str:
    """Return whose a token is. Raises `Refused`."""
    voter, expires = verified.get(header, ("", 0.0))
    if time.time() < expires:
        return voter
    claims = rules.read_claims(header)
    if len(verified) >= CACHED_TOKENS:
        del verified[next(iter(verified))]
    verified[header] = str(claims["sub"]), claims["exp"]
    return str(claims["sub"])


class Writer(threading.Thread):
    """Casts votes: one commit for all that wait, answered after it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(daemon=True)
        self._loop, self._waiting = loop, queue.SimpleQueue[Vote]()
        self.put = self._waiting.put

    def run(self) -> None:
        connection = rules.connect()
        while True:
            votes = [self._waiting.get()]
            votes += (self._waiting.get_nowait() for _ in range(self._waiting.qsize()))
            try:
                answers = cast_all(connection, votes)
            except Exception:  # noqa: BLE001 (every waiting request gets it)
                connection.rollback()
                answers = [(500, {"code": "internal"})] * len(votes)
            self._loop.call_soon_threadsafe(answer, votes, answers)


def answer(votes: list[Vote], answers: list[Answer]) -> None:
    for (*_, future), each in zip(votes, answers, strict=True):
        if not future.done():
            future.set_result(each)


def cast_all(connection: Any, votes: list[Vote]) -> list[Answer]:
    """Keep votes in one transaction; return a status and a document of each."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    execute = connection.execute
    execute("BEGIN IMMEDIATE")
    answers = [cast(execute, poll, voter, candidate, now) for poll, voter, candidate, _ in votes]
    execute("COMMIT")
    return answers


def cast(execute: Any, poll: int, voter: str, candidate: int, now: str) -> Answer:
    """Keep one ballot; return its status and document."""
    found = execute(FIND, (voter, candidate, poll)).fetchone()
    if found is None:
        return 404, {"code": "not_found"}
    state, allows_change, is_voter, is_candidate = found
    if state != "open":
        return 409, {"code": "poll_not_open"}
    if not is_voter:
        return 403, {"code": "not_eligible"}
    if not is_candidate:
        return 400, {"code": "unknown_candidate"}
    receipt = os.urandom(16).hex()
    changed = not execute(INSERT, (poll, voter, candidate, receipt)).rowcount
    if changed and not allows_change:
        return 409, {"code": "already_voted"}
    if changed:
        execute(UPDATE, (candidate, receipt, poll, voter))
    document = {"receipt": receipt, "poll": poll, "changed": changed, "server_time": now}
    return 200 if changed else 201, document


async def put_ballot(scope: Any, receive: Callable[[], Awaitable[Any]]) -> Answer:
    """Take one vote; return its status and document once it is committed."""
    parts = scope["path"].split("/")
    if len(parts) != 4 or parts[1] != "polls" or parts[3] != "ballot" or not parts[2].isdigit():
        return 404, {"code": "not_found"}
    if scope["method"] != "PUT":
        return 405, {"code": "method_not_allowed"}
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    try:
        voter = read_voter(header.decode("latin-1"))
        [candidate] = decode(body).choices
    except rules.Refused as refused:
        return refused.status, {"code": refused.code}
    except msgspec.MsgspecError:
        return 400, {"code": "invalid_request"}
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()
    scope["state"]["writer"].put((int(parts[2]), voter, candidate, future))
    return await future


async def live(state: Any, receive: Any, send: Any) -> None:
    await receive()
    rules.make_tables()
    state["writer"] = Writer(asyncio.get_running_loop())
    state["writer"].start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live(scope["state"], receive, send)
        return
    status, document = await put_ballot(scope, receive)
    body = encode(document)
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
