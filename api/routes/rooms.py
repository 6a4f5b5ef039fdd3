"""Rooms over HTTP: making and changing them, their polls and presence."""

from bisect import bisect_right
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, NotRequired, TypedDict, get_args

import gevent
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from api.chances import You, you_in
from api.leases import PersonDocument
from api.limits import asking_network
from api.operations import IF_MATCH, LIMITED, MINE, PERSON_CURSOR, answers, switch
from api.plain import PlainResponse, as_flask, conditional_json
from api.presence import place_of
from api.present_counts import PresentDocument
from api.requests import (
    LIMIT,
    check_match,
    holder_of,
    number,
    present_environ,
    read_body,
    read_json,
    require_account,
    sent_token,
    with_etag,
)
from api.routes.entering import enter_room, enter_room_as_host
from api.routes.lists import Filter, Listing, Part, page
from api.services import Services, services
from api.slices import Rests, do_within
from schemas.rooms import ROOM, ROOM_CHANGE
from voting.copying import copy_room
from voting.faults import Fault, Invalid
from voting.guest_hosts import KEPT, start_room
from voting.methods import Method
from voting.model.persons import read_person
from voting.model.polls import Poll, State
from voting.model.rooms import Room, Row, Visibility
from voting.people import Standing, enter, enter_as_host
from voting.refusals import NotFound, Refusal, Unauthenticated
from voting.rest import rested
from voting.rooms import change_room, create_room, delete_room, rooms_of
from voting.tallies import Results
from voting.text import new_picture_key, new_room_code, normalise_room_code

CLEAR_SECONDS = 50
"""How long a deletion waits until the room's contents are gone, too; see `api.closings`."""
ROOMS = Listing(
    lambda room: (room.name, room.code),
    {"name": lambda room: room.name},
    {"visibility": Filter(get_args(Visibility), lambda room: room.visibility)},
)
POLLS = Listing(
    lambda poll: (poll.title,),
    {"title": lambda poll: poll.title},
    {
        "state": Filter(get_args(State), lambda poll: poll.state),
        "method": Filter(get_args(Method), lambda poll: poll.method),
    },
    newest_first=True,
)
RESULTS = switch("results", "1 also returns the polls' results, and what one may do in them.")


class GuestRoom(TypedDict):
    """A room whose host has no account, with the token by which their device hosts it."""

    room: Room
    host: Row
    token: str
    expires_at: datetime


class PresencePage(PresentDocument):
    """Who is online. `people` is null for strangers; `next` is the cursor of further people."""

    online: int
    people: list[PersonDocument] | None
    next: str | None


class PollsPart(TypedDict):
    """A part of a room's polls. `next` is the cursor of the next part; a string if the list is
    sorted by title.

    `results` and `you` are there on request, as in the join snapshot, for the polls of this part.
    """

    items: list[Poll]
    next: int | str | None
    results: NotRequired[dict[str, Results]]
    you: NotRequired[You]


rooms = Blueprint("rooms", __name__, url_prefix="/rooms")


@rooms.get("")
@answers(Part[Room], to="account", takes=(*ROOMS.takes, MINE))
def get_rooms() -> Response:
    """Return the sender's own rooms and the public ones."""
    account, store = require_account(), services().store
    mine = number("mine", 0) == 1  # one's own are few among the public ones
    return jsonify(page(lambda within: rooms_of(store, account, within, own=mine), ROOMS))


@rooms.post("")
@answers({201: (Room, GuestRoom)}, to="account", asks=ROOM, refuses="rate_limited not_found")
def post_room() -> tuple[Response, int, dict[str, str]]:
    """Make a room, or a copy of one. The sender becomes host; without an account, by `host`."""
    parts = services()
    if sent_token() is None and parts.guest_hosts:
        return _start_room()
    account, fields = require_account(), read_body(ROOM)
    if "host" in fields:
        raise Invalid(Fault("host", "not_allowed"))
    now, source = parts.clock(), fields.pop("copy_of", None)
    if source is None:
        room = create_room(parts.store, fields, account, now, new_room_code)
    else:
        copied, _ = enter_as_host(parts.store, normalise_room_code(source), account)
        made = (account, now, new_room_code, new_picture_key)
        room = copy_room(parts.store, copied, fields, *made, lambda: gevent.sleep(0))
    return jsonify(room), 201, {"Location": f"/rooms/{room.code}"}


def _start_room() -> tuple[Response, int, dict[str, str]]:
    parts, network = services(), asking_network()
    parts.guest_rooms.check(network)
    fields = ROOM.parse(_read_guest_room())
    if "copy_of" in fields:
        raise Invalid(Fault("copy_of", "not_allowed"))
    parts.guest_rooms.count(network)
    room, host = start_room(parts.store, fields, fields.pop("host"), parts.clock(), new_room_code)
    token, expires_at = parts.tokens.issue(host, parts.clock(), KEPT)
    document = GuestRoom(room=room, host=host, token=token, expires_at=expires_at)
    return jsonify(document), 201, {"Location": f"/rooms/{room.code}"}


def _read_guest_room() -> dict[str, Any]:
    """Return the body of somebody who names a host. Raises `Unauthenticated` for anybody else,
    whatever else is wrong with their request: they have to sign in first.
    """
    try:
        body = read_json()
    except (HTTPException, Refusal) as error:
        raise Unauthenticated from error
    if not isinstance(body, dict) or "host" not in body:
        raise Unauthenticated
    return body


@rooms.get("/<code>")
@answers(Room, to="see", etag=True)
def get_room(code: str) -> Response:
    """Return a room."""
    return as_flask(show_room(services(), present_environ(), code))


def show_room(parts: Services, environ: dict[str, Any], code: str) -> PlainResponse:
    """Return a room. Raises `NotFound`, or as `asking_holder`."""
    room, _ = enter(parts.store, normalise_room_code(code), holder_of(parts, environ))
    return conditional_json(environ, room)


@rooms.patch("/<code>")
@answers(Room, to="host", asks=ROOM_CHANGE, etag=True)
def patch_room(code: str) -> Response:
    """Change a room's settings, or which poll it shows."""
    parts, (room, host) = services(), enter_room_as_host(code)
    fields = read_body(ROOM_CHANGE)
    check_match(room)
    changed = change_room(parts.store, room, fields, parts.clock(), str(host.person))
    return with_etag(changed)


@rooms.delete("/<code>")
@answers(None, to="host", takes=(IF_MATCH,), refuses="wrong_state")
def delete(code: str) -> tuple[str, int]:
    """Delete a room with everything in it, unless a poll is open."""
    room, _ = enter_room_as_host(code)
    check_match(room)
    clear = partial(do_within, CLEAR_SECONDS)
    delete_room(services().store, room, lambda: gevent.sleep(0), clear)
    return "", 204


@rooms.get("/<code>/polls")
@answers(PollsPart, to="see", takes=(*POLLS.takes, RESULTS))
def get_polls(code: str) -> Response:
    """Return a room's polls; drafts only to hosts."""
    store, (room, standing) = services().store, enter_room(code)
    by, value = ("room", room.code) if standing.host else ("shown", (room.code, True))
    part = page(lambda within: store.group(Poll, value, by, within), POLLS)
    document: PollsPart = {"items": part["items"], "next": part["next"]}
    if number("results", 0):
        shown = [poll for poll in part["items"] if poll.state != "draft"]
        document |= _outcomes(room, standing, shown)  # type: ignore[typeddict-item]
    return jsonify(document)


@rooms.get("/<code>/presence")
@answers(PresencePage, to="see", takes=(LIMITED, PERSON_CURSOR))
def get_presence(code: str) -> Response:
    """Return who is online, how many are present, and whether there is a quorum."""
    parts, (room, standing) = services(), enter_room(code)
    people = parts.presence.people(room.code)
    document: PresencePage = {
        "online": len(people),
        **parts.presence.count(room),
        "people": None,
        "next": None,
    }
    cursor, limit = request.args.get("cursor", ""), number("limit", LIMIT)
    if standing.member:
        start = 0
        with suppress(ValueError):
            start = bisect_right(people, read_person(cursor), key=place_of)
        document["people"] = people[start : start + limit]
        document["next"] = people[start + limit - 1]["id"] if start + limit < len(people) else None
    return jsonify(document)


def _outcomes(room: Room, standing: Standing, polls: list[Poll]) -> dict[str, Any]:
    """Return the results of polls, and what somebody may do in them, as the join snapshot does."""
    parts, results = services(), {}
    for poll in rested(polls, Rests()):
        with suppress(NotFound):  # an opening that isn't on the disk yet
            results[str(poll.id)] = parts.results.document(
                poll.id, parts.clock(), host=standing.host
            )
    return {"results": results, "you": you_in(parts, room, standing, rested(polls, Rests()))}
