"""A hall full of people: a server with accounts made beforehand, and polls of every kind.

Argon2 is slow on purpose; tests about votes take their voters from here.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from api.tokens import Tokens
from db.entity_store import EntityStore
from schemas.strings import email_of
from tests.server import Server
from voting.accounts import sign_up
from voting.model.accounts import Account

KEY = "a key of tests, long enough for every algorithm. " * 2
PASSWORD = "correct-horse"
PEOPLE = 600

LOBBY_POLL, FINAL, OVER, NAMED, HIDDEN, ROLL_ONLY = range(1, 7)
POLLS: tuple[dict[str, Any], ...] = (
    {"title": "앞으로 · The lobby's", "candidates": [{"name": f"후보 {n}"} for n in range(1, 11)]},
    {"title": "Final", "allow_change": False},
    {"title": "Over", "closes_at": "2026-01-01T09:00:00+09:00"},
    {"title": "Named", "secrecy": "named"},
    {"title": "Hidden", "results": "closed"},
    {"title": "Roll only", "eligibility": "roll"},
)


class Hall(Server):
    """A server whose accounts nobody has voted with yet, but by `newcomer`."""

    def __init__(self, folder: Path, people: int = PEOPLE, **settings: str) -> None:
        seed = folder / "seed.json"
        super().__init__(folder, SECRET_KEY=KEY, SEED=str(seed), **settings)
        two = [{"name": "Yes"}, {"name": "No"}]
        polls = [{"candidates": two, **poll} for poll in POLLS]
        rooms = [
            {"code": "lobby", "name": "Lobby", "visibility": "public", "polls": polls},
            {"code": "H1DDEN", "name": "Board", "visibility": "members", "polls": []},
        ]
        seed.write_text(json.dumps({"rooms": rooms}))
        self.tokens = Tokens(KEY, hours=12)
        self.people = make_people(self.open_store(), people)
        self._unused = iter(self.people)

    def newcomer(self) -> str:
        """Return the token of somebody who has not done anything yet."""
        return self.token_of(next(self._unused))

    def newcomers(self, count: int) -> list[str]:
        """Return the tokens of several such people."""
        return [self.newcomer() for _ in range(count)]

    def token_of(self, account: Account) -> str:
        """Return a new token of an account, as signing in gives."""
        return self.tokens.issue(account, datetime.now(UTC))[0]

    def candidates(self, poll: int) -> list[int]:
        """Return the ids of a poll's candidates."""
        document = self.request("GET", f"/polls/{poll}").json()
        return [candidate["id"] for candidate in document["candidates"]]


def make_people(store: EntityStore, count: int) -> list[Account]:
    """Put accounts with one password into a store, and close it."""
    now = datetime.now(UTC)
    hashed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    with store.transaction():
        people = [
            sign_up(store, email_of(f"person{n}@example.org"), f"사람 {n}", hashed, now)
            for n in range(count)
        ]
    store.close()
    return people


def refusal(answer: Any) -> tuple[int, str]:
    """Return status and code of a refusal that is told as every refusal has to be."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() >= {"type", "title", "status", "detail", "code"}
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    assert (answer.headers.get("WWW-Authenticate") == "Bearer") == (answer.status_code == 401)
    return answer.status_code, problem["code"]


def faults(answer: Any) -> dict[str, str]:
    """Return the code of each fault that a 400 names, by field."""
    assert refusal(answer) == (400, "invalid_request"), answer.text
    errors = answer.json()["errors"]
    assert all(error["detail"] for error in errors)
    return {error["field"]: error["code"] for error in errors}
