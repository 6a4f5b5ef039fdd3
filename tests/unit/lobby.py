"""What the tests of rules put into a store: people, a room, polls."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from db import Store
from schemas.accounts import Account
from schemas.polls import Candidate, Poll
from voting.accounts import sign_up
from voting.casting import Fresh

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANDIDATES = (Candidate(0, "김하늘"), Candidate(0, "이서준"), Candidate(0, "Ada"))

_numbers = count(1)


def fresh(now: datetime = NOW) -> Fresh:
    """Return the id and receipt of a new ballot; each is another."""
    number = next(_numbers)
    return Fresh(now, number, f"{number:032x}")


def add_poll(store: Store, **rules: Any) -> Poll:
    """Keep an open poll of three candidates."""
    draft = Poll(0, "lobby", "Who?", CANDIDATES, state="open")
    with store.transaction():
        return store.add_poll(replace(draft, **rules))


def add_account(store: Store, name: str) -> Account:
    """Keep an account."""
    return sign_up(store, f"{name}@example.org", name, "hash", NOW)
