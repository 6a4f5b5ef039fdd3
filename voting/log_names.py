"""Names beside a room's log: the log holds ids alone, so names are looked up for each reader."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from voting.model.log import LogEntry
from voting.model.persons import person_id, read_person
from voting.model.rooms import Attendance, Room
from voting.people import Standing, holder_of, name_of, standing_in
from voting.store import Store

ROWS_NAMED = 20
"""How many rows of one entry are named."""


def names_beside(
    store: Store, room: Room, entries: Iterable[LogEntry], reader: Standing
) -> dict[str, str]:
    """Return the names that a member may see of the persons in some entries, by person.

    Hosts see all that are known. Others see those of hosts, and of people who have been in the
    room, whom every member sees there.
    """
    names: dict[str, str] = {}
    for person in dict.fromkeys(chain.from_iterable(map(persons_in, entries))):
        attended = _attended_as(store, room, person)
        if reader.host or attended is not None or _is_host(store, room, person):
            name = name_of(store, room, person) or attended
            names |= {person: name} if name else {}
    return names


def persons_in(entry: LogEntry) -> Iterator[str]:
    """Yield the persons that an entry names by their ids, of many rows the first ones."""
    data = entry.data
    yield from filter(_is_person, [entry.actor, *_persons_of(data)])
    yield from (person_id("r", row) for row in islice(_rows_of(data), ROWS_NAMED))


def _persons_of(data: dict[str, Any]) -> list[str]:
    listed = (data.get(key) for key in ("added", "removed"))
    return [str(data.get("person")), *chain.from_iterable(x for x in listed if type(x) is list)]


def _rows_of(data: dict[str, Any]) -> Iterator[int]:
    if "row" in data:
        yield data["row"]
    rows = data.get("rows", [])
    for ranges in rows.values() if isinstance(rows, dict) else [rows]:
        for first, last in ranges:
            yield from range(first, last + 1)


def _is_person(text: str) -> bool:
    try:
        return bool(read_person(text))
    except ValueError:
        return False


def _attended_as(store: Store, room: Room, person: str) -> str | None:
    """Return the name under which somebody was last in a room; None if they never were."""
    attended = store.group(Attendance, person, "who")
    return next((each.name for each in reversed(attended) if each.room == room.code), None)


def _is_host(store: Store, room: Room, person: str) -> bool:
    return standing_in(store, room, holder_of(store, person)).host
