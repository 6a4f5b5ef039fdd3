"""A poll over HTTP: its life, and casting a ballot in it."""

import os
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify

from api.acting import Pending
from api.answers import Ready
from api.documents.answers import Cast, Newcomers, OwnBallot, Turnout
from api.documents.operations import BEFORE, CAST_REFUSES, IDEMPOTENCY_KEY, LIMITED, answers
from api.jsons import dumps, iso
from api.kept import Rests, long_work
from api.requests import (
    JSON,
    LIMIT,
    asking_holder,
    check_match,
    etag_of,
    number,
    present_environ,
    read_body,
    read_json,
    require_holder,
    with_etag,
)
from api.services import Services, services
from db import Within
from schemas.ballots import BALLOT, read_marks
from schemas.polls import POLL, POLL_CHANGE, POLL_COPY, VOID, Poll
from schemas.refusals import Forbidden, NotFound
from schemas.text import fold_room_code
from schemas.validation import Fault, Invalid
from voting.barring import list_newcomers
from voting.casting import Fresh, Vote, enter_as_voter, find_ballot, keep_ballot
from voting.ending import close_due, close_poll, is_due, void_poll
from voting.people import Holder, enter_as_host, enter_poll, person_of
from voting.polls import (
    change_poll,
    copy_poll,
    delete_poll,
    draft_poll,
    open_poll,
    pause_poll,
    publish_poll,
)
from voting.record import marks_document
from voting.times import check_times
from voting.turnout import count_turnout

RECEIPT_BYTES = 16

polls = Blueprint("polls", __name__)


@polls.post("/rooms/<code>/polls")
@answers({201: Poll}, to="host", asks=(POLL, POLL_COPY))
def post_poll(code: str) -> tuple[Response, int, dict[str, str]]:
    """Make a draft: a poll of its own, or one that follows another."""
    store = services().store
    room, _ = enter_as_host(store, fold_room_code(code), require_holder())
    body = read_json()
    copying = isinstance(body, dict) and "copy_of" in body
    fields = (POLL_COPY if copying else POLL).parse(body)
    check_times(fields, services().clock())
    draft = copy_poll(store, room, fields) if copying else draft_poll(room, fields)
    poll = store.add(draft)
    return jsonify(poll), 201, {"Location": f"/polls/{poll.id}"}


@polls.get("/polls/<int:poll_id>")
@answers(Poll, to="see", etag=True)
def get_poll(poll_id: int) -> Response:
    """Tell a poll: question, candidates, rules and state."""
    return with_etag(jsonify(enter_poll(services().store, poll_id, asking_holder())[0]))


@polls.patch("/polls/<int:poll_id>")
@answers(Poll, to="host", asks=POLL_CHANGE, refuses="poll_frozen wrong_state", etag=True)
def patch_poll(poll_id: int) -> Response:
    """Change a draft; of an opened poll when it closes, or its results to tell less."""
    parts, poll = services(), _hosted(poll_id)
    fields = read_body(POLL_CHANGE)
    check_match(etag_of(poll))
    return with_etag(jsonify(change_poll(parts.store, poll_id, fields, parts.clock())))


@polls.delete("/polls/<int:poll_id>")
@answers(None, to="host", refuses="wrong_state")
def remove_poll(poll_id: int) -> tuple[str, int]:
    """Delete a draft."""
    _hosted(poll_id)
    delete_poll(services().store, poll_id)
    return "", 204


@polls.post("/polls/<int:poll_id>/open")
@answers(Poll, to="host", refuses="wrong_state invalid_request", etag=True)
def post_open(poll_id: int) -> Response:
    """Open a draft, or go on after a pause."""
    return _move(poll_id, lambda parts: open_poll(parts.store, poll_id, parts.clock()))


@polls.post("/polls/<int:poll_id>/pause")
@answers(Poll, to="host", refuses="wrong_state", etag=True)
def post_pause(poll_id: int) -> Response:
    """Take no ballots for a while."""
    return _move(poll_id, lambda parts: pause_poll(parts.store, poll_id))


@polls.post("/polls/<int:poll_id>/close")
@answers(Poll, to="host", refuses="wrong_state", etag=True)
def post_close(poll_id: int) -> Response:
    """Close a poll and count it, for good."""
    return _move(poll_id, lambda parts: close_poll(parts.store, poll_id, parts.clock()))


@polls.post("/polls/<int:poll_id>/void")
@answers(Poll, to="host", asks=VOID, refuses="wrong_state", etag=True)
def post_void(poll_id: int) -> Response:
    """Make a poll void: its tally is never shown again."""

    def void(parts: Services) -> Poll:
        return void_poll(parts.store, poll_id, parts.clock(), read_body(VOID)["reason"])

    return _move(poll_id, void)


@polls.post("/polls/<int:poll_id>/publish")
@answers(Poll, to="host", refuses="wrong_state", etag=True)
def post_publish(poll_id: int) -> Response:
    """Show a closed poll's results to all."""
    return _move(poll_id, lambda parts: publish_poll(parts.store, poll_id))


@polls.put("/polls/<int:poll_id>/ballot")
@answers(
    {201: Cast, 200: Cast},
    to="voter",
    asks=BALLOT,
    takes=(IDEMPOTENCY_KEY,),
    refuses=f"{CAST_REFUSES} idempotency_mismatch stale",
)
def put_ballot(poll_id: int) -> Response:
    """Cast a ballot, or put it in the place of the one before: 201 the first time."""
    document, first = cast(services(), poll_id, require_holder(), _read_vote)
    document["server_time"] = iso(document["server_time"])  # or the encoder asks what to make of it
    return Ready(f"{dumps(document)}\n", 201 if first else 200, JSON)


@polls.get("/polls/<int:poll_id>/ballot")
@answers(OwnBallot, to="voter", refuses="unavailable")
def get_ballot(poll_id: int) -> Response:
    """Tell that one has voted; what, only where the poll is named."""
    store = services().store
    poll, _, standing = enter_poll(store, poll_id, require_holder())
    ballot = find_ballot(store, poll, standing)
    if ballot is None:
        raise NotFound
    document: dict[str, Any] = {"poll": poll_id, "voted": True}
    if poll.secrecy == "named":
        document |= {**marks_document(poll.method, ballot.marks), "receipt": ballot.receipt}
    return jsonify(document)


@polls.get("/polls/<int:poll_id>/turnout")
@answers(Turnout, to="host")
def get_turnout(poll_id: int) -> Response:
    """Tell who has voted and who has not, where that tells no ballot."""
    store = services().store
    close_due(store, _as_host(poll_id), services().clock())
    poll, room, _ = enter_poll(store, poll_id, require_holder())
    with long_work:
        return jsonify(count_turnout(store, poll, room, Rests()))


@polls.get("/polls/<int:poll_id>/newcomers")
@answers(Newcomers, to="host", takes=(LIMITED, BEFORE))
def get_newcomers(poll_id: int) -> Response:
    """Tell which accounts were made since the poll opened, and which of them are barred."""
    poll, limit, before = _as_host(poll_id), number("limit", LIMIT), number("before", 0)
    within = Within(before=before or inf, limit=-limit)
    return jsonify({"items": list_newcomers(services().store, poll, within)})


def cast(
    parts: Services, poll_id: int, holder: Holder | None, read: Callable[[], Vote]
) -> tuple[dict[str, Any], bool]:
    """Cast a ballot, in the transaction that it came in; return its answer, and whether it is the
    voter's first.

    read: called for the vote once it is clear that its sender may vote in the poll
    """
    random = os.urandom(RECEIPT_BYTES + 7)
    ballot_id = int.from_bytes(random[RECEIPT_BYTES:], "big") >> 3  # 53 bits: JSON's integers
    voter = enter_as_voter(parts.store, poll_id, holder)
    fresh = Fresh(parts.clock(), ballot_id, random[:RECEIPT_BYTES].hex())
    done = keep_ballot(parts.store, voter, read(), fresh)
    parts.voted(str(person_of(holder)))
    return {
        "receipt": done.receipt,
        "poll": poll_id,
        "changed": done.changed,
        "server_time": parts.clock(),
    }, done.first


def _read_vote() -> Vote:
    marks, key = read_marks(read_body(BALLOT)), present_environ().get("HTTP_IDEMPOTENCY_KEY")
    return Vote(marks, None if key is None else parse_key(key, "idempotency_key"))


def parse_key(text: str, field: str) -> str:
    """Return an idempotency key in one form. Raises `Invalid` for what is no UUID."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid(Fault(field, "format", "uuid")) from error


def _move(poll_id: int, move: Callable[[Services], Poll]) -> Response:
    _hosted(poll_id)
    return with_etag(jsonify(move(services())))


def _hosted(poll_id: int) -> Poll:
    """Return a poll to its host, first closed if its time has come."""
    parts, poll = services(), _as_host(poll_id)
    if is_due(poll, now := parts.clock()):
        raise Pending(partial(close_due, parts.store, poll, now))
    return poll


def _as_host(poll_id: int) -> Poll:
    poll, _, standing = enter_poll(services().store, poll_id, require_holder())
    if not standing.host:
        raise Forbidden
    return poll
