"""The public record of a closed poll: all that is needed to count it again, and nothing more.

Its digest is computed in `voting/leaves.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from voting.chain import Head
from voting.methods import Answer, Marks, Method, Outcome, Rule, Threshold
from voting.ranked import Round
from voting.verdicts import QuorumRule, Verdict

if TYPE_CHECKING:
    from voting.model.polls import Poll

RECORD_VERSION: Literal[2] = 2


class Question(TypedDict):
    """What was asked."""

    title: str
    description: str


class RecordRules(TypedDict):
    """By what a poll was held and counted."""

    eligibility: str
    secrecy: str
    require_presence: bool
    allow_change: bool
    seats: int
    max_choices: int | None
    score_max: int
    threshold: Threshold | None
    rule: Rule | None
    quorum_rule: QuorumRule


class RecordCandidate(TypedDict):
    """Something that could be voted for; `answer` is what it says to a motion."""

    id: int
    name: str
    description: str
    answer: Answer | None


class RecordAdmission(TypedDict):
    """A member whom a host admitted to an open poll."""

    row: int
    weight: int
    at: str


class RecordElectorate(TypedDict):
    """Who could vote: for `roll` polls a digest of the members at the opening, and how many."""

    digest: str | None
    size: int | None
    admissions: list[RecordAdmission]


class RecordBases(TypedDict):
    """How many people shares are taken of; `required` is what the quorum asked for."""

    present_at_open: int | None
    present_at_close: int | None
    present: int | None
    eligible: int | None
    required: int | None


class MarksDocument(TypedDict, total=False):
    """Marks: `scores` in a score poll, else `choices`."""

    choices: list[int]
    scores: dict[str, int]


class NamedMarks(MarksDocument, total=False):
    """Marks, with the SHA-256 of a salt and the voter's name in a named poll."""

    name_hash: str | None


class RecordBallot(NamedMarks):
    """One ballot, by its receipt."""

    receipt: str


class RoundDocument(TypedDict):
    """A round of a run-off: votes by candidate, who leaves, who are level."""

    votes: dict[str, int]
    exhausted: int
    eliminated: list[int]
    tied: list[int]


class OutcomeDocument(TypedDict):
    """What a count gives, by a rule."""

    ballots: int
    blank: int
    votes: dict[str, int]
    passed: dict[str, bool]
    winners: list[int]
    tied: list[int]
    rounds: list[RoundDocument] | None


class ResultDocument(OutcomeDocument):
    """What a poll came to: its count, and the verdict."""

    verdict: Verdict


class KnownRules(TypedDict):
    """What was asked, and by which rules: all of it is known and frozen at the opening."""

    room: str
    meeting: int | None
    poll: int
    question: Question
    method: Method
    rules: RecordRules
    candidates: list[RecordCandidate]


class RulesLeaf(KnownRules):
    """The first leaf; `log` is the head of the room's log before the close was entered there."""

    record_version: Literal[2]
    log: Head


class RecordHead(RulesLeaf):
    """The leaves before the ballots."""

    electorate: RecordElectorate
    bases: RecordBases


class Record(RecordHead):
    """All that is needed to count a closed poll again; `names` and their `salts` by receipt.

    `salt` keeps the result's leaf from being guessed by its hash while results are hidden.
    """

    ballots: list[RecordBallot]
    result: ResultDocument
    salt: str
    digest: str
    names: dict[str, str] | None
    salts: dict[str, str] | None


class Recorded(TypedDict):
    """What a close keeps for the record, beside the poll and its result."""

    version: Literal[2]
    log: Head
    electorate: RecordElectorate
    bases: RecordBases
    salt: str


def record_head(poll: Poll, recorded: Recorded) -> RecordHead:
    """Return what stands before the ballots in a closed poll's record."""
    return {
        "record_version": RECORD_VERSION,
        **rules_known(poll),
        "log": recorded["log"],
        "electorate": recorded["electorate"],
        "bases": recorded["bases"],
    }


def rules_known(poll: Poll) -> KnownRules:
    """Return what was asked and by which rules; the room's log has a digest of it."""
    return {
        "room": poll.room,
        "meeting": poll.meeting,
        "poll": poll.id,
        "question": {"title": poll.title, "description": poll.description},
        "method": poll.method,
        "rules": {
            "eligibility": poll.eligibility,
            "secrecy": poll.secrecy,
            "require_presence": poll.require_presence,
            "allow_change": poll.allow_change,
            "seats": poll.seats,
            "max_choices": poll.max_choices,
            "score_max": poll.score_max,
            "threshold": poll.threshold,
            "rule": poll.rule,
            "quorum_rule": poll.quorum_rule,
        },
        "candidates": [
            {
                "id": each.id,
                "name": each.name,
                "description": each.description,
                "answer": each.answer,
            }
            for each in poll.candidates
        ],
    }


def ballot_document(method: Method, receipt: str, marks: Marks) -> RecordBallot:
    """Return a ballot as it stands in a record; of a named one the hash is added."""
    marked = marks_document(method, marks)
    if "scores" in marked:
        return {"receipt": receipt, "scores": marked["scores"]}
    return {"receipt": receipt, "choices": marked["choices"]}


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


def result_document(outcome: Outcome, verdict: Verdict) -> ResultDocument:
    """Return a poll's result in JSON's types."""
    return {**outcome_document(outcome), "verdict": verdict}


def outcome_document(outcome: Outcome) -> OutcomeDocument:
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
