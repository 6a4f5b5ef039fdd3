"""Polls over HTTP: their steps from draft to result, and casting ballots."""

from functools import partial
from typing import Any, Literal, NotRequired, TypedDict

from flask import Blueprint, Response, jsonify

from api import ballots
from api.acting import Pending, casting, waiting
from api.operations import (
    BEFORE,
    CAST_REFUSES,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    KNOWN_BALLOT,
    LIMITED,
    NO_BALLOT,
    ROOM_CODE,
    answers,
)
from api.plain import PlainResponse, as_flask, conditional_json
from api.problems import asked_language
from api.requests import (
    asker,
    check_match,
    holder_of,
    known_rooms,
    present_environ,
    read_body,
    read_json,
    require_holder,
    with_etag,
)
from api.routes.entering import enter_room_as_host, find_poll_as_host
from api.routes.lists import newest
from api.services import Services, services
from api.slices import Rests
from schemas.ballots import BALLOT
from schemas.polls import MOVE, POLL, POLL_CHANGE, POLL_COPY, VOID
from voting.agenda import move_draft
from voting.barring import Newcomer, list_newcomers
from voting.casting import Casting, find_ballot
from voting.closing import begin_close
from voting.ending import void_poll
from voting.log import CLOCK
from voting.model.polls import ENDED, Poll
from voting.people import enter_poll, find_room
from voting.pictures import check_pictures
from voting.polls import (
    change_poll,
    copy_poll,
    delete_poll,
    draft_poll,
    lacks_key,
    may_move,
    open_poll,
    pause_poll,
    publish_poll,
)
from voting.record import MarksDocument, marks_document
from voting.refusals import NotFound
from voting.times import check_times, is_due
from voting.turnout import TurnoutDocument, count_turnout

polls = Blueprint("polls", __name__)


class OwnBallot(MarksDocument):
    """The sender's ballot. Its marks and its receipt are given only in a named poll."""

    poll: int
    voted: Literal[True]
    receipt: NotRequired[str]


class MovedPolls(TypedDict):
    """The drafts whose `place` has changed."""

    items: list[Poll]


class Newcomers(TypedDict):
    """The accounts that were made since a poll opened, the newest last."""

    items: list[Newcomer]


@polls.post("/rooms/<code>/polls")
@answers({201: Poll}, to="host", asks=(POLL, POLL_COPY))
def post_poll(code: str) -> tuple[Response, int, dict[str, str]]:
    """Make a draft: a new poll, or a copy that follows another poll."""
    store, (room, _) = services().store, enter_room_as_host(code)
    body = read_json()
    copying = isinstance(body, dict) and "copy_of" in body
    fields = (POLL_COPY if copying else POLL).parse(body)
    check_times(fields, services().clock())
    draft = (
        copy_poll(store, room, fields) if copying else draft_poll(room, fields, asked_language())
    )
    check_pictures(store, room.code, draft.candidates)
    poll = store.add(draft)
    return jsonify(poll), 201, {"Location": f"/polls/{poll.id}"}


@polls.get("/polls/<int:poll_id>")
@answers(Poll, to="see", takes=(ROOM_CODE,), etag=True)
def get_poll(poll_id: int) -> Response:
    """Return a poll: question, candidates, rules and state."""
    return as_flask(show_poll(services(), present_environ(), poll_id))


def show_poll(parts: Services, environ: dict[str, Any], poll_id: int) -> PlainResponse:
    """Return a poll. Raises `NotFound`, or as `asking_holder`."""
    holder = holder_of(parts, environ)
    poll, _, _ = enter_poll(parts.store, poll_id, holder, known_rooms(environ))
    return conditional_json(environ, poll)


@polls.patch("/polls/<int:poll_id>")
@answers(Poll, to="host", asks=POLL_CHANGE, refuses="poll_frozen wrong_state", etag=True)
def patch_poll(poll_id: int) -> Response:
    """Change a draft. In an opened poll only `closes_at` may change, and `results` to show less."""
    parts, poll = services(), find_to_change(poll_id)
    fields = read_body(POLL_CHANGE)
    check_match(poll)
    now, language = parts.clock(), asked_language()
    return with_etag(change_poll(parts.store, poll_id, fields, now, asker(), language=language))


@polls.post("/polls/<int:poll_id>/move")
@answers(MovedPolls, to="host", asks=MOVE, refuses="wrong_state")
def post_move(poll_id: int) -> Response:
    """Move a draft before another, or to the end; return the drafts whose place has changed."""
    parts, _ = services(), find_to_change(poll_id)
    moved = move_draft(parts.store, poll_id, read_body(MOVE)["before"])
    parts.roll_changes.take(asker(), len(moved))
    return jsonify(MovedPolls(items=moved))


@polls.delete("/polls/<int:poll_id>")
@answers(None, to="host", takes=(IF_MATCH,), refuses="wrong_state")
def remove_poll(poll_id: int) -> tuple[str, int]:
    """Delete a draft."""
    check_match(find_to_change(poll_id))
    delete_poll(services().store, poll_id)
    return "", 204


@polls.post("/polls/<int:poll_id>/open")
@answers(Poll, to="host", refuses="wrong_state invalid_request", etag=True)
def post_open(poll_id: int) -> Response:
    """Open a draft, or continue a paused poll."""
    parts, poll = services(), find_to_change(poll_id)
    check_match(poll)
    if lacks_key(parts.store, poll):
        raise Pending(partial(parts.store.prepare_poll_keys, [poll_id]))
    return with_etag(open_poll(parts.store, poll_id, parts.clock(), asker()))


@polls.post("/polls/<int:poll_id>/pause")
@answers(Poll, to="host", refuses="wrong_state", etag=True)
def post_pause(poll_id: int) -> Response:
    """Pause an open poll: it accepts no ballots until it is opened again."""
    parts = services()
    check_match(find_to_change(poll_id))
    return with_etag(pause_poll(parts.store, poll_id, parts.clock(), asker()))


@polls.post("/polls/<int:poll_id>/close")
@answers({200: Poll, 202: Poll}, to="host", refuses="wrong_state", etag=True)
@waiting
def post_close(poll_id: int) -> Response:
    """Close a poll and count it. It can't be opened again. 202: it is still being counted."""
    parts = services()
    with parts.store.transaction():
        check_match(find_to_change(poll_id))
        begin_close(parts.store, poll_id, parts.clock(), asker())
    poll = parts.closings.finish(poll_id)
    may_move(poll, "closed")  # it may have been declared void meanwhile
    response = with_etag(poll)
    response.status_code = 202 if poll.closing else 200
    return response


@polls.post("/polls/<int:poll_id>/void")
@answers(Poll, to="host", asks=VOID, refuses="wrong_state", etag=True)
def post_void(poll_id: int) -> Response:
    """Void a poll: its tally is never shown again."""
    parts, poll = services(), find_to_change(poll_id)
    reason = read_body(VOID)["reason"]
    check_match(poll)
    return with_etag(void_poll(parts.store, poll_id, parts.clock(), asker(), reason, rest=Rests()))


@polls.post("/polls/<int:poll_id>/publish")
@answers(Poll, to="host", refuses="wrong_state", etag=True)
def post_publish(poll_id: int) -> Response:
    """Show a closed poll's results to everybody."""
    parts = services()
    check_match(find_to_change(poll_id))
    return with_etag(publish_poll(parts.store, poll_id, parts.clock(), asker()))


@polls.put("/polls/<int:poll_id>/ballot")
@answers(
    {201: ballots.CastDocument, 200: ballots.CastDocument},
    to="voter",
    asks=BALLOT,
    takes=(IDEMPOTENCY_KEY, KNOWN_BALLOT, NO_BALLOT, ROOM_CODE),
    refuses=f"{CAST_REFUSES} idempotency_mismatch stale",
)
@casting
def put_ballot(poll_id: int) -> Response:
    """Cast a ballot (201), or replace the one that was cast before (200)."""
    parts = services()
    begun = Casting(parts.store, parts.clock())
    return as_flask(ballots.put_ballot(parts, present_environ(), poll_id, begun))


@polls.get("/polls/<int:poll_id>/ballot")
@answers(OwnBallot, to="voter", takes=(ROOM_CODE,), refuses="unavailable")
def get_ballot(poll_id: int) -> Response:
    """Return whether the sender has voted; in a named poll also their marks and receipt."""
    parts = services()
    known = known_rooms(present_environ())
    poll, _, standing = enter_poll(parts.store, poll_id, require_holder(), known)
    ballot = find_ballot(parts.store, poll, standing)
    if ballot is None and poll.state in ENDED and poll.id not in parts.store.keyed_polls():
        with parts.long_reads.turn_of(asker()):
            ballot = parts.records.own_ballot(poll, asker())
    if ballot is None:
        raise NotFound
    document: OwnBallot = {"poll": poll_id, "voted": True}
    if poll.secrecy == "named":
        marks = marks_document(poll.method, ballot.marks)
        document = {**document, **marks, "receipt": ballot.receipt}
    return jsonify(document)


@polls.get("/polls/<int:poll_id>/turnout")
@answers(TurnoutDocument, to="host")
def get_turnout(poll_id: int) -> Response:
    """Return how many have voted and, where that can't reveal a ballot, who."""
    parts, poll = services(), find_poll_as_host(poll_id)
    room = find_room(parts.store, poll.room)
    with parts.long_reads.turn_of(asker()):
        return jsonify(count_turnout(parts.store, poll, room, parts.clock(), Rests()))


@polls.get("/polls/<int:poll_id>/newcomers")
@answers(Newcomers, to="host", takes=(LIMITED, BEFORE))
def get_newcomers(poll_id: int) -> Response:
    """Return the accounts that were made since the poll opened, and which of them are barred."""
    poll = find_poll_as_host(poll_id)
    return jsonify(Newcomers(items=list_newcomers(services().store, poll, newest())))


def find_to_change(poll_id: int) -> Poll:
    """Return a poll that its host wants to change.

    Raises `Pending` if its time has come: it is closed, and then the view runs again. Raises as
    `find_poll_as_host`.
    """
    parts, poll = services(), find_poll_as_host(poll_id)
    now = parts.clock()
    if is_due(poll, now):
        raise Pending(partial(parts.closings.close, poll_id, now, CLOCK))
    return poll
