"""The frontends that were written against an earlier server, all in one place.

They sign in with a form and read statuses, vote with `GET /vote?id=`, and poll `/candidates` in a
tight loop. What they need is told in docs/existing-frontends.md.
"""

import re

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from api.polls import cast
from api.problems import respond
from api.requests import is_form, require_account
from api.services import services
from schemas.polls import Candidate, Poll
from schemas.refusals import BadCredentials, NotFound
from schemas.text import LOBBY
from schemas.validation import Fault, Invalid
from voting.casting import Vote

legacy = Blueprint("legacy", __name__)


@legacy.get("/candidates")
def get_candidates() -> Response:
    parts = services()
    opened = (poll for poll in parts.store.group(Poll, LOBBY) if poll.state != "draft")
    poll = next(opened, None)
    if poll is None:
        raise NotFound
    return parts.results.candidates(poll.id).answer("public, max-age=1")


@legacy.route("/vote", methods=["GET", "POST"])
def vote() -> Response:
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET", "POST", "OPTIONS"])
    account, candidate_id, parts = require_account(), _candidate_id(), services()
    candidate = parts.store.get(Candidate, candidate_id)
    if candidate is None:
        raise NotFound
    cast(parts, candidate.poll, account, Vote((candidate_id,)))
    return Response("voted\n", mimetype="text/plain")


def refused_sign_in() -> Response:
    """Answer a sign-in that was refused: those frontends read 404 where others read 401."""
    return respond(BadCredentials(), 404 if is_form() else None)


def _candidate_id() -> int:
    text = request.values.get("id")
    if text is None:
        raise Invalid(Fault("id", "required"))
    if not re.fullmatch(r"-?\d{1,1000}", text, re.ASCII):
        raise Invalid(Fault("id", "wrong_type", "integer"))
    return int(text)
