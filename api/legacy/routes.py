"""What the old frontends ask for over HTTP.

They sign in with a form and read statuses, vote with `GET /vote?id=`, and poll `/candidates` in a
tight loop. What they need is told in docs/existing-frontends.md.
"""

import re

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed

from api.answers import Ready
from api.documents.answers import CandidateVotes
from api.documents.operations import CAST_REFUSES, Parameter, answers
from api.legacy.repeating import Repeating
from api.polls import cast
from api.problems import respond
from api.requests import is_form, read_bytes, require_holder
from api.results import Page
from api.services import Services, services
from db import Within
from schemas.polls import Candidate, Poll
from schemas.refusals import BadCredentials, Forbidden, NotFound
from schemas.text import LOBBY
from schemas.validation import Fault, Invalid
from voting.casting import Vote
from voting.tallies import Tally

legacy = Blueprint("legacy", __name__)

OPENING = 8
"""How many polls at most are looked at: an opening that isn't on the disk yet is passed over."""

CANDIDATE = Parameter("id", {"type": "integer"}, "A candidate.", required=True)


@legacy.get("/candidates")
@answers(list[CandidateVotes], to="all", refuses="not_found", etag=True, any_query=True)
def get_candidates() -> Response:
    """Tell the candidates of the lobby's first poll and their votes."""
    tally = default_tally(services())
    if tally is None:
        raise NotFound
    return services().results.candidates(tally.poll.id).answer("public, no-cache")


@legacy.route("/vote", methods=["GET", "POST"])
@answers("text/plain", to="voter", takes=(CANDIDATE,), refuses=CAST_REFUSES, any_query=True)
def vote() -> Response:
    """Cast a ballot for a candidate in its poll."""
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET", "POST", "OPTIONS"])
    holder, candidate_id, parts = require_holder(), _candidate_id(), services()
    candidate = parts.store.get(Candidate, candidate_id)
    if candidate is None:
        raise NotFound
    cast(parts, candidate.poll, holder, lambda: Vote((candidate_id,)))
    return Ready("voted\n", 200, "text/plain; charset=utf-8")


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


def repeat_candidates(app: Flask, parts: Services) -> None:
    """Let `/candidates` be answered before Flask is asked."""

    def page() -> Page | None:
        tally = default_tally(parts)
        return None if tally is None else parts.results.candidates(tally.poll.id)

    app.wsgi_app = Repeating(app.wsgi_app, page)  # type: ignore[method-assign]


def _candidate_id() -> int:
    if request.method == "POST" and is_form():
        read_bytes()  # the form is parsed from what is here
    text = request.values.get("id")
    if text is None:
        raise Invalid(Fault("id", "required"))
    if not re.fullmatch(r"-?\d{1,1000}", text, re.ASCII):
        raise Invalid(Fault("id", "wrong_type", "integer"))
    return int(text)
