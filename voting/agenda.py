"""The agenda: the order in which a room's drafts are to be opened.

A new draft comes last, because its place is its id. A move hands the places of the drafts that it
passes from one to the next, so no two drafts ever have the same.
"""

from dataclasses import replace

from voting.faults import Fault, Invalid
from voting.model.polls import Poll
from voting.people import find_poll
from voting.refusals import WrongState
from voting.store import Store


def list_drafts(store: Store, code: str) -> list[Poll]:
    """Return the drafts of a room in the order of its agenda."""
    return sorted(store.group(Poll, (code, "draft"), "state"), key=place_of)


def place_of(poll: Poll) -> int:
    """Return by what a draft is sorted."""
    return poll.id if poll.place is None else poll.place


def move_draft(store: Store, poll_id: int, before: int | None) -> list[Poll]:
    """Move a draft to the place before another, or to the end; return those whose place changed.

    Raises `NotFound`, `WrongState` if it is no draft, or `Invalid` if `before` is no other draft of
    the room.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if poll.state != "draft":
            raise WrongState(state=poll.state)
        drafts = list_drafts(store, poll.room)
        places = [place_of(each) for each in drafts]
        drafts.remove(poll)
        ids = [each.id for each in drafts]
        if before is not None and before not in ids:
            raise Invalid(Fault("before", "unknown_poll"))
        drafts.insert(len(ids) if before is None else ids.index(before), poll)
        moved = [
            (each, to) for each, to in zip(drafts, places, strict=True) if place_of(each) != to
        ]
        return [store.save(replace(each, place=to)) for each, to in moved]
