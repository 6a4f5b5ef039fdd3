"""A room's log over HTTP: in parts with names, and as a whole to be verified elsewhere."""

from collections.abc import Iterator
from typing import TypedDict

from flask import Blueprint, Response

from api.jsons import dumps
from api.operations import LIMITED, Parameter, answers
from api.plain import JSON, as_flask, conditional_json
from api.requests import LIMIT, asker, asking_holder, number, present_environ
from api.services import services
from api.slices import join_slices
from voting.chain import Head
from voting.log import head, read_entries
from voting.log_names import names_beside
from voting.model.log import LogEntry
from voting.model.rooms import Room
from voting.people import Standing, enter
from voting.refusals import Forbidden, NotFound
from voting.store import Store
from voting.text import normalise_room_code

PART = 256
"""How many entries of a whole log are read at once."""
AFTER = Parameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": 10**18 - 1, "default": 0},
    "The `n` of an entry: only what came after it.",
)

logs = Blueprint("logs", __name__, url_prefix="/rooms/<code>")


class LogPage(TypedDict):
    """A part of a room's log, oldest first; `next` is the `after` of the part after it, null at the
    end. `names` are of persons in it, where the reader may see them.
    """

    room: str
    items: list[LogEntry]
    next: int | None
    head: Head
    names: dict[str, str]


class WholeLog(TypedDict):
    """A room's log as `python -m voting.verify` reads it."""

    room: str
    entries: list[LogEntry]
    head: Head


@logs.get("/log")
@answers(LogPage, to="member", takes=(LIMITED, AFTER), etag=True)
def get_log(code: str) -> Response:
    """Return the acts in a room that can decide an outcome."""
    store, limit, after = services().store, number("limit", LIMIT), number("after", 0)
    with store.transaction():  # left, all that it has read is durable
        room, standing = _enter(code)
        found = read_entries(store, room.code, after, limit + 1)
        document: LogPage = {
            "room": room.code,
            "items": found[:limit],
            "next": found[limit - 1].n if len(found) > limit else None,
            "head": head(store, room.code),
            "names": names_beside(store, room, found[:limit], standing),
        }
    return as_flask(conditional_json(present_environ(), document))


@logs.get("/log.json")
@answers(WholeLog, to="member")
def get_whole_log(code: str) -> Response:
    """Return the whole log, to be kept and verified."""
    store = services().store
    _enter(code)
    with services().long_reads.turn_of(asker()):
        with store.transaction():  # left, all that stands before this head is durable
            room, _ = _enter(code)
            present = head(store, room.code)
        response = Response(join_slices(write_log(store, room.code, present)), mimetype=JSON)
    response.headers["Content-Disposition"] = f'attachment; filename="log-{room.code}.json"'
    return response


def write_log(store: Store, code: str, present: Head) -> Iterator[bytes]:
    """Yield a room's log up to a head, in pieces. Raises `NotFound` if its room is deleted."""
    yield f'{{"room":{dumps(code)},"head":{dumps(present)},"entries":['.encode()
    written = 0
    while written < present["n"]:
        found = read_entries(store, code, written, min(PART, present["n"] - written))
        if not found:
            raise NotFound
        for entry in found:
            lead = "," if entry.n > 1 else ""
            yield f"{lead}{dumps(entry)}".encode()
        written = found[-1].n
    yield b"]}\n"


def _enter(code: str) -> tuple[Room, Standing]:
    """Return a room and what its member is in it. Raises `NotFound` or `Forbidden`."""
    room, standing = enter(services().store, normalise_room_code(code), asking_holder())
    if not standing.member:
        raise Forbidden
    return room, standing
