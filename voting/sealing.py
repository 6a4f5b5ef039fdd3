"""Sealing: what the end of a secret poll does to its ballots, so that nothing leads from a voter to
one of them.

A poll may have a million ballots. A store with files writes them anew and then replaces all at once
(`Store.replace_ballots`). Otherwise each transaction takes some of them and can be repeated: after
a crash the rest is done at the next start.
"""

import secrets
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import TypeAlias, TypeVar

from voting.methods import Marks, most_marks
from voting.model.ballots import Ballot
from voting.model.polls import ENDED, Poll
from voting.rest import Rest, no_rest, rested
from voting.store import Store

AT_ONCE, EACH = 10_000, 100
"""How many marks one transaction seals, and as how many each ballot counts besides, by the time
they take: while it lasts, nobody else is served; and each transaction waits for the disk.
"""
PILE_LETTERS, START_BYTES = 3, 8
HELD, HELD_BESIDE = 3_000_000, 9
"""A poll's ballots are in memory while it is counted if they can have at most so many marks, and as
how many each counts besides: it takes 250 bytes, and each mark up to 40.
"""

FREED_AT_ONCE = 1_000

T = TypeVar("T")
Held: TypeAlias = tuple[str, int, Marks, str | None]
"""A ballot's receipt, id, marks and person. A plain tuple: the garbage collector lets it alone."""


def sort_ballots(store: Store, poll_id: int) -> "Iterator[array[int]]":
    """Yield the ids of a poll's ballots by receipt, in pieces that are quickly made: one sort of
    them all takes long. The pieces are empty while the ballots are read.
    """
    nothing: array[int] = array("q")
    piles: defaultdict[str, tuple[array[int], array[int]]]
    piles = defaultdict(lambda: (array("Q"), array("q")))
    for ballot in store.iter_ballots(poll_id):
        receipt = ballot.receipt
        starts, ids = piles[receipt[:PILE_LETTERS]]
        starts.append(_start_of(receipt))
        ids.append(ballot.id)
        yield nothing

    def receipt_of(ballot_id: int) -> str:
        ballot = store.get(Ballot, ballot_id)
        return "" if ballot is None else ballot.receipt

    for pile in sorted(piles):
        starts, ids = piles.pop(pile)
        if len({*starts}) == len(starts):
            yield array("q", [ballot_id for _, ballot_id in sorted(zip(starts, ids, strict=True))])
        else:
            yield array("q", sorted(ids, key=receipt_of))


def _start_of(receipt: str) -> int:
    """Return a number of 64 bits for the letters after a pile's. It sorts as they do."""
    letters = receipt[PILE_LETTERS : PILE_LETTERS + START_BYTES].encode()[:START_BYTES]
    return int.from_bytes(letters.ljust(START_BYTES, b"\0"))


class Sorted:
    """A poll's ballots by receipt, without voter and key, as often as they are asked for. Those of
    a poll that isn't huge are held in memory; the others are read each time.
    """

    def __init__(
        self, store: Store, poll_id: int, ids: "array[int]", held: list[list[Held]] | None = None
    ) -> None:
        self._store, self._poll, self.held, self.ids = store, poll_id, held, ids
        self._in_order = False

    def __len__(self) -> int:
        return len(self.ids)

    def note_order(self) -> None:
        """Note that the store has the same ballots in this order now, under other ids."""
        self._in_order = True

    def free(self, rest: Rest) -> None:
        """Hold nothing any more: to free many at once takes long."""
        while self.held:
            self.held.pop()
            rest()

    def __iter__(self) -> Iterator[Ballot]:
        poll_id = self._poll
        if self._in_order and self.held is None:
            yield from self._store.iter_ballots(poll_id)
        elif self.held is None:
            for each in find_each(self._store, self.ids):
                yield Ballot(each.id, poll_id, None, each.receipt, each.marks, each.person)
        for pile in self.held or ():
            for receipt, ballot_id, marks, person in pile:
                yield Ballot(ballot_id, poll_id, None, receipt, marks, person)


def free(items: list[T], rest: Rest) -> None:
    """Remove a long list's items in slices."""
    while items:
        del items[-FREED_AT_ONCE:]
        rest()


def load_sorted(store: Store, poll: Poll, rest: Rest) -> Sorted:
    """Return a poll's ballots by receipt. rest: called often"""
    ids: array[int] = array("q")
    marks = most_marks(poll.method, poll.max_choices, len(poll.candidates))
    if store.size(Ballot, poll.id, "poll") * (HELD_BESIDE + marks) > HELD:
        for piece in sort_ballots(store, poll.id):
            ids.extend(piece)
            rest()
        return Sorted(store, poll.id, ids)
    piles: defaultdict[str, list[Held]] = defaultdict(list)
    for each in store.iter_ballots(poll.id):
        receipt = each.receipt
        piles[receipt[:PILE_LETTERS]].append((receipt, each.id, each.marks, each.person))
        rest()
    held = []
    for _, pile in sorted(piles.items()):
        pile.sort(key=itemgetter(0))
        held.append(pile)
        ids.extend(ballot_id for _, ballot_id, _, _ in pile)
        rest()
    return Sorted(store, poll.id, ids, held)


def seal_ballots(store: Store, poll: Poll, rest: Rest) -> Sorted:
    """Rewrite a secret poll's ballots under random ids, in the order of their receipts, without
    pseudonym or key; those of a named poll stay as they are. Return all by receipt.

    rest: called often, outside transactions
    """
    while True:
        ballots = load_sorted(store, poll, rest)
        if len(ballots) != store.size(Ballot, poll.id, "poll"):
            continue  # somebody else is sealing them
        if poll.secrecy != "secret":
            return ballots
        if store.replace_ballots(poll.id, rested(ballots, rest)):
            ballots.note_order()
            return ballots
        ballots.ids = _seal(store, ballots.ids, rest)
        if len(ballots) == store.size(Ballot, poll.id, "poll"):
            return ballots


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
            seal_ballots(store, poll, rest).free(rest)
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
