"""A poll over HTTP: what it asks, casting a ballot in it, its results."""

import secrets
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from api.requests import read_body, require_account
from api.services import Services, services
from schemas.accounts import Account
from schemas.ballots import BALLOT
from schemas.polls import Poll
from schemas.refusals import NotFound
from schemas.validation import Fault, Invalid
from voting.casting import Fresh, Vote, cast_ballot, find_ballot

polls = Blueprint("polls", __name__, url_prefix="/polls")


@polls.get("/<int:poll_id>")
def get_poll(poll_id: int) -> Response:
    return jsonify(_poll(poll_id))


@polls.put("/<int:poll_id>/ballot")
def put_ballot(poll_id: int) -> tuple[Response, int]:
    account, fields = require_account(), read_body(BALLOT)
    key = request.headers.get("Idempotency-Key")
    vote = Vote(tuple(fields["choices"]), None if key is None else parse_key(key))
    document, first = cast(services(), poll_id, account, vote)
    return jsonify(document), 201 if first else 200


@polls.get("/<int:poll_id>/ballot")
def get_ballot(poll_id: int) -> Response:
    account, poll = require_account(), _poll(poll_id)
    ballot = find_ballot(services().store, poll, account)
    if ballot is None:
        raise NotFound
    document: dict[str, Any] = {"poll": poll_id, "voted": True}
    if poll.secrecy == "named":
        document |= {"choices": ballot.choices, "receipt": ballot.receipt}
    return jsonify(document)


@polls.get("/<int:poll_id>/results")
def get_results(poll_id: int) -> Response:
    parts = services()
    answer = parts.results.results(poll_id, parts.clock()).answer("private, no-cache")
    answer.vary.add("Authorization")
    return answer


def cast(
    parts: Services, poll_id: int, account: Account, vote: Vote
) -> tuple[dict[str, Any], bool]:
    """Cast a ballot, however it came; return its answer, and whether it is the voter's first."""
    fresh = Fresh(parts.clock(), secrets.randbits(53), secrets.token_hex(16))
    done = cast_ballot(parts.store, poll_id, account, vote, fresh)
    return {
        "receipt": done.receipt,
        "poll": poll_id,
        "changed": done.changed,
        "server_time": parts.clock(),
    }, done.first


def parse_key(text: str, field: str = "idempotency_key") -> str:
    """Return an idempotency key in one form. Raises `Invalid` for what is no UUID."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid(Fault(field, "format", "uuid")) from error


def _poll(poll_id: int) -> Poll:
    poll = services().store.poll(poll_id)
    if poll is None or poll.state == "draft":
        raise NotFound
    return poll
