"""Ballots: what clients may send, and the marks that are read from it."""

from typing import Annotated

import msgspec

from schemas.validation import Schema, parse_json
from voting.methods import Marks
from voting.record import read_marks

CHOICES = 200
SCORE = 100
LARGEST_ID = 10**18 - 1
ID = {"type": "integer", "min": 1, "max": LARGEST_ID}
"""The rules of an id. Many larger integers share one hash in Python, so looking them up is slow."""


BALLOT = Schema(
    {
        "choices": {"type": "list", "maxlength": CHOICES, "schema": ID},
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
    """The rules of `BALLOT` for choices only. msgspec decodes and checks them in one step."""

    choices: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)], ...],
        msgspec.Meta(max_length=CHOICES),
    ]


_read_choices = msgspec.json.Decoder(_Choices).decode


def read_ballot(raw: bytes) -> Marks:
    """Return the marks in a ballot's JSON. Raises `Invalid` with every fault.

    Nearly all ballots are valid choices. msgspec reads those in a quarter of the schema's time. It
    is used only if the JSON has one colon, so one key, and one bracket, so no nesting.
    """
    if raw.count(b":") == raw.count(b"[") == 1:
        try:
            return _read_choices(raw).choices
        except ValueError:
            pass  # the schema names what is wrong
    return read_marks(BALLOT.parse(parse_json(raw)))
