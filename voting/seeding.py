"""What an empty store begins with."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from db import Store
from schemas.polls import Candidate, Poll, Room


def seed_store(store: Store, seed: dict[str, Any], now: datetime) -> None:
    """Make the rooms and open polls of `seed` where the store has no room yet.

    seed: {"rooms": [{"code", "name", "visibility", "polls": [{"title", "candidates", …}]}]}

    Raises LookupError, TypeError or ValueError for one of another shape; nothing is made then.
    """
    if store.rooms():
        return
    with store.transaction():
        for entry in seed["rooms"]:
            room = Room(entry["code"], entry["name"], entry["visibility"], None)
            store.save_room(room)
            for draft in entry["polls"]:
                poll = store.add_poll(_poll(draft, room.code, now))
                store.save_room(replace(room, current_poll=poll.id))


def _poll(draft: dict[str, Any], room: str, now: datetime) -> Poll:
    rules = {key: _read(key, value) for key, value in draft.items() if key != "candidates"}
    candidates = tuple(Candidate(0, **candidate) for candidate in draft["candidates"])
    return Poll(0, room, candidates=candidates, state="open", opened_at=now, **rules)


def _read(key: str, value: Any) -> Any:
    if value is None or not key.endswith("_at"):
        return value
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(f"{key} {value!r} needs an offset, such as Z")
    return time
