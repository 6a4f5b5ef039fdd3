"""A poll's public record as the server makes it."""

import json
from typing import Any

from api.records import Records
from voting.model.polls import Poll
from voting.store import Store


def public_record(store: Store, poll_id: int) -> dict[str, Any]:
    """Return a closed poll's record as its members read it."""
    poll, records = store.get(Poll, poll_id), Records(store)
    assert poll is not None
    names = records.names(poll, "", named=poll.secrecy == "named")
    record: dict[str, Any] = json.loads(records.record(poll, "") + names)
    return record
