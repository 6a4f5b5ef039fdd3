"""A poll's public record and a room's log, as clients read them."""

import json
from typing import Any

from api.jsons import dumps
from api.records import Records
from voting.log import head
from voting.model.log import LogEntry
from voting.model.polls import Poll
from voting.store import Store


def public_record(store: Store, poll_id: int) -> dict[str, Any]:
    """Return a closed poll's record as its members read it."""
    poll, records = store.get(Poll, poll_id), Records(store)
    assert poll is not None
    names, _ = records.names(poll, "", named=poll.secrecy == "named")
    record: dict[str, Any] = json.loads(records.record(poll, "") + names)
    return record


def whole_log(store: Store, room: str) -> dict[str, Any]:
    """Return a room's log as its members read it."""
    entries = json.loads(dumps(store.group(LogEntry, room)))
    return {"room": room, "head": {**head(store, room)}, "entries": entries}
