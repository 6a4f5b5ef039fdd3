"""The record and the names of a poll so large that no cache would hold both."""

from functools import partial

import pytest

from api import records
from api.byte_cache import ByteCache
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.recording import whole_record
from voting.store import Store


def test_names_of_a_huge_record_are_read_once_for_many_readers(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "ByteCache", partial(ByteCache, size=1))
    poll = add_poll(store, secrecy="named")
    cast_ballot(store, poll.id, add_account(store, "ann"), Vote((1,)), fresh())
    closed, made, read = close_poll(store, poll.id, NOW, CLOCK), records.Records(store), []
    iter_names = store.iter_names

    def count_reads(poll_id: int) -> object:
        read.append(poll_id)
        return iter_names(poll_id)

    monkeypatch.setattr(store, "iter_names", count_reads)

    responses = {
        (*made.names(closed, "u1", named=True), made.record(closed, "u1")) for _ in range(3)
    }

    assert len(responses) == 1
    assert read == [poll.id] * 2  # for the names, and for their hashes beside the ballots


def test_record_is_the_same_in_whatever_order_the_store_has_its_names(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = add_poll(store, secrecy="named")
    for name in ("ann", "ben", "kim"):
        cast_ballot(store, poll.id, add_account(store, name), Vote((1,)), fresh())
    closed, iter_names = close_poll(store, poll.id, NOW, CLOCK), store.iter_names
    record = whole_record(store, closed)

    monkeypatch.setattr(store, "iter_names", lambda poll_id: iter([*iter_names(poll_id)][::-1]))
    other = whole_record(store, closed)

    assert len({each["name_hash"] for each in record["ballots"]}) == 3
    assert other["ballots"] == record["ballots"]
