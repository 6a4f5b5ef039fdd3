"""A room's whole log is written in parts, up to the head that it names."""

import json

import pytest

from api.routes.logs import write_log
from tests.records import whole_log
from tests.unit.lobby import NOW
from voting.chain import start_of
from voting.log import append, head
from voting.model.log import LogEntry
from voting.refusals import NotFound
from voting.store import READ_AT_ONCE, Store


@pytest.mark.parametrize("count", [1, READ_AT_ONCE, READ_AT_ONCE + 1, 2 * READ_AT_ONCE + 5])
def test_log_of_any_length_is_written_up_to_its_head(store: Store, count: int) -> None:
    with store.transaction():
        for number in range(count):
            append(store, "lobby", "poll_paused", "u1", {"poll": number}, NOW)
            append(store, "other", "poll_paused", "u1", {"poll": number}, NOW)
    present = head(store, "lobby")
    expected = whole_log(store, "lobby")

    pieces = write_log(store, "lobby", present)
    begun = next(pieces)
    append(store, "lobby", "poll_paused", "u1", {"poll": count}, NOW)
    log = json.loads(begun + b"".join(pieces))

    assert log == expected


def test_empty_log_is_written(store: Store) -> None:
    log = json.loads(b"".join(write_log(store, "lobby", start_of("lobby"))))

    assert log == {"room": "lobby", "head": start_of("lobby"), "entries": []}


def test_log_that_goes_with_its_room_meanwhile_is_not_found(store: Store) -> None:
    append(store, "lobby", "poll_paused", "u1", {"poll": 1}, NOW)
    pieces = write_log(store, "lobby", head(store, "lobby"))
    next(pieces)
    with store.transaction():
        store.remove(store.group(LogEntry, "lobby")[0])

    with pytest.raises(NotFound):
        next(pieces)
