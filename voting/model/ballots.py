"""Ballots: what is kept of what a voter marks."""

from typing import NamedTuple

from voting.methods import Marks


class Ballot(NamedTuple):
    """One voter's ballot in one poll. A tuple, because a frozen dataclass takes three times as long
    to make, and a hall makes thousands a second.

    `id` is random, so that it tells no order; `voter` is the pseudonym under the poll's key,
    unique in the store, and None in a secret poll that has ended; `person` is None in a secret
    poll. `key` is the idempotency key that it came with, `superseded` those of the ballots that
    it replaced.
    """

    id: int
    poll: int
    voter: str | None
    receipt: str
    marks: Marks
    person: str | None = None
    key: str | None = None
    superseded: tuple[str, ...] = ()
