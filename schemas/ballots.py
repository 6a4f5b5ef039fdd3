"""Ballots: what a voter marks, and what is kept of it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgspec

from schemas.validation import Schema, parse_json

CHOICES = 200
SCORE = 100
LARGEST_ID = 10**18 - 1
ID = {"type": "integer", "min": 1, "max": LARGEST_ID}
"""Rules of an id. Python gives many larger integers one hash, and looks such up slowly."""

Marks: TypeAlias = tuple[int, ...] | Mapping[int, int]
"""Candidates' ids, best first where ranked, or points by candidate; empty is a blank ballot."""

BALLOT = Schema(
    {
        "choices": {
            "type": "list",
            "maxlength": CHOICES,
            "schema": ID,
        },
        "scores": {
            "type": "dict",
            "maxlength": CHOICES,
            "keysrules": {"type": "string", "regex": r"[1-9][0-9]{0,18}\Z"},
            "valuesrules": {"type": "integer", "min": 0, "max": SCORE},
        },
    },
    exactly_one=("choices", "scores"),
)


class Ballot(NamedTuple):
    """One voter's ballot in one poll. A tuple, because a frozen dataclass takes three times as long
    to make, and a hall makes thousands a second.

    `id` is random, so that it tells no order; `voter` is the pseudonym under the poll's key,
    unique in the store, and None in a secret poll that has ended; `person` is None in a secret
    poll. `key` is the idempotency key that it came with, `superseded` those of the ballots that
    it replaced.
    """

    id: int
    poll: int
    voter: str | None
    receipt: str
    marks: Marks
    person: str | None = None
    key: str | None = None
    superseded: tuple[str, ...] = ()


class _Choices(msgspec.Struct, forbid_unknown_fields=True):
    """The rules of `BALLOT` for choices alone: msgspec decodes and checks them in one step."""

    choices: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)], ...],
        msgspec.Meta(max_length=CHOICES),
    ]


_read_choices = msgspec.json.Decoder(_Choices).decode


def read_ballot(raw: bytes) -> Marks:
    """Return the marks of a ballot's JSON. Raises `Invalid` naming every fault.

    Valid choices, which nearly all ballots are, take a quarter of the schema's time. One colon
    means one key, given once; one bracket means that nothing is nested.
    """
    if raw.count(b":") == raw.count(b"[") == 1:
        with suppress(ValueError):
            return _read_choices(raw).choices
    return read_marks(BALLOT.parse(parse_json(raw)))


def read_marks(fields: Mapping[str, Any]) -> Marks:
    """Return the marks of a parsed ballot."""
    if "choices" in fields:
        return tuple(fields["choices"])
    return {int(candidate): points for candidate, points in fields["scores"].items()}
