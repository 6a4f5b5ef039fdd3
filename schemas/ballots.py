"""Ballots: what a voter marks, and what is kept of it."""

from dataclasses import dataclass

from schemas.validation import Schema

CHOICES = 200

BALLOT = Schema(
    {
        "choices": {
            "type": "list",
            "required": True,
            "maxlength": CHOICES,
            "schema": {"type": "integer", "min": 1},
        }
    }
)


@dataclass(frozen=True)
class Ballot:
    """One voter's ballot in one poll.

    `id` is random, so that it tells no order; `voter` is the pseudonym under the poll's key,
    unique in the store; `person` is None in a secret poll. `key` is the idempotency key that
    it came with, `superseded` those of the ballots that it replaced.
    """

    id: int
    poll: int
    voter: str
    receipt: str
    choices: tuple[int, ...]
    person: str | None = None
    key: str | None = None
    superseded: tuple[str, ...] = ()
