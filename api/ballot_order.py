"""Closed polls' ballots by receipt: where in the record each stands."""

from bisect import bisect_left

from api.byte_cache import ByteCache
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.sealing import sort_ballots
from voting.store import Store


class BallotOrder:
    """The ids of closed polls' ballots, in the order of their receipts: 8 bytes a ballot, kept for
    the polls that were asked for last.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache = ByteCache()

    def of(self, poll: Poll, person: str) -> "memoryview[int]":
        """Return the ids of a closed poll's ballots by receipt. They are sorted the first time, in
        a person's turn.
        """
        pieces = (piece.tobytes() for piece in sort_ballots(self._store, poll.id))
        ids = self._cache.join(poll.id, pieces, person)
        return memoryview(ids).cast("q")

    def find(self, ids: "memoryview[int]", receipt: str) -> int | None:
        """Return the place of the ballot with a receipt, from 0; None if there is no such ballot.

        ids: as `of` returns them
        """

        def receipt_of(ballot_id: int) -> str:
            ballot = self._store.get(Ballot, ballot_id)
            return "" if ballot is None else ballot.receipt

        place = bisect_left(ids, receipt, key=receipt_of)
        return place if place < len(ids) and receipt_of(ids[place]) == receipt else None
