"""Electorates over HTTP: who has a vote in a poll for the roll, and admitting somebody later."""

from typing import TypedDict

from flask import Blueprint, Response, jsonify

from api.operations import ROOM_CODE, answers
from api.requests import asker, check_match, read_body, with_etag
from api.routes.entering import find_poll_to_see
from api.routes.polls import find_to_change
from api.services import services
from api.slices import Rests
from schemas.polls import ADMISSION
from voting.electorate import (
    AdmissionDocument,
    admission_document,
    admit_row,
    electorate_of,
    find_member,
    members_of,
)
from voting.model.polls import Poll
from voting.people import find_poll
from voting.refusals import Forbidden, NotFound
from voting.rest import rested
from voting.store import Store

electorates = Blueprint("electorates", __name__, url_prefix="/polls/<int:poll_id>/electorate")


class ElectorateDocument(TypedDict):
    """Who has a vote in a poll: `members` are rows of the roll with their weights, those at the
    opening first. `digest` and `size` are of the opening. `names` are by row, null for those who
    are neither on the roll nor host.
    """

    poll: int
    digest: str
    size: int
    eligible: int
    admissions: list[AdmissionDocument]
    members: list[list[int]]
    names: dict[str, str] | None


@electorates.get("")
@answers(ElectorateDocument, to="member", takes=(ROOM_CODE,))
def get_electorate(poll_id: int) -> Response:
    """Return who has a vote in an opened poll for the roll."""
    store, (poll, standing) = services().store, find_poll_to_see(poll_id)
    if not standing.member:
        raise Forbidden
    digest, size, admissions = electorate_of(store, poll)
    if digest is None or size is None:
        raise NotFound
    named = standing.host or standing.row is not None  # a guest may not see a whole roll
    with services().long_reads.turn_of(asker()):
        members = [list(each) for each in members_of(store, poll)]
        document: ElectorateDocument = {
            "poll": poll.id,
            "digest": digest,
            "size": size,
            "eligible": size + len(admissions),
            "admissions": [admission_document(each) for each in admissions],
            "members": members,
            "names": _names(store, members) if named else None,
        }
        return jsonify(document)


@electorates.post("")
@answers({201: Poll, 200: Poll}, to="host", asks=ADMISSION, refuses="wrong_state", etag=True)
def post_electorate(poll_id: int) -> tuple[Response, int]:
    """Admit a row that came to the roll after the opening (201); 200 if it has a vote already."""
    parts, poll = services(), find_to_change(poll_id)
    row = read_body(ADMISSION)["row"]
    check_match(poll)
    new = admit_row(parts.store, poll_id, row, parts.clock(), asker())
    return with_etag(find_poll(parts.store, poll_id)), 201 if new else 200


def _names(store: Store, members: list[list[int]]) -> dict[str, str]:
    names = {}
    for row_id, _ in rested(members, Rests()):
        row = find_member(store, row_id)
        names[str(row_id)] = "" if row is None else row.name
    return names
