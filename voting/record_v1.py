"""Records of version 1, of polls that were closed before records were trees.

They keep the form and the digest that they had. Nothing new is recorded so.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict

from voting.canonical import canonical
from voting.methods import Method, Threshold, Turnout
from voting.record import OutcomeDocument, Question, RecordBallot

if TYPE_CHECKING:
    from voting.model.polls import Poll


class RulesV1(TypedDict):
    """By what a poll was counted, and how many people were there."""

    seats: int
    max_choices: int | None
    score_max: int
    threshold: Threshold | None
    present: int | None
    eligible: int | None


class CandidateV1(TypedDict):
    """Something that could be voted for."""

    id: int
    name: str
    description: str


class RecordHeadV1(TypedDict):
    """What stands before the ballots in a record of version 1."""

    poll: int
    question: Question
    method: Method
    rules: RulesV1
    candidates: list[CandidateV1]


class RecordV1(RecordHeadV1):
    """A record of version 1, without a `record_version`; `names` are those that people have now."""

    ballots: list[RecordBallot]
    result: OutcomeDocument
    digest: str
    names: dict[str, str] | None


def head_v1(poll: Poll, turnout: Turnout) -> RecordHeadV1:
    """Return what stands before the ballots in a record of version 1."""
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


def digest_v1(record: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of a record without its `digest` and `names`."""
    held = {key: value for key, value in record.items() if key not in ("digest", "names")}
    return sha256(canonical(held)).hexdigest()
