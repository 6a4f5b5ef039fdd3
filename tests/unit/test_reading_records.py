"""Records and recounts are made while others are served, who may delete their room meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest

from api import records as module
from api import slices
from api.records import Records
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh, standing_of
from voting.casting import Vote, has_voted
from voting.ending import close_poll, void_poll
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.people import find_room
from voting.refusals import NotFound
from voting.rooms import delete_room
from voting.store import Store

BALLOTS = 5


def add_closed(store: Store) -> Poll:
    """Return a closed ranked poll."""
    poll = add_poll(store, room="C1UB00", method="ranked")
    for number in range(BALLOTS):
        voter = add_account(store, f"voter{number}")
        cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh())
    return close_poll(store, poll.id, NOW, "u1")


def watch_rests(monkeypatch: pytest.MonkeyPatch, rest: Callable[[], None]) -> None:
    """Let others do something whenever long work could rest."""

    def rests(*_: Any) -> Callable[[], None]:
        return rest

    monkeypatch.setattr(slices, "Rests", rests)
    monkeypatch.setattr(module, "Rests", rests)


def test_recount_lets_others_be_served_after_each_ballot(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, rests = add_closed(store), list[None]()
    watch_rests(monkeypatch, lambda: rests.append(None))

    Records(store).recount(poll, "schulze", "u1")

    assert len(rests) > BALLOTS


READS: dict[str, Callable[[Records, Poll], bytes]] = {
    "record": lambda records, poll: records.record(poll, "u1"),
    "recount": lambda records, poll: records.recount(poll, "irv", "u1"),
}


@pytest.mark.parametrize("read", READS)
def test_poll_whose_room_is_deleted_while_it_is_read_is_not_found(
    store: Store, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    poll, records, deleted = add_closed(store), Records(store), list[Room]()

    def delete_once() -> None:
        if not deleted:
            deleted.append(find_room(store, poll.room))
            delete_room(store, deleted[0])

    watch_rests(monkeypatch, delete_once)

    with pytest.raises(NotFound):
        READS[read](records, poll)
    assert deleted


@pytest.mark.parametrize("state", ["closed", "void"])
def test_own_ballot_is_found_in_a_named_poll_whose_key_is_gone(store: Store, state: str) -> None:
    poll, (ann, ben, noah) = vote_by_name(store)
    if state == "closed":
        ended = close_poll(store, poll.id, NOW, "u1")
    else:
        ended = void_poll(store, poll.id, NOW, "u1", "a mistake")
    store.forget_poll_keys([poll.id])

    found = [Records(store).own_ballot(ended, each.person) for each in (ann, ben, noah)]

    assert [each and each.person for each in found] == [ann.person, ben.person, None]


def test_whether_somebody_has_voted_is_known_without_a_key_and_without_reading_ballots(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, people = vote_by_name(store)
    close_poll(store, poll.id, NOW, "u1")
    store.forget_poll_keys([poll.id])

    def read_no_ballots(_poll_id: int) -> Any:
        raise AssertionError("all ballots were read")

    monkeypatch.setattr(store, "iter_ballots", read_no_ballots)
    voted = [has_voted(store, poll, standing_of(store, poll, each)) for each in people]

    assert voted == [True, True, False]


def vote_by_name(store: Store) -> tuple[Poll, list[Account]]:
    """Return an open named poll, and three people, of whom the first two have voted in it."""
    poll = add_poll(store, secrecy="named")
    people = [add_account(store, name) for name in ("ann", "ben", "noah")]
    for voter in people[:2]:
        cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), fresh())
    return poll, people
