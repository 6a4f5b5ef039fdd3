"""Sealing: what the end of a secret poll does to its ballots, so that nothing leads from a voter to
one of them.

A poll may have a million ballots. So each step takes some of them and can be repeated: after a
crash the rest is done at the next start.
"""

import secrets
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator

from voting.model.ballots import Ballot
from voting.model.polls import ENDED, Poll
from voting.ranked import Rest, no_rest
from voting.store import Store

AT_ONCE, EACH = 10_000, 100
"""How many marks one transaction seals, and as how many each ballot counts besides, by the time
they take: while it lasts, nobody else is served; and each transaction waits for the disk.
"""
PILE_LETTERS = 3


def sort_ballots(store: Store, poll_id: int) -> "Iterator[array[int]]":
    """Yield the ids of a poll's ballots by receipt, in pieces that are quickly made: one sort of
    them all takes long. The pieces are empty while the ballots are read.
    """
    nothing: array[int] = array("q")
    piles: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
    for ballot in store.iter_ballots(poll_id):
        piles[ballot.receipt[:PILE_LETTERS]].append(ballot.id)
        yield nothing

    def receipt_of(ballot_id: int) -> str:
        ballot = store.get(Ballot, ballot_id)
        return "" if ballot is None else ballot.receipt

    for pile in sorted(piles):
        yield array("q", sorted(piles.pop(pile), key=receipt_of))


def seal_ballots(store: Store, poll: Poll, rest: Rest) -> "array[int]":
    """Rewrite a secret poll's ballots under random ids, in the order of their receipts, without
    pseudonym or key; those of a named poll stay as they are. Return the ids of all by receipt.

    rest: called between transactions
    """
    while True:
        ids: array[int] = array("q")
        for piece in sort_ballots(store, poll.id):
            ids.extend(piece)
            rest()
        if poll.secrecy == "secret":
            ids = _seal(store, ids, rest)
        if len(ids) == store.size(Ballot, poll.id, "poll"):  # else somebody else is sealing them
            return ids


def must_lose_key(poll: Poll) -> bool:
    """Return whether a poll's key must go: it is a secret poll that has ended."""
    return poll.state in ENDED and poll.secrecy == "secret"


def lose_key(store: Store, poll: Poll, rest: Rest = no_rest) -> None:
    """Remove the key of a secret poll that has ended; return once it is gone from the files. Call
    it outside a transaction.

    A close has sealed the ballots; those of a void poll are sealed here.
    """
    if must_lose_key(poll) and poll.id in store.keyed_polls():
        if poll.state == "void":
            seal_ballots(store, poll, rest)
        store.forget_poll_keys([poll.id])


def _seal(store: Store, ids: "array[int]", rest: Rest) -> "array[int]":
    """Seal those ballots that aren't yet; return the ids of all in the same order."""
    sealed: array[int] = array("q")
    left, found = find_each(store, ids), True
    while found:
        marks, found = 0, False
        with store.transaction():
            for ballot in left:
                found = True
                sealed.append(_seal_one(store, ballot).id)
                marks += EACH + len(ballot.marks)
                if marks >= AT_ONCE:
                    break
        rest()
    return sealed


def _seal_one(store: Store, ballot: Ballot) -> Ballot:
    if ballot.voter is None:
        return ballot
    store.remove(ballot)
    sealed = Ballot(secrets.randbits(53), ballot.poll, None, ballot.receipt, ballot.marks)
    return store.add(sealed)


def find_each(store: Store, ids: Iterable[int]) -> Iterator[Ballot]:
    """Yield ballots by their ids, without those that are gone."""
    for ballot_id in ids:
        ballot = store.get(Ballot, ballot_id)
        if ballot is not None:
            yield ballot
