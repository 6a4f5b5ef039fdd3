"""Proofs are quick to make again: strangers may ask for many."""

import pytest

from api import proofs as module
from api.ballot_order import BallotOrder
from api.proofs import Proofs
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll
from voting.merkle import hash_leaf
from voting.model.ballots import Ballot
from voting.recording import recorded_of
from voting.store import Store


def test_leaves_are_hashed_once_for_all_proofs_of_a_block(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = add_poll(store)
    for number in range(5):
        voter = add_account(store, f"voter{number}")
        cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh())
    closed, proofs = close_poll(store, poll.id, NOW, "u1"), Proofs(store, BallotOrder(store))
    recorded, hashed = recorded_of(closed), list[bytes]()
    assert recorded is not None

    def hash_noted(leaf: bytes) -> bytes:
        hashed.append(leaf)
        return hash_leaf(leaf)

    monkeypatch.setattr(module, "hash_leaf", hash_noted)
    receipts = [ballot.receipt for ballot in store.each(Ballot)]
    made = [proofs.prove(closed, recorded, receipt, "u1") for receipt in receipts]

    assert len(hashed) == made[0]["size"]
    assert {proof["root"] for proof in made} == {(closed.outcome or {})["digest"]}
    assert sorted(proof["index"] for proof in made) == sorted({proof["index"] for proof in made})
