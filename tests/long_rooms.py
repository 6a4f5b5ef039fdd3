"""Rooms with a long history of polls, made in the store of a server that isn't running."""

from dataclasses import replace
from datetime import UTC, datetime

from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Room
from voting.people import find_room
from voting.polls import open_poll
from voting.store import Store

FEW, MANY = 10, 1_000
TWO = (Candidate(0, "Ada"), Candidate(0, "Noah"))


def add_long_room(store: Store, code: str, polls: int) -> None:
    """Add a public room whose polls were closed, each with its results; the last is current."""
    now = datetime.now(UTC)
    with store.transaction():
        store.add(Room(0, code, "Hall", "public"))
        draft = store.add(Poll(0, code, "Whom do we elect as treasurer?", TWO))
    open_poll(store, draft.id, now, CLOCK)
    last = closed = close_poll(store, draft.id, now, CLOCK)
    with store.transaction():
        for _ in range(polls - 1):
            last = store.add(replace(closed, candidates=TWO))
        store.save(replace(find_room(store, code), current_poll=last.id))
