"""What clients send about polls and their candidates."""

from typing import Any, get_args

from schemas.accounts import LINE, NAME_LENGTH
from schemas.ballots import CHOICES, ID, SCORE
from schemas.pictures import PICTURE_KEY
from schemas.strings import read_text
from schemas.validation import Schema, read_time
from voting.methods import Method, Rule

_TITLE = {**LINE, "maxlength": 200}
_DESCRIPTION = {"type": "string", "coerce": read_text, "maxlength": 2000}
_TIME = {"type": "datetime", "coerce": read_time, "nullable": True}
_CANDIDATE = {
    "type": "dict",
    "schema": {
        "name": {**_TITLE, "required": True, "maxlength": NAME_LENGTH},
        "description": _DESCRIPTION,
        "picture": PICTURE_KEY,
    },
}
_THRESHOLD = {
    "type": "dict",
    "nullable": True,
    "schema": {
        "num": {"type": "integer", "required": True, "min": 0, "max": 10_000},
        "den": {"type": "integer", "required": True, "min": 1, "max": 10_000},
        "of": {
            "type": "string",
            "required": True,
            "allowed": ["valid", "cast", "present", "eligible"],
        },
        "rule": {"type": "string", "required": True, "allowed": ["more_than", "at_least"]},
    },
}
_RULES: dict[str, Any] = {
    "title": _TITLE,
    "description": _DESCRIPTION,
    "method": {"type": "string", "allowed": list(get_args(Method))},
    "seats": {"type": "integer", "min": 1, "max": CHOICES},
    "max_choices": {"type": "integer", "nullable": True, "min": 1, "max": CHOICES},
    "score_max": {"type": "integer", "min": 1, "max": SCORE},
    "candidates": {"type": "list", "minlength": 1, "maxlength": CHOICES, "schema": _CANDIDATE},
    "eligibility": {"type": "string", "allowed": ["roll", "accounts", "anyone"]},
    "require_presence": {"type": "boolean"},
    "secrecy": {"type": "string", "allowed": ["named", "secret"]},
    "results": {"type": "string", "allowed": ["live", "closed", "host"]},
    "allow_change": {"type": "boolean"},
    "threshold": _THRESHOLD,
    "rule": {"type": "string", "nullable": True, "allowed": list(get_args(Rule))},
    "opens_at": _TIME,
    "closes_at": _TIME,
}

_MOTION = {"required": ["method"], "properties": {"method": {"const": "motion"}}}
POLL = Schema(
    {**_RULES, "title": {**_TITLE, "required": True}},
    meta={  # `voting.motions.complete_rules` says it to clients
        "if": _MOTION,
        "then": {"not": {"required": ["candidates"]}},
        "else": {"required": ["candidates"]},
    },
)
POLL_COPY = Schema(
    {
        "copy_of": {**ID, "required": True},
        "candidates": {"type": "list", "minlength": 1, "maxlength": CHOICES, "schema": ID},
    }
)
POLL_CHANGE = Schema(_RULES)
MOVE = Schema({"before": {**ID, "required": True, "nullable": True}})
VOID = Schema({"reason": {**_TITLE, "required": True, "maxlength": 500}})
ADMISSION = Schema({"row": {**ID, "required": True}})
