"""A room's log over HTTP: in parts with names, and as a whole to be verified elsewhere."""

from collections.abc import Iterator
from typing import TypedDict

from flask import Blueprint, Response

from api.answers import download
from api.jsons import dumps
from api.operations import LIMITED, Parameter, answers
from api.plain import as_flask, conditional_json
from api.requests import LIMIT, asker, number, present_environ
from api.routes.entering import enter_room_as_member
from api.services import services
from api.slices import join_slices
from voting.chain import Head
from voting.log import each_entry, head, read_entries
from voting.log_names import names_beside
from voting.model.log import LogEntry
from voting.refusals import NotFound
from voting.store import Store

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
        room, standing = enter_room_as_member(code)
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
    enter_room_as_member(code)
    with services().long_reads.turn_of(asker()):
        with store.transaction():  # left, all that stands before this head is durable
            room, _ = enter_room_as_member(code)
            present = head(store, room.code)
        return download(join_slices(write_log(store, room.code, present)), f"log-{room.code}")


def write_log(store: Store, code: str, present: Head) -> Iterator[bytes]:
    """Yield a room's log up to a head, in pieces. Raises `NotFound` if its room is deleted."""
    yield f'{{"room":{dumps(code)},"head":{dumps(present)},"entries":['.encode()
    written = 0
    for entry in each_entry(store, code, present["n"]):
        yield f"{',' if written else ''}{dumps(entry)}".encode()
        written = entry.n
    if written < present["n"]:
        raise NotFound
    yield b"]}\n"
