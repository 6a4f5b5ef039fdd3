"""An assembly to vote in: known voters with tokens, and a poll after another, all open.

Every ballot is its voter's first in its poll, as in a meeting's evening; that the voters come
again is what they do there. Every subject is given the same voters, polls and tokens.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.seeding import seed_store
from api.tokens import Tokens
from db.entity_store import EntityStore
from db.tinydb_store import TinyDBStore
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.text import LOBBY

KEY = "the key of nothing but measurements"
CANDIDATES = 5


@dataclass(frozen=True)
class Hall:
    """What is voted on, and by whom: poll k has the candidates `5k - 4` … `5k`.

    The last poll takes no second ballot.
    """

    voters: int
    polls: int
    tokens: Path

    @property
    def ballots(self) -> int:
        return self.voters * self.polls


def make_hall(
    folder: Path,
    voters: int,
    polls: int,
    password: str = "",
    store: EntityStore | None = None,
) -> Hall:
    """Make our server's data and everybody's tokens in `folder`; voters are `u1`, `u2` …

    password: the Argon2id hash that all have, "" for none
    store: where the data goes, and is then closed; TinyDB in `folder`, if it is not given
    """
    store = store or TinyDBStore(folder / "rollcall.json", datetime.now(UTC))
    now, tokens = datetime.now(UTC), Tokens(KEY, 24)
    seed_store(store, {"rooms": [make_room(polls)]}, now)
    with store.transaction():
        accounts = [
            store.add(make_account(number, password, now)) for number in range(1, voters + 1)
        ]
    assert [poll.candidates[-1].id for poll in store.each(Poll)] == [
        CANDIDATES * (number + 1) for number in range(polls)
    ]
    store.close()
    lines = (f"{tokens.issue(account, now)[0]}\n" for account in accounts)
    (folder / "tokens").write_text("".join(lines))
    return Hall(voters, polls, folder / "tokens")


def make_account(number: int, password: str, now: datetime) -> Account:
    """Return a voter's account; where the password's hash is "" only tokens are of use."""
    email = f"voter{number}@example.org"
    return Account(0, email, email, f"Voter {number}", password, 0, False, now)


def make_room(polls: int) -> dict[str, Any]:
    """Return the lobby with its polls, as `db/seed.json` has them."""
    candidates = [{"name": f"Candidate {number}"} for number in range(CANDIDATES)]
    poll = {"title": "Who?", "method": "plurality", "candidates": candidates}
    last = {**poll, "allow_change": False}
    every = [*[poll] * (polls - 1), last]
    return {"code": LOBBY, "name": "Lobby", "visibility": "public", "polls": every}
