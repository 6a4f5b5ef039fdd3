"""Ballots: what a voter marks, and what is kept of it."""

from contextlib import suppress
from typing import Annotated

import msgspec

from schemas.validation import Schema, parse_json
from voting.methods import Marks
from voting.record import read_marks

CHOICES = 200
SCORE = 100
LARGEST_ID = 10**18 - 1
ID = {"type": "integer", "min": 1, "max": LARGEST_ID}
"""Rules of an id. Python gives many larger integers one hash, and looks such up slowly."""


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
