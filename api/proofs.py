"""Proofs that a ballot is in a closed poll's record, made without the rest of the record."""

from functools import partial
from typing import TypedDict

from api.ballot_order import BallotOrder
from api.byte_cache import ByteCache
from voting.leaves import BEFORE_BALLOTS, BESIDE_BALLOTS, ballot_leaf, head_leaves, result_leaf
from voting.merkle import BLOCK, hash_leaf, path_to
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordTree
from voting.record import Recorded, record_head
from voting.recording import recorded_ballot, recorded_result
from voting.refusals import NotFound
from voting.store import Store

HASH_BYTES = 32


class Proof(TypedDict):
    """That a ballot is in a record (RFC 9162, 2.1.3): its leaf as the text that is hashed, the
    leaf's place and the number of leaves, the hashes on its way to the root in hex, the root.
    """

    leaf: str
    index: int
    size: int
    path: list[str]
    root: str


class Proofs:
    """Makes proofs. Each needs the leaves of one block; their hashes are cached."""

    def __init__(self, store: Store, order: BallotOrder) -> None:
        self._store, self._order = store, order
        self._cache = ByteCache()

    def prove(self, poll: Poll, recorded: Recorded, receipt: str, person: str) -> Proof:
        """Return the proof of a closed poll's ballot. Raises `NotFound` for an unknown receipt.

        person: who asks; a poll's ballots are sorted once, in their turn
        """
        ids = self._order.of(poll, person)
        place = self._order.find(ids, receipt)
        if place is None:
            raise NotFound
        leaf = partial(_leaf, self._store, poll, recorded, ids)
        index, size = BEFORE_BALLOTS + place, BESIDE_BALLOTS + len(ids)
        block = index // BLOCK
        places = range(block * BLOCK, min((block + 1) * BLOCK, size))
        made = (hash_leaf(leaf(each)) for each in places)
        hashes = _split(self._cache.join((poll.id, block), made, person))
        path = path_to(hashes, index % BLOCK) + path_to(self._block_roots(poll), block)
        return {
            "leaf": leaf(index).decode(),
            "index": index,
            "size": size,
            "path": [each.hex() for each in path],
            "root": (poll.outcome or {})["digest"],
        }

    def _block_roots(self, poll: Poll) -> list[bytes]:
        tree = self._store.find(RecordTree, "poll_key", str(poll.id))
        return _split(bytes.fromhex(tree.blocks) if tree is not None else b"")


def _split(hashes: bytes) -> list[bytes]:
    """Return hashes that follow one another."""
    return [hashes[each : each + HASH_BYTES] for each in range(0, len(hashes), HASH_BYTES)]


def _leaf(
    store: Store, poll: Poll, recorded: Recorded, ids: "memoryview[int]", index: int
) -> bytes:
    """Return a leaf of a record by its place; `ids` are the ballots' by receipt."""
    place = index - BEFORE_BALLOTS
    if place < 0:
        return head_leaves(record_head(poll, recorded))[index]
    if place == len(ids):
        return result_leaf(recorded_result(poll), recorded["salt"])
    ballot = store.get(Ballot, ids[place])
    if ballot is None:
        raise NotFound  # its room has been deleted meanwhile
    return ballot_leaf(poll.id, len(ids), recorded_ballot(store, poll, ballot))
