"""What a poll came to, over HTTP: its results, by another rule too, and its record."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from api.documents.answers import Record, Recount, Results
from api.documents.operations import Parameter, answers
from api.requests import asking_holder, with_etag
from api.services import services
from api.tables import csv_answer
from schemas.polls import Poll
from schemas.refusals import ResultsHidden
from schemas.validation import Fault, Invalid
from voting.ending import public_record, recount
from voting.people import Standing, enter_poll
from voting.tallies import results_hidden

outcomes = Blueprint("outcomes", __name__, url_prefix="/polls/<int:poll_id>")

RULE = Parameter("rule", {"const": "schulze"}, "By which other rule to count a closed ranked poll.")


@outcomes.get("/results")
@answers(
    (Results, Recount), to="see", takes=(RULE,), refuses="invalid_request results_hidden", etag=True
)
def get_results(poll_id: int) -> Response:
    """Tell the results as they may be seen, or count a closed ranked poll by another rule."""
    parts = services()
    poll, _, standing = enter_poll(parts.store, poll_id, asking_holder())
    rule = request.args.get("rule")
    if rule is not None:
        return jsonify(_recounted(poll, rule))
    page = parts.results.results(poll_id, parts.clock(), host=standing.host)
    answer = page.answer("private, no-cache")
    answer.vary.add("Authorization")
    return answer


@outcomes.get("/results.csv")
@answers("text/csv", to="see", refuses="results_hidden")
def get_results_csv(poll_id: int) -> Response:
    """Tell the tally as a table."""
    _, standing = _shown(poll_id)
    document = services().results.document(poll_id, services().clock(), host=standing.host)
    rows = [
        (row["candidate"], row["name"], row["votes"], row["share"]) for row in document["tally"]
    ]
    return csv_answer(("candidate", "name", "votes", "share"), rows)


@outcomes.get("/record")
@answers(Record, to="see", refuses="results_hidden", etag=True)
def get_record(poll_id: int) -> Response:
    """Tell all that is needed to count a closed poll again."""
    poll, standing = _shown(poll_id)
    if poll.state != "closed":
        raise ResultsHidden
    record = public_record(services().store, poll_id)
    if not standing.member:
        record["names"] = None
    return with_etag(jsonify(record))


def _shown(poll_id: int) -> tuple[Poll, Standing]:
    """Return a poll as it is on the disk, if its tally may be told: a close in memory may not."""
    _, _, standing = enter_poll(services().store, poll_id, asking_holder())
    tally = services().tallies.of(poll_id)
    if tally is None or results_hidden(tally.poll, host=standing.host):
        raise ResultsHidden
    return tally.poll, standing


def _recounted(poll: Poll, rule: str) -> dict[str, Any]:
    if poll.method != "ranked" or rule != "schulze":
        raise Invalid(Fault("rule", "not_allowed"))
    if _shown(poll.id)[0].state != "closed":
        raise ResultsHidden
    return {"poll": poll.id, "rule": rule, **recount(services().store, poll, rule)}
