"""The public record of a closed poll: all that is needed to count it again, and nothing more.

It holds integers, strings, booleans, nulls and containers alone, so that its canonical form is
simple. Names stand outside the digest: deleting one doesn't change it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from voting.methods import Marks, Outcome, Turnout

if TYPE_CHECKING:
    from voting.model.polls import Poll

SAFE_INTEGER = 2**53 - 1


def record_document(
    poll: Poll,
    ballots: Iterable[tuple[str, Marks]],
    outcome: Outcome,
    turnout: Turnout,
    names: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Return the record; ballots are (receipt, marks), `names` by receipt, None in a secret poll.

    The same poll and ballots give the same record, in whatever order the ballots come.
    """
    record: dict[str, Any] = {
        **record_frame(poll, turnout),
        "ballots": [
            ballot_document(poll.method, receipt, marks)
            for receipt, marks in sorted(ballots, key=lambda ballot: ballot[0])
        ],
        "result": result_document(outcome),
    }
    return {**record, "digest": digest(record), "names": None if names is None else dict(names)}


def record_frame(poll: Poll, turnout: Turnout) -> dict[str, Any]:
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
            **asdict(turnout),
        },
        "candidates": [
            {"id": each.id, "name": each.name, "description": each.description}
            for each in poll.candidates
        ],
    }


def ballot_document(method: str, receipt: str, marks: Marks) -> dict[str, Any]:
    """Return a ballot as it stands in a record."""
    return {"receipt": receipt, **marks_document(method, marks)}


def marks_document(method: str, marks: Marks) -> dict[str, Any]:
    """Return marks as a ballot's document has them: `scores` in a score poll, else `choices`."""
    if method != "score":
        return {"choices": list(marks)}
    scores = marks if isinstance(marks, Mapping) else {}
    return {"scores": {str(each): points for each, points in scores.items()}}


def read_marks(document: Mapping[str, Any]) -> Marks:
    """Return the marks of a ballot's document: what `marks_document` was made of."""
    if "scores" in document:
        return {int(each): int(points) for each, points in document["scores"].items()}
    return tuple(int(each) for each in document["choices"])


def result_document(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome in JSON's types: candidates become strings where they are keys."""
    document: dict[str, Any] = json.loads(json.dumps(asdict(outcome)))
    return document


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
