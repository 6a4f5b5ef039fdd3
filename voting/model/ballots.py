"""Ballots, as they are stored."""

from typing import NamedTuple

from voting.methods import Marks


class Ballot(NamedTuple):
    """One voter's ballot in one poll. A tuple, because a frozen dataclass takes three times as long
    to make, and a hall makes thousands a second.

    id: random, so that it reveals no order
    voter: the pseudonym under the poll's key, unique in the store; None in a secret poll that has
        ended
    person: None in a secret poll
    key: the idempotency key that the client sent
    superseded: the idempotency keys of the ballots that this one replaced
    """

    id: int
    poll: int
    voter: str | None
    receipt: str
    marks: Marks
    person: str | None = None
    key: str | None = None
    superseded: tuple[str, ...] = ()
