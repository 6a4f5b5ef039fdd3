"""A poll's results over HTTP, also by another rule, and its record."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, get_args

from flask import Blueprint, Response, jsonify, request

from api.limits import asking_network
from api.operations import ROOM, ROOM_CODE, Parameter, answers
from api.plain import CACHE, JSON, VARY, PlainResponse, as_flask, conditional
from api.proofs import Proof
from api.records import Recount
from api.requests import asker, holder_of, known_rooms, present_environ
from api.routes.entering import find_poll_to_see
from api.services import Services, services
from api.tables import CSV, XLSX, csv_bytes, xlsx_bytes
from voting.faults import Fault, Invalid
from voting.methods import Rule
from voting.model.polls import Poll, Quorum
from voting.people import Standing, enter_poll
from voting.record import Record
from voting.record_v1 import RecordV1
from voting.refusals import NotFound, ResultsHidden, WrongState
from voting.tallies import Results, ResultsFrame, results_hidden

outcomes = Blueprint("outcomes", __name__, url_prefix="/polls/<int:poll_id>")

RULES: tuple[Rule, ...] = get_args(Rule)
ROW: Final = ("candidate", "name", "votes", "share", "answer", "passed")
TABLE = (*ROW, "verdict", "quorum_required", "quorum_met")
RULE = Parameter("rule", {"enum": [*RULES]}, "By which rule to count a closed ranked poll again.")
RECEIPT_FORM = re.compile("[0-9a-f]{32}")
RECEIPT = Parameter(
    "receipt",
    {"type": "string", "pattern": f"^{RECEIPT_FORM.pattern}$"},
    "The receipt of the ballot.",
    required=True,
)


@outcomes.get("/results")
@answers(
    (Results, Recount),
    to="see",
    takes=(RULE, ROOM_CODE),
    refuses="invalid_request results_hidden wrong_state",
    etag=True,
)
def get_results(poll_id: int) -> Response:
    """Return the results that the sender may see, or count a closed ranked poll by another rule."""
    parts, rule = services(), request.args.get("rule")
    poll, standing = find_poll_to_see(poll_id)
    if rule is not None:
        return _recounted(poll, rule)
    if poll.state == "closed":
        _take_turn(standing)
    return as_flask(results_response(parts, present_environ(), poll_id, standing))


@outcomes.get("/results.csv")
@answers(CSV, to="see", takes=(ROOM_CODE,), refuses="results_hidden", etag=True)
def get_results_csv(poll_id: int) -> Response:
    """Return the tally as CSV."""
    return _table(poll_id, CSV, csv_bytes)


@outcomes.get("/results.xlsx")
@answers(XLSX, to="see", takes=(ROOM_CODE,), refuses="results_hidden", etag=True)
def get_results_xlsx(poll_id: int) -> Response:
    """Return the tally as a spreadsheet."""
    return _table(poll_id, XLSX, xlsx_bytes)


@outcomes.get("/record")
@answers((Record, RecordV1), to="see", takes=(ROOM, ROOM_CODE), refuses="results_hidden", etag=True)
def get_record(poll_id: int) -> Response:
    """Return the record of a closed poll: everything that is needed to count it again."""
    (poll, standing), records = _closed(poll_id), services().records
    named = standing.member and poll.secrecy == "named"
    names, names_hash = records.names(poll, asker(), named=named)
    etag = records.etag(poll, "record", names_hash)
    response = _private(etag, lambda: records.record(poll, asker()))
    if response.status_code == HTTPStatus.OK:  # all readers are sent the same bytes, without a copy
        pieces = response.response = [*response.iter_encoded(), names]
        response.content_length = sum(map(len, pieces))
    return response


@outcomes.get("/proof")
@answers(
    Proof, to="see", takes=(RECEIPT, ROOM_CODE), refuses="invalid_request wrong_state no_proof"
)
def get_proof(poll_id: int) -> Response:
    """Prove that a closed poll's record has the ballot with a receipt, also while it is hidden."""
    # whoever may see the poll may ask: only its voter knows a receipt
    _, standing = find_poll_to_see(poll_id)
    receipt = request.args.get("receipt")
    if receipt is None:
        raise Invalid(Fault("receipt", "required"))
    if not RECEIPT_FORM.fullmatch(receipt):
        raise Invalid(Fault("receipt", "format"))
    tally = services().tallies.of(poll_id)
    if tally is None:
        raise NotFound
    if tally.poll.state != "closed":  # as it is on the disk: a close in memory proves nothing
        raise WrongState(state=tally.poll.state)
    _take_turn(standing)
    return jsonify(services().records.prove(tally.poll, receipt, asker()))


def show_results(parts: Services, environ: dict[str, Any], poll_id: int) -> PlainResponse:
    """Return the results of a poll that isn't closed. Raises `NotFound`, or as `session_of`."""
    holder = holder_of(parts, environ)
    standing = enter_poll(parts.store, poll_id, holder, known_rooms(environ))[2]
    return results_response(parts, environ, poll_id, standing)


def results_response(
    parts: Services, environ: dict[str, Any], poll_id: int, standing: Standing
) -> PlainResponse:
    """Return a poll's results as they may be seen by somebody. Raises `NotFound`."""
    page = parts.results.results(poll_id, parts.clock(), host=standing.host)
    return page.response(environ, CACHE, VARY)


def _recounted(poll: Poll, rule: str) -> Response:
    wanted = next((each for each in RULES if each == rule), None)
    if wanted is None:
        raise Invalid(Fault("rule", "not_allowed", [*RULES]))
    if poll.method != "ranked":
        raise WrongState(state=poll.state)
    closed, _ = _closed(poll.id)
    records = services().records
    return _private(records.etag(closed, wanted), lambda: records.recount(closed, wanted, asker()))


def _closed(poll_id: int) -> tuple[Poll, Standing]:
    poll, standing = _shown(poll_id)
    if poll.state != "closed":
        raise ResultsHidden
    return poll, standing


def _shown(poll_id: int) -> tuple[Poll, Standing]:
    """Return a poll as it is on the disk, if its tally may be shown."""
    _, standing = find_poll_to_see(poll_id)
    tally = services().tallies.of(poll_id)
    if tally is None or results_hidden(tally.poll, host=standing.host):
        raise ResultsHidden
    _take_turn(standing)
    return tally.poll, standing


def _take_turn(standing: Standing) -> None:
    """Wait, if the sender reads outcomes often. Raises `RateLimited`."""
    turns = services().reading
    if standing.person is None:
        turns.strangers.wait(asking_network())
    else:
        turns.people.wait(standing.person)


def _private(etag: str, make: Callable[[], bytes], media_type: str = JSON) -> Response:
    environ = present_environ()
    return as_flask(conditional(environ, etag, make, CACHE, content_type=media_type, vary=VARY))


def _table(
    poll_id: int, media_type: str, make: Callable[[Sequence[str], list[list[Any]]], bytes]
) -> Response:
    def made(results: ResultsFrame) -> bytes:
        quorum = results["quorum"] or Quorum()
        decided = [results["verdict"], quorum.required, _cell(quorum.met)]
        rows = ({**row, "passed": _cell(row["passed"])} for row in results["tally"] or ())
        return make(TABLE, [[*(row[column] for column in ROW), *decided] for row in rows])

    _shown(poll_id)
    page = services().results.table(poll_id, media_type, made)
    return _private(page.etag, lambda: page.body, media_type)


def _cell(known: bool | None) -> str | None:
    """Return a truth as a cell of a table: spreadsheets word booleans in their own language."""
    return None if known is None else "yes" if known else "no"
