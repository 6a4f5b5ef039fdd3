"""The pictures of a room: which are kept, and which candidates, and the room itself, may have."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from voting.faults import Fault, Invalid
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Picture, Room
from voting.store import Store

PICTURES, GUEST_PICTURES = 200, 20
"""How many pictures a room has at most, and one that nobody with an account hosts."""
ALL_PICTURES = 2_000
"""How many all rooms have together: they are in memory, 64 KiB each at most."""
UNUSED = timedelta(days=1)
"""For how long a picture is kept that nothing has yet."""


def add_picture(store: Store, room: Room, data: str, key: str, now: datetime) -> Picture:
    """Keep a picture; call it in a transaction.

    In a full room, pictures that nothing has are removed first. Raises `Invalid` if all are used,
    or if the rooms together have too many.
    """
    most = PICTURES if room.expires_at is None else GUEST_PICTURES
    if store.size(Picture, room.code) >= most:
        _remove_unused(store, room, now)
    if store.size(Picture, room.code) >= most:
        raise Invalid(Fault("picture", "too_many", most))
    if not free_pictures(store):
        raise Invalid(Fault("picture", "too_many", ALL_PICTURES))
    return store.add(Picture(0, room.code, key, data, now))


def check_pictures(store: Store, room: str, candidates: Iterable[Candidate]) -> None:
    """Raises `Invalid` if a candidate has a picture that is not one of the room."""
    faults = [
        Fault(f"candidates.{position}.picture", "unknown_picture")
        for position, candidate in enumerate(candidates)
        if candidate.picture is not None and not _has_picture(store, room, candidate.picture)
    ]
    if faults:
        raise Invalid(*faults)


def check_logo(store: Store, room: str, key: str | None) -> None:
    """Raises `Invalid` if a room's logo is not one of its pictures."""
    if key is not None and not _has_picture(store, room, key):
        raise Invalid(Fault("logo", "unknown_picture"))


def _has_picture(store: Store, room: str, key: str) -> bool:
    picture = store.find(Picture, "key", key)
    return picture is not None and picture.room == room


def pictures_of(polls: Iterable[Poll]) -> list[str]:
    """Return the keys of the pictures that polls' candidates have, each once."""
    pictures = (candidate.picture for poll in polls for candidate in poll.candidates)
    return [*dict.fromkeys(key for key in pictures if key is not None)]


def free_pictures(store: Store) -> int:
    """Return how many pictures all rooms may still have together."""
    return max(0, ALL_PICTURES - store.count(Picture))


def _remove_unused(store: Store, room: Room, now: datetime) -> None:
    used = {*pictures_of(store.group(Poll, room.code)), room.logo}
    for picture in store.group(Picture, room.code):
        if picture.key not in used and now - picture.made_at > UNUSED:
            store.remove(picture)
