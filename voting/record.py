"""The public record of a closed poll: all that is needed to count it again, and nothing more.

It holds integers, strings, booleans, nulls and containers alone, so that its canonical form is
simple. Names stand outside the digest: deleting one doesn't change it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict

from voting.methods import Marks, Method, Outcome, Threshold, Turnout
from voting.ranked import Round

if TYPE_CHECKING:
    from voting.model.polls import Poll

SAFE_INTEGER = 2**53 - 1


class Question(TypedDict):
    """What was asked."""

    title: str
    description: str


class RecordRules(TypedDict):
    """By what a poll was counted."""

    seats: int
    max_choices: int | None
    score_max: int
    threshold: Threshold | None
    present: int | None
    eligible: int | None


class RecordCandidate(TypedDict):
    """Something that could be voted for."""

    id: int
    name: str
    description: str


class RecordFrame(TypedDict):
    """What stands before the ballots in a record."""

    poll: int
    question: Question
    method: Method
    rules: RecordRules
    candidates: list[RecordCandidate]


class MarksDocument(TypedDict, total=False):
    """Marks: `scores` in a score poll, else `choices`."""

    choices: list[int]
    scores: dict[str, int]


class RecordBallot(MarksDocument):
    """One ballot, by its receipt."""

    receipt: str


class RoundDocument(TypedDict):
    """A round of a run-off: votes by candidate, who leaves, who are level."""

    votes: dict[str, int]
    exhausted: int
    eliminated: list[int]
    tied: list[int]


class OutcomeDocument(TypedDict):
    """What a count gives."""

    ballots: int
    blank: int
    votes: dict[str, int]
    passed: dict[str, bool]
    winners: list[int]
    tied: list[int]
    rounds: list[RoundDocument] | None


class Record(RecordFrame):
    """All that is needed to count a closed poll again; `names` by receipt."""

    ballots: list[RecordBallot]
    result: OutcomeDocument
    digest: str
    names: dict[str, str] | None


def record_document(
    poll: Poll,
    ballots: Iterable[tuple[str, Marks]],
    outcome: Outcome,
    turnout: Turnout,
    names: Mapping[str, str] | None,
) -> Record:
    """Return the record; ballots are (receipt, marks), `names` by receipt, None in a secret poll.

    The same poll and ballots give the same record, in whatever order the ballots come.
    """
    record: Record = {
        **record_frame(poll, turnout),
        "ballots": [
            ballot_document(poll.method, receipt, marks)
            for receipt, marks in sorted(ballots, key=lambda ballot: ballot[0])
        ],
        "result": result_document(outcome),
        "digest": "",
        "names": None if names is None else dict(names),
    }
    return {**record, "digest": digest(record)}


def record_frame(poll: Poll, turnout: Turnout) -> RecordFrame:
    """Return what stands before the ballots in a record: the question and the rules."""
    return {
        "poll": poll.id,
        "question": {"title": poll.title, "description": poll.description},
        "method": poll.method,
        "rules": {
            "seats": poll.seats,
            "max_choices": poll.max_choices,
            "score_max": poll.score_max,
            "threshold": poll.threshold,
            "present": turnout.present,
            "eligible": turnout.eligible,
        },
        "candidates": [
            {"id": each.id, "name": each.name, "description": each.description}
            for each in poll.candidates
        ],
    }


def ballot_document(method: Method, receipt: str, marks: Marks) -> RecordBallot:
    """Return a ballot as it stands in a record."""
    return {"receipt": receipt, **marks_document(method, marks)}


def marks_document(method: Method, marks: Marks) -> MarksDocument:
    """Return marks as a ballot's document has them: `scores` in a score poll, else `choices`."""
    if method != "score":
        return {"choices": list(marks)}
    scores = marks if isinstance(marks, Mapping) else {}
    return {"scores": {str(each): points for each, points in scores.items()}}


def read_marks(document: Mapping[str, Any]) -> Marks:
    """Return the marks of a ballot's document: what `marks_document` was made of."""
    if "scores" in document:
        return {int(each): int(points) for each, points in document["scores"].items()}
    return tuple(map(int, document["choices"]))


def result_document(outcome: Outcome) -> OutcomeDocument:
    """Return an outcome in JSON's types: candidates become strings where they are keys."""
    return {
        "ballots": outcome.ballots,
        "blank": outcome.blank,
        "votes": {str(each): votes for each, votes in outcome.votes.items()},
        "passed": {str(each): passed for each, passed in outcome.passed.items()},
        "winners": list(outcome.winners),
        "tied": list(outcome.tied),
        "rounds": None if outcome.rounds is None else list(map(_round_document, outcome.rounds)),
    }


def _round_document(each: Round) -> RoundDocument:
    return {
        "votes": {str(candidate): votes for candidate, votes in each.votes.items()},
        "exhausted": each.exhausted,
        "eliminated": list(each.eliminated),
        "tied": list(each.tied),
    }


def digest(record: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of a record without its `digest` and `names`."""
    held = {key: value for key, value in record.items() if key not in ("digest", "names")}
    return sha256(canonical(held)).hexdigest()


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value without floats (RFC 8785).

    Raises `ValueError` for floats, integers beyond 2**53 - 1 and lone surrogates, whose form
    differs between readers of JSON, and for what is no JSON.
    """
    ordered = _order(value)
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def _order(value: Any) -> Any:
    """Return a value with its keys in the order of their UTF-16 code units (RFC 8785, 3.2.3)."""
    match value:
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a key is no string")
            keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return {key: _order(value[key]) for key in keys}
        case list() | tuple():
            return [_order(item) for item in value]
        case None | bool() | str():
            return value
        case int() if abs(value) <= SAFE_INTEGER:
            return value
    raise ValueError(f"{value!r} has no canonical form here")
