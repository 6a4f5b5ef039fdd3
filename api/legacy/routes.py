"""What the old frontends ask for over HTTP.

They sign in with a form and read statuses, vote with `GET /vote?id=`, and poll `/candidates` in a
tight loop. docs/existing-frontends.md says what they need.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, request

from api.ballots import cast_in_transaction
from api.operations import CAST_REFUSES, Parameter, answers
from api.plain import CACHE, VARY, PlainResponse, as_flask
from api.problems import respond
from api.requests import is_form, present_environ, read_bytes, session_of
from api.results import CandidateVotes
from api.services import Services, services
from voting.casting import Vote
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
"""How many polls at most are looked at: an opening that isn't on the disk yet is passed over."""

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
def vote() -> Response:
    """Cast a ballot for a candidate in its poll."""
    return as_flask(cast_vote(services(), present_environ(), _sent_id))


def show_candidates(parts: Services, environ: Environ) -> PlainResponse:
    """Return the candidates of the lobby's first poll and their votes. Raises `NotFound`, also for
    who may not see the lobby."""
    tally = default_tally(parts)
    if tally is None:
        raise NotFound
    page = parts.results.candidates(tally.poll.id)
    if find_room(parts.store, LOBBY).visibility == "public":
        return page.response(environ, "public, no-cache")
    try:
        enter(parts.store, LOBBY, session_of(parts, environ)[1])
    except (TokenExpired, TokenInvalid, Unauthenticated) as refusal:
        raise NotFound from refusal  # this route asks for no session, so it ends none
    return page.response(environ, CACHE, VARY)


def cast_vote(
    parts: Services, environ: Environ, read_id: Callable[[], str | None]
) -> PlainResponse:
    """Cast a ballot for the candidate whose id `read_id` returns, in the transaction it came in."""
    _, holder = session_of(parts, environ)
    candidate_id = _parse_id(read_id())
    candidate = parts.store.get(Candidate, candidate_id)
    if candidate is None:
        raise NotFound
    cast_in_transaction(parts, candidate.poll, holder, lambda: Vote((candidate_id,)))
    return PlainResponse(200, "text/plain; charset=utf-8", b"voted\n")


def refused_sign_in() -> Response:
    """Answer a sign-in that was refused: those frontends read 404 where others read 401."""
    return respond(BadCredentials(), 404 if is_form() else None)


def refused_sign_up(refusal: Forbidden) -> Response:
    """Answer a sign-up that was refused: those frontends know 400 and 409 alone."""
    return respond(refusal, 400 if is_form() else None)


def default_tally(parts: Services) -> Tally | None:
    """Return the durable state of the lobby's first poll that is no draft; None without one."""
    shown = parts.store.group(Poll, (LOBBY, True), "shown", Within(limit=OPENING))
    tallies = (parts.tallies.of(poll.id) for poll in shown)
    return next((tally for tally in tallies if tally and tally.poll.state != "draft"), None)


def _sent_id() -> str | None:
    if request.method == "POST" and is_form():
        read_bytes()  # the form is parsed from what is here
    return only_id(request.values.getlist("id"))


def only_id(sent: Sequence[str]) -> str | None:
    """Return the candidate's id that a request has; None without one. Raises `Invalid` for more:
    servers differ in which of them counts."""
    if len(sent) > 1:
        raise Invalid(Fault("id", "duplicate"))
    return sent[0] if sent else None


def _parse_id(text: str | None) -> int:
    if text is None:
        raise Invalid(Fault("id", "required"))
    if not re.fullmatch(r"-?\d{1,1000}", text, re.ASCII):
        raise Invalid(Fault("id", "wrong_type", "integer"))
    return int(text)
