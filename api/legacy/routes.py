"""The routes of existing frontends.

They sign in with a form and read status codes, vote with `GET /vote?id=`, and poll `/candidates` in
a tight loop. docs/existing-frontends.md describes what they need.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, request

from api.acting import casting
from api.ballots import cast_in_transaction
from api.operations import CAST_REFUSES, Parameter, answers
from api.plain import CACHE, VARY, PlainResponse, as_flask
from api.problems import respond
from api.requests import is_form, present_environ, read_bytes, session_of
from api.results import CandidateVotes
from api.services import Services, services
from voting.casting import Casting, Vote
from voting.faults import Fault, Invalid
from voting.model.polls import Candidate, Poll
from voting.people import enter, find_room
from voting.refusals import (
    BadCredentials,
    Forbidden,
    NotFound,
    TokenExpired,
    TokenInvalid,
    Unauthenticated,
)
from voting.store import Within
from voting.tallies import Tally
from voting.text import LOBBY

legacy = Blueprint("legacy", __name__)

Environ = dict[str, Any]

OPENING = 8
"""How many polls are looked at: an opening that isn't on the disk yet is skipped."""

CANDIDATE = Parameter("id", {"type": "integer"}, "A candidate.", required=True)


@legacy.get("/candidates")
@answers(list[CandidateVotes], to="all", refuses="not_found", etag=True, any_query=True)
def get_candidates() -> Response:
    """Return the candidates of the lobby's first poll and their votes."""
    return as_flask(show_candidates(services(), present_environ()))


@legacy.route("/vote", methods=["GET", "POST"], head=False)  # its GET casts a ballot
@answers(
    "text/plain",
    to="voter",
    takes=(CANDIDATE,),
    refuses=f"{CAST_REFUSES} payload_too_large unsupported_media_type",
    any_query=True,
)
@casting
def vote() -> Response:
    """Cast a ballot for a candidate in its poll."""
    parts = services()
    begun = Casting(parts.store, parts.clock())
    return as_flask(cast_vote(parts, present_environ(), _sent_id, begun))


def show_candidates(parts: Services, environ: Environ) -> PlainResponse:
    """Return the candidates of the lobby's first poll and their votes. Raises `NotFound`, also if
    the sender may not see the lobby."""
    tally = default_tally(parts)
    if tally is None:
        raise NotFound
    page = parts.results.candidates(tally.poll.id)
    if find_room(parts.store, LOBBY).is_open:
        return page.response(environ, "public, no-cache")
    try:
        enter(parts.store, LOBBY, session_of(parts, environ)[1])
    except (TokenExpired, TokenInvalid, Unauthenticated) as refusal:
        raise NotFound from refusal  # this route needs no session, so it doesn't report its end
    return page.response(environ, CACHE, VARY)


def cast_vote(
    parts: Services, environ: Environ, read_id: Callable[[], str | None], begun: Casting
) -> PlainResponse:
    """Cast a ballot in the current transaction for the candidate whose id `read_id` returns."""
    _, holder = session_of(parts, environ, begun.now)
    candidate_id = _parse_id(read_id())
    candidate = parts.store.get(Candidate, candidate_id)
    if candidate is None:
        raise NotFound
    vote = Vote((candidate_id,))
    cast_in_transaction(parts, begun, candidate.poll, holder, lambda: vote, known=(LOBBY,))
    return PlainResponse(200, "text/plain; charset=utf-8", b"voted\n")


def refused_sign_in() -> Response:
    """Return the refusal of a sign-in: existing frontends expect 404, other clients 401."""
    return respond(BadCredentials(), 404 if is_form() else None)


def refused_sign_up(refusal: Forbidden) -> Response:
    """Return the refusal of a sign-up: existing frontends know only 400 and 409."""
    return respond(refusal, 400 if is_form() else None)


def default_tally(parts: Services) -> Tally | None:
    """Return the durable tally of the lobby's first poll that is not a draft; None without one."""
    shown = parts.store.group(Poll, (LOBBY, True), "shown", Within(limit=OPENING))
    tallies = (parts.tallies.of(poll.id) for poll in shown)
    return next((tally for tally in tallies if tally and tally.poll.state != "draft"), None)


def _sent_id() -> str | None:
    if request.method == "POST" and is_form():
        read_bytes()  # the form is parsed from these bytes
    return only_id(request.values.getlist("id"))


def only_id(sent: Sequence[str]) -> str | None:
    """Return the candidate's id of a request; None without one. Raises `Invalid` for several,
    because servers differ in which of them counts."""
    if len(sent) > 1:
        raise Invalid(Fault("id", "duplicate"))
    return sent[0] if sent else None


def _parse_id(text: str | None) -> int:
    if text is None:
        raise Invalid(Fault("id", "required"))
    if not re.fullmatch(r"-?\d{1,1000}", text, re.ASCII):
        raise Invalid(Fault("id", "wrong_type", "integer"))
    return int(text)
