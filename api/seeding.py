"""The first contents of an empty store."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.polls import POLL
from schemas.rooms import ROOM
from voting.acts import log_opening
from voting.log import OPERATOR
from voting.model.rooms import Room
from voting.polls import draft_poll
from voting.store import Store
from voting.text import normalise_room_code


def seed_store(store: Store, seed: dict[str, Any], now: datetime) -> None:
    """Make the rooms and open polls of `seed`, if the store has no room yet.

    seed: {"rooms": [{"code", "name", "visibility", "polls": [{"title", "candidates", …}]}]}

    Raises `Invalid`, LookupError, TypeError or ValueError if the seed has another shape; then
    nothing is made.
    """
    if store.count(Room):
        return
    with store.transaction():
        if store.count(Room):  # another worker that starts now has made them
            return
        for entry in seed["rooms"]:
            settings = ROOM.parse({key: entry[key] for key in ("name", "visibility")})
            room = store.add(Room(0, normalise_room_code(entry["code"]), **settings))
            for fields in entry["polls"]:
                draft = draft_poll(room, POLL.parse(fields))
                poll = store.make_poll_key(store.add(replace(draft, state="open", opened_at=now)))
                store.save(replace(room, current_poll=poll.id))
                log_opening(store, poll, now, OPERATOR)
