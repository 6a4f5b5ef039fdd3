"""What the tests of rules put into a store: people, a room, polls."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from schemas.strings import email_of
from voting.accounts import sign_up
from voting.casting import Cast, Casting, NewBallot, Vote, enter_as_voter, store_ballot
from voting.meetings import begin_meeting
from voting.model.accounts import Account
from voting.model.meetings import Meeting
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Room
from voting.people import Holder, Standing, find_room, standing_in
from voting.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CANDIDATES = (Candidate(0, "김하늘"), Candidate(0, "이서준"), Candidate(0, "Ada"))

_numbers = count(1)


def fresh(now: datetime = NOW) -> NewBallot:
    """Return the id and receipt of a new ballot; each is another."""
    number = next(_numbers)
    return NewBallot(now, number, f"{number:032x}")


def add_poll(store: Store, **rules: Any) -> Poll:
    """Keep an open poll of three candidates, in the lobby where not told otherwise."""
    draft = replace(Poll(0, "lobby", "Who?", CANDIDATES, state="open"), **rules)
    with store.transaction():
        if store.find(Room, "code", draft.room) is None:
            store.add(Room(0, draft.room, "Room", "public"))
        return store.make_poll_key(store.add(draft))


def begin(store: Store, code: str = "lobby", now: datetime = NOW) -> Meeting:
    """Begin a meeting in a room."""
    return begin_meeting(store, find_room(store, code), now, actor="u1")


def standing_of(store: Store, poll: Poll, holder: Holder | None) -> Standing:
    """Return what somebody is in a poll's room."""
    return standing_in(store, find_room(store, poll.room), holder)


def add_account(store: Store, name: str) -> Account:
    """Keep an account."""
    return sign_up(store, email_of(f"{name}@example.org"), name, "hash", NOW)


def cast_ballot(
    store: Store, poll_id: int, holder: Holder | None, vote: Vote, new: NewBallot
) -> Cast:
    """Cast a ballot in a transaction of its own."""
    with store.transaction():
        eligible = enter_as_voter(Casting(store, new.now), poll_id, holder)
        return store_ballot(store, eligible, vote, new)
